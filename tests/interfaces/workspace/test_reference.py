"""Units on any day, the catalogue's administration, the log."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories.procedures import national_value
from tests.factories.world import officer
from tests.interfaces.workspace.conftest import Office, text_of
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.procedures.queries import get_synonyms, list_versions
from tinhso.kernel.errors import Conflict

pytestmark = pytest.mark.django_db


def test_the_tree_and_a_unit(office: Office) -> None:
    browser = office.browser("unit_admin")
    page = text_of(browser.get("/can-bo/don-vi/"))
    assert office.place.commune.name in page
    page = text_of(browser.get(f"/can-bo/don-vi/{office.place.commune.id}"))
    assert "Hiệu lực" in page
    assert "Chức danh và cán bộ" in page
    assert "Chức danh và cán bộ" not in text_of(browser.get(f"/can-bo/don-vi/{office.place.other_commune.id}"))
    assert browser.get("/can-bo/don-vi/999999").status_code == 404
    assert office.place.commune.name in text_of(browser.get("/can-bo/don-vi/", {"q": "cam thanh"}))


def test_what_a_code_meant_on_a_day(office: Office) -> None:
    browser = office.browser("unit_admin")
    code = office.place.commune.gso_code
    page = text_of(browser.get("/can-bo/don-vi/tai-ngay", {"ma": code, "ngay": "23/11/2026"}))
    assert office.place.commune.name in page
    assert browser.get("/can-bo/don-vi/tai-ngay", {"ma": "00000", "ngay": "23/11/2026"}).status_code == 422
    assert browser.get("/can-bo/don-vi/tai-ngay", {"ma": code, "ngay": "32/13/2026"}).status_code == 422


def test_the_log_is_for_auditors_and_reading_it_is_logged(office: Office) -> None:
    case = office.received()
    browser = office.browser("auditor")
    page = text_of(browser.get("/can-bo/nhat-ky/", {"luong": f"case:{case.pk}"}))
    assert "case.received" in page
    assert case.applicant_personal_id not in page
    assert entries_of(f"disclosure:log:case:{case.pk}")
    assert "Nhật ký nguyên vẹn" in text_of(browser.post("/can-bo/nhat-ky/kiem-tra"))
    for role in ("leader", "unit_admin", "one_stop_officer"):
        assert office.browser(role).get("/can-bo/nhat-ky/").status_code == 403


def test_the_vocabulary_is_edited_as_lines(office: Office) -> None:
    office.place.officers[f"catalogue@{office.place.commune.path}"] = officer("catalogue_admin", office.place.commune)
    browser = office.browser("catalogue")
    wrong = browser.post("/can-bo/danh-muc/tu-ngu", {"entries": "không có mũi tên", "ignore": ""})
    assert wrong.status_code == 422
    assert "Dòng 1" in text_of(wrong)
    sent = {
        "entries": "giấy khai sinh, khai sanh → khai sinh\nlàm lại giấy khai sinh -> 2.000635",
        "ignore": "xin, cho",
    }
    assert browser.post("/can-bo/danh-muc/tu-ngu", sent).status_code == 302
    published = get_synonyms()[1]
    assert published is not None
    assert published.entries[1].codes == ("2.000635",)
    page = text_of(browser.get("/can-bo/danh-muc/tu-ngu"))
    assert "giấy khai sinh, khai sanh → khai sinh" in page


def test_the_catalogue_shows_versions_and_refuses_a_wrong_file(office: Office) -> None:
    office.place.officers[f"catalogue@{office.place.commune.path}"] = officer("catalogue_admin", office.place.commune)
    browser = office.browser("catalogue")
    assert "2.000635" in text_of(browser.get("/can-bo/danh-muc/", {"q": "trich luc"}))
    assert "Phiên bản 1" in text_of(browser.get("/can-bo/danh-muc/thu-tuc/2.000635"))
    assert browser.get("/can-bo/danh-muc/thu-tuc/9.999999").status_code == 404
    file = SimpleUploadedFile("danh-muc.jsonl", b"{not json\n")
    answer = browser.post("/can-bo/danh-muc/nhap", {"file": file, "since": "01/12/2026"})
    assert answer.status_code == 302
    office.drain()
    page = text_of(browser.get(answer["Location"]))
    assert "Tệp danh-muc.jsonl, dòng 1: không phải JSON" in page
    assert "chưa có gì được công bố" in page
    assert text_of(browser.get("/can-bo/danh-muc/")).count("Không đọc được") == 1
    odd = SimpleUploadedFile("danh-muc.xlsx", b"PK")
    assert browser.post("/can-bo/danh-muc/nhap", {"file": odd, "since": "01/12/2026"}).status_code == 422
    strange = SimpleUploadedFile("danh-muc.jsonl", json.dumps({"PROC_CODE": ""}).encode())
    assert browser.post("/can-bo/danh-muc/nhap", {"file": strange, "since": "32/12/2026"}).status_code == 422
    assert office.browser("leader").get("/can-bo/danh-muc/").status_code == 403


def _catalogue_file(*codes: str) -> SimpleUploadedFile:
    lines = [json.dumps(national_value(code), ensure_ascii=False) for code in codes]
    return SimpleUploadedFile("danh-muc.jsonl", "\n".join(lines).encode())


def test_a_catalogue_is_read_and_published_in_the_background(office: Office) -> None:
    office.place.officers[f"catalogue@{office.place.commune.path}"] = officer("catalogue_admin", office.place.commune)
    browser = office.browser("catalogue")
    sent = {"since": "01/12/2026"}
    first = browser.post("/can-bo/danh-muc/nhap", {**sent, "file": _catalogue_file("9.300001", "9.300002")})
    address = first["Location"]
    again = browser.post("/can-bo/danh-muc/nhap", {**sent, "file": _catalogue_file("9.300001", "9.300002")})
    assert again["Location"] == address, "a double click hands one file in"
    page = text_of(browser.get(address))
    assert "Đang đọc tệp" in page
    assert f'hx-get="{address}/tien-do"' in page
    assert "Đã đọc <b>0</b> thủ tục" in text_of(browser.get(f"{address}/tien-do"))
    assert browser.post(f"{address}/duyet").status_code == 409, "nobody approves what is not read yet"

    office.drain()
    assert browser.get(f"{address}/tien-do")["HX-Refresh"] == "true"
    page = text_of(browser.get(address))
    assert "Duyệt khác biệt này" in page
    assert "9.300002" in page
    assert browser.post(f"{address}/duyet").status_code == 302

    for _ in range(2):
        assert browser.post(f"{address}/cong-bo").status_code == 302
    assert "Đang công bố" in text_of(browser.get(address))
    office.drain()
    assert "đã công bố 2 phiên bản" in text_of(browser.get(address))
    types = [entry.type for entry in entries_of("catalogue")]
    assert types.count("catalogue.publication_requested") == types.count("catalogue.published") == 1
    published = next(entry for entry in entries_of("catalogue") if entry.type == "catalogue.published")
    assert published.actor_name == office.actor("catalogue").name, "who asked, not the machine that did it"
    assert [version.number for version in list_versions("9.300001")] == [1]
    assert list((Path(settings.DATA_DIR) / "imports").glob("*")) == []

    same = browser.post("/can-bo/danh-muc/nhap", {**sent, "file": _catalogue_file("9.300001", "9.300002")})
    office.drain()
    assert "Không có gì khác" in text_of(browser.get(same["Location"]))
    assert browser.post(f"{same['Location']}/bo").status_code == 302


def test_a_publication_that_cannot_be_goes_back_to_the_official(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinhso.apps.procedures import actions

    office.place.officers[f"catalogue@{office.place.commune.path}"] = officer("catalogue_admin", office.place.commune)
    browser = office.browser("catalogue")
    address = browser.post("/can-bo/danh-muc/nhap", {"since": "01/12/2026", "file": _catalogue_file("9.300001")})[
        "Location"
    ]
    office.drain()
    browser.post(f"{address}/duyet")

    def refuse(**_named: object) -> int:
        raise Conflict("Danh mục đang được người khác sửa.")

    with monkeypatch.context() as patched:
        patched.setattr(actions, "publish_import", refuse)
        browser.post(f"{address}/cong-bo")
        office.drain()
    page = text_of(browser.get(address))
    assert "Danh mục đang được người khác sửa." in page
    browser.post(f"{address}/cong-bo")
    office.drain()
    assert "đã công bố 1 phiên bản" in text_of(browser.get(address))
