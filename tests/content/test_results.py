"""The results of the packages in their rarer shapes: every branch of a letter prints, and says what it must."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.content.scenarios import CONTENT, package
from tests.factories.papers import pdfa_problems
from tinhso.lib import forms
from tinhso.lib.typesetting import typeset

FOLDERS = {folder.name: folder for folder in (CONTENT / "procedures").glob("*/*") if folder.is_dir()}
PLACE = {"province_code": "51", "commune_code": "21025", "detail": "Số 1 đường Mẫu", "as_of": "2026-11-22"}


class Places:
    """One ward."""

    def provinces(self, as_of: object) -> list[tuple[str, str]]:
        return [("51", "Tỉnh Quảng Ngãi")]

    def communes(self, as_of: object) -> list[tuple[str, str, str]]:
        return [("21025", "Phường Cẩm Thành", "51")]


def words_of(code: str, tmp_path: Path, *, without: tuple[str, ...] = (), **changes: Any) -> str:
    """The text of a result whose sample answers are changed; answers of a draft go under `fields`."""
    folder = FOLDERS[code]
    data = json.loads((folder / "letters" / "sample.json").read_text())
    data["proposal"] = {"text": "", "fields": changes.pop("fields", {})}
    form = package(folder).form
    computed = {field.key for section in form.sections for field in section.fields if field.computed}
    given = {key: value for key, value in data["answers"].items() if key not in computed and key not in without}
    outcome = forms.validate(form, {**given, **changes}, context={"today": "2026-11-22", "lookup": Places()})
    assert outcome.errors == ()
    summary = forms.summary(form, outcome.answers, context={"lookup": Places()})
    data |= {"answers": outcome.answers, "summary": [{"title": s.title, "rows": s.rows} for s in summary]}
    result = package(folder).result_for("grant")
    assert result is not None
    pdf = typeset(template=f"{package(folder).folder}/{result.template}", data=data, root=CONTENT)
    assert pdfa_problems(pdf) == []
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is absent; apt-get install poppler-utils")
    (tmp_path / "a.pdf").write_bytes(pdf)
    command = ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"]
    return re.sub(r"\s+", " ", subprocess.run(command, capture_output=True, text=True, check=True).stdout)


ALLOWANCE = {"reason": "Thay đổi điều kiện", "change_date": "2026-10-01", "old_decision": "15/QĐ-UBND ngày 12/03/2025"}
CARER = {
    "carer_name": "Trần Thị Mẫu", "carer_personal_id": "051190000019", "carer_relation": "Cô ruột",
    "carer_address": PLACE, "carer_condition": "Có nhà ở ổn định, sức khỏe tốt",
}  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "more", "wanted"),
    [
        ("grant", {}, "Trợ cấp xã hội hàng tháng đối với"),
        ("adjust", ALLOWANCE, "Điều chỉnh mức trợ cấp xã hội hàng tháng đối với"),
        ("stop", ALLOWANCE, "Thôi hưởng trợ cấp xã hội hàng tháng đối với"),
        ("move", {**ALLOWANCE, "new_address": PLACE}, "Nơi cư trú mới: Số 1 đường Mẫu, Phường Cẩm Thành"),
        ("care", CARER, "Trần Thị Mẫu"),
    ],
)
def test_decision_on_allowance(request_: str, more: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    words = words_of("1.001776", tmp_path, request=request_, **more, fields={"amount_vnd": 810000})
    assert wanted in words
    assert "CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG CẨM THÀNH" in words
    assert ("810.000 đồng" in words) == (request_ in {"grant", "adjust", "care"})


@pytest.mark.parametrize(
    ("event", "more", "wanted"),
    [
        ("marriage", {"spouse_name": "Phạm Văn Mẫu", "spouse_birth": "1988"}, ("TRÍCH LỤC KẾT HÔN", "PHẠM VĂN MẪU", "1988")),
        ("death", {"death_date": "2020-07"}, ("TRÍCH LỤC KHAI TỬ", "Đã chết vào ngày", "07/2020")),
        ("guardianship", {"subject_residence": PLACE}, ("TRÍCH LỤC ĐĂNG KÝ GIÁM HỘ", "Phường Cẩm Thành")),
        ("parentage", {}, ("NHẬN CHA, MẸ, CON",)),
        ("change", {}, ("THAY ĐỔI, CẢI CHÍNH",)),
        ("other", {"event_detail": "Chấm dứt giám hộ"}, ("TRÍCH LỤC HỘ TỊCH", "Chấm dứt giám hộ")),
    ],
)  # fmt: skip
def test_extracts_of_every_event(event: str, more: dict[str, Any], wanted: tuple[str, ...], tmp_path: Path) -> None:
    words = words_of("2.000635", tmp_path, without=("father_name", "mother_name"), event=event, **more)
    for text in wanted:
        assert text in words


def test_a_marriage_extract_names_husband_and_wife_by_the_sex_of_the_first(tmp_path: Path) -> None:
    words = words_of(
        "2.000635", tmp_path, without=("father_name", "mother_name"), event="marriage", spouse_name="Phạm Văn Mẫu"
    )
    assert words.index("Họ, chữ đệm, tên vợ: NGUYỄN THỊ VÍ DỤ") < words.index("Họ, chữ đệm, tên chồng: PHẠM VĂN MẪU")


HOUSE_ONLY = (
    "house_grade", "ground_floor_area", "floors", "height", "storeys", "basements", "ground_level", "setback",
    "adjacent_building",
)  # fmt: skip
WORKS = {
    "kind": "works", "owner_kind": "organisation", "organisation_name": "Ban Quản lý dự án Mẫu", "tax_code": "4300000015",
    "representative_title": "Trưởng ban", "works_name": "Đường ống cấp nước Mẫu", "works_class": "Hạ tầng kỹ thuật",
    "works_grade": "IV",
}  # fmt: skip


def test_a_permit_for_a_line_gives_length_and_no_density(tmp_path: Path) -> None:
    words = words_of(
        "1.013225", tmp_path, without=HOUSE_ONLY, **WORKS, works_type="linear", line_length=1250.5, line_depth=1.2
    )
    assert "Tổng chiều dài công trình: 1.250,5 m" in words
    assert "Mật độ xây dựng" not in words
    assert "BAN QUẢN LÝ DỰ ÁN MẪU" in words
    assert "Người đại diện: Nguyễn Thị Ví Dụ, Trưởng ban" in words


def test_a_permit_for_works_computes_what_the_draft_leaves_open(tmp_path: Path) -> None:
    works = {**WORKS, "works_type": "non_linear", "construction_area": 60, "works_floor_area": 90, "works_height": 5}
    words = words_of("1.013225", tmp_path, without=HOUSE_ONLY, **works)
    assert "Mật độ xây dựng: 50 %; hệ số sử dụng đất: 0,75 lần" in words
    words = words_of("1.013225", tmp_path, without=HOUSE_ONLY, **works, fields={"density": "48 %"})
    assert "Mật độ xây dựng: 48 %" in words


def test_a_household_of_one_person_has_no_list_of_members(tmp_path: Path) -> None:
    words = words_of("1.001612", tmp_path, without=("members",), founder="person")
    assert "Thành viên hộ gia đình tham gia thành lập" not in words
    assert "Mã số hộ kinh doanh: 051190000019" in words
    assert "Mã số hộ kinh doanh: 4300000008" in words_of("1.001612", tmp_path, fields={"code": "4300000008"})


def test_a_linked_licence_does_not_cite_a_certificate_it_does_not_know(tmp_path: Path) -> None:
    alone = words_of("1.001029", tmp_path)
    linked = words_of(
        "1.001029", tmp_path, without=("security_number", "security_date", "security_issuer"), linked_group="yes"
    )
    assert "31/GCN" in alone
    assert "an ninh, trật tự: số" not in linked


def test_badges_are_as_many_as_vehicles_and_number_themselves(tmp_path: Path) -> None:
    vehicle = {
        "badge": "taxi", "brand": "Thaco", "country": "Việt Nam", "year": 2024, "seats": 5, "ownership": "owned",
        "valid_until": "2028-01-31",
    }  # fmt: skip
    fleet = [{**vehicle, "plate": f"76A-{number:03}.00"} for number in range(1, 41)]
    words = words_of("2.002288", tmp_path, vehicles=fleet, fields={"valid_until": "2027-12-31"})
    assert "40 phù hiệu" in words
    for number in (1, 40):
        assert words.count(f"318.{number:02}/2026") == 2
    assert "31/01/2028" not in words
    assert words.count("31/12/2027") == 80
