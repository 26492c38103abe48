"""A package is refused with every fault named: file, path, sentence."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.factories.procedures import FOLDER, package_value
from tinhso.apps.procedures.content import ContentError, _reader, load_package, load_scenarios, parse_package
from tinhso.apps.procedures.content._check import assumed_values, check
from tinhso.apps.procedures.content._scenarios import read_scenario
from tinhso.apps.procedures.data import Problem


def faults(change: Callable[[dict[str, Any]], None]) -> list[str]:
    value = package_value()
    change(value)
    try:
        parse_package(value)
    except ContentError as error:
        return [f"{Path(p.file).name}: {p.path}: {p.message}" for p in error.problems]
    return []


def write(root: Path, value: dict[str, Any]) -> Path:
    """The value as a folder of a content root."""
    folder = root / value["folder"]
    (folder / "letters").mkdir(parents=True)
    for part in ("procedure", "form", "workflow", "fees"):
        (folder / f"{part}.yaml").write_text(yaml.safe_dump(value[part], allow_unicode=True))
    for path, text in value["letters"].items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return folder


def test_the_model_package_is_sound() -> None:
    assert faults(lambda value: None) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda v: v["procedure"].update(colour="red"), "procedure.yaml: colour: không có khóa này"),
        (lambda v: v["procedure"].pop("name"), "procedure.yaml: name: bắt buộc phải có"),
        (lambda v: v["procedure"].update(code="1.12"), "procedure.yaml: code: “1.12” không phải mã thủ tục"),
        (lambda v: v["procedure"].update(code="1.000002"), "khác tên thư mục"),
        (
            lambda v: v["procedure"].update(level="district"),
            "procedure.yaml: level: “district” không có trong danh sách",
        ),
        (lambda v: v["procedure"].update(effective_from="31/12/2026"), "effective_from: phải là ngày"),
        (lambda v: v["procedure"].update(subjects=["alien"]), "subjects: “alien” không có trong danh sách"),
        (lambda v: v["procedure"].update(uploads={}), "uploads: phải có most_mb"),
        (lambda v: v["procedure"].update(uploads={"most_mb": 0}), "uploads.most_mb: phải là số nguyên từ 1"),
        (lambda v: v["procedure"]["documents"][0].update(uploads={"pages": 3}), "documents[0].uploads.pages: không có"),
        (lambda v: v["procedure"].update(legal_basis=[]), "legal_basis: phải có ít nhất một mục"),
        (lambda v: v["procedure"].update(channels="online"), "channels: phải là một nhóm"),
        (lambda v: v["procedure"].update(everyday_words=["a", 1]), "everyday_words: phải là danh sách chữ"),
        (lambda v: v["procedure"]["policies"].pop("assumed"), "policies.basis: giá trị có hiệu lực pháp lý"),
        (lambda v: v["procedure"]["policies"].update(supplement_days=0), "supplement_days: phải là số nguyên từ 1"),
        (
            lambda v: v["procedure"]["policies"].update(last_hour_tomorrow="yes"),
            "last_hour_tomorrow: phải là true hoặc false",
        ),
        (lambda v: v["procedure"]["limits"][0].pop("basis"), "limits[0].basis: giá trị có hiệu lực pháp lý"),
        (
            lambda v: v["procedure"]["limits"][0].update(limit="7 fortnights"),
            "limits[0].limit: thời hạn “7 fortnights”",
        ),
        (lambda v: v["procedure"]["limits"][0].update(when="answers.colour == 'x'"), "dùng “answers.colour”"),
        (lambda v: v["procedure"]["limits"][0].update(when="answers.kind =="), "limits[0].when: Biểu thức"),
        (lambda v: v["procedure"]["limits"][0].update(when="applicant.age > 3"), "dùng “applicant.age”"),
        (lambda v: v["procedure"]["limits"][0].update(when="unit == 'x'"), "dùng “unit”"),
        (lambda v: v["procedure"]["limits"][1].update(key="house"), "limits: khóa “house” dùng hai lần"),
        (lambda v: v["procedure"]["documents"][0].update(key="Đơn"), "documents[0].key: “Đơn” phải viết bằng"),
        (lambda v: v["procedure"]["documents"][0].update(originals=-1), "documents[0].originals: phải là số nguyên"),
        (lambda v: v["procedure"]["documents"][0].update(when="answers.kin == 1"), "documents[0].when"),
        (lambda v: v["procedure"]["documents"][0].update(replaced_by={"database": "CSDL"}), "documents[0].replaced_by"),
        (
            lambda v: v["procedure"]["results"][0].update(template="letters/none.typ"),
            "results[0].template: không có mẫu",
        ),
        (lambda v: v["workflow"]["steps"][1]["hours"].update(house=9), "các bước cộng lại 17 giờ"),
        (lambda v: v["workflow"]["steps"][1]["hours"].update(tower=9), "steps[1].hours.tower: không có thời hạn"),
        (lambda v: v["workflow"]["steps"][1].update(hours="nhiều"), "steps[1].hours: phải là số không âm"),
        (lambda v: v["workflow"]["steps"][0].update(kind="approval"), "thiếu bước “Tiếp nhận"),
        (lambda v: v["workflow"]["steps"][0].pop("hours"), "steps[0].hours: bước được tính giờ"),
        (lambda v: v["workflow"].pop("assumed"), "steps[0].basis: số giờ phải có căn cứ"),
        (lambda v: v["workflow"].pop("division"), "division: có bước ở phòng chuyên môn"),
        (lambda v: v["workflow"].update(steps=None), "steps: bắt buộc phải có"),
        (lambda v: v["fees"]["fees"][0].update(amount_vnd="answers.colour * 2"), "fees[0].amount_vnd"),
        (lambda v: v["fees"]["fees"][0].pop("amount_vnd"), "fees[0].amount_vnd: bắt buộc phải có"),
        (lambda v: v["fees"]["fees"][1].update(kind="tax"), "fees[1].kind: “tax” không có trong danh sách"),
        (lambda v: v["fees"]["fees"][1].pop("assumed"), "fees[1].basis"),
        (lambda v: v["form"]["sections"][0]["fields"][0].update(type="colour"), "form.yaml"),
        (lambda v: v.update(fees=[1]), "fees.yaml"),
    ],
)
def test_every_fault_is_named(change: Callable[[dict[str, Any]], None], fault: str) -> None:
    assert any(fault in found for found in faults(change)), faults(change)


def test_all_faults_come_at_once() -> None:
    def spoil(value: dict[str, Any]) -> None:
        value["procedure"].update(colour="red", level="district")
        value["fees"]["fees"][0].pop("amount_vnd")
        value["workflow"]["steps"][1]["hours"] = 1

    found = faults(spoil)
    assert {line.split(":")[0] for line in found} == {"procedure.yaml", "fees.yaml", "workflow.yaml"}


def test_limits_in_calendar_units_ask_no_sum() -> None:
    def calendar(value: dict[str, Any]) -> None:
        value["procedure"]["limits"] = [
            {"key": key, "limit": "20 calendar_day", "assumed": True} for key in ("house", "other")
        ]

    assert faults(calendar) == []


def test_a_folder_reads_as_its_value(tmp_path: Path) -> None:
    value, package = load_package(write(tmp_path, package_value()), root=tmp_path)
    assert value == package_value()
    assert package.code == "9.000001"
    assert package.letters[f"{FOLDER}/letters/paper.typ"] == "Giấy mẫu"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [1", "dòng"),
        ("a: 1\na: 2", "khóa “a” viết hai lần"),
        (b"\xff\xfe", "UTF-8"),
        (None, "không có tệp này"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str | bytes | None, fault: str) -> None:
    folder = write(tmp_path, package_value())
    path = folder / "fees.yaml"
    path.unlink()
    if text is not None:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ContentError) as caught:
        load_package(folder, root=tmp_path)
    assert caught.value.problems[0].file == f"{FOLDER}/fees.yaml"
    assert fault in caught.value.problems[0].message


# ------------------------------------------------------------------------------------------------ scenarios

SCENARIO: dict[str, Any] = {
    "name": "Nhận hồ sơ trước Tết",
    "unit": "commune",
    "answers": {"kind": "house"},
    "documents": ["application"],
    "channel": "online",
    "steps": [{"submit": {"at": "2026-02-13T15:00"}}, {"receive": {"at": "2026-02-13T16:00"}}],
    "expect": {"limit_key": "house", "due_at": "2026-02-24T16:00", "fee_vnd": 50000},
}


def scenario_faults(**changes: Any) -> list[str]:
    problems: list[Problem] = []
    value = {**copy.deepcopy(SCENARIO), **changes}
    reader = _reader.Reader(value, file="scenarios/a.yaml", path="", problems=problems)
    read_scenario(reader, parse_package(package_value()))
    return [f"{problem.path}: {problem.message}" for problem in problems]


def test_a_scenario_is_read_in_province_time(tmp_path: Path) -> None:
    folder = write(tmp_path, package_value())
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "tet.yaml").write_text(yaml.safe_dump(SCENARIO, allow_unicode=True))
    scenarios, problems = load_scenarios(load_package(folder, root=tmp_path)[1], root=tmp_path)
    assert problems == []
    assert scenarios[0].steps[1].verb == "receive"
    assert scenarios[0].steps[1].at.isoformat() == "2026-02-13T16:00:00+07:00"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"documents": ["photo"]}, "documents: thành phần hồ sơ “photo”"),
        ({"unit": "district"}, "unit: “district”"),
        ({"expect": {"colour": 1}}, "expect.colour"),
        ({"expect": {"limit_key": "tower"}}, "expect.limit_key"),
        ({"steps": [{"dance": {"at": "2026-02-13T15:00"}}]}, "steps[0]: phải là một trong các việc"),
        ({"steps": [{"submit": {"at": "hôm qua"}}]}, "steps[0].submit.at"),
        ({"steps": list(reversed(SCENARIO["steps"]))}, "steps: các việc phải theo thứ tự"),
        ({"answers": ["a"]}, "answers: phải là một nhóm"),
        ({"mood": "good"}, "mood: không có khóa này"),
    ],
)
def test_faults_of_scenarios(changes: dict[str, Any], fault: str) -> None:
    assert any(fault in found for found in scenario_faults(**changes)), scenario_faults(**changes)


# ------------------------------------------------------------------------------------------------ the whole folder


def test_check_finds_what_no_single_file_shows(tmp_path: Path) -> None:
    write(tmp_path, package_value())
    other = package_value()
    other["folder"] = "procedures/khac/9.000001"
    other["letters"] = {"procedures/khac/9.000001/letters/paper.typ": ""}
    write(tmp_path, other)
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "leader.yaml").write_text("")
    found = [str(problem) for problem in check(tmp_path)]
    assert any("đã có gói ở" in line for line in found)
    assert any("steps.appraisal.role: không có vai trò “specialist”" in line for line in found)
    assert not any("leader" in line for line in found)


def test_assumed_values_are_listed_with_their_place(tmp_path: Path) -> None:
    write(tmp_path, package_value())
    found = {(value.path, value.value) for value in assumed_values(tmp_path)}
    assert ("policies", "after_supplement: resume, supplement_days: 10") in found
    assert any(path == "fees[pages]" and "Phí theo trang" in text for path, text in found)


def test_a_components_own_limits_of_upload_stand_before_the_procedures() -> None:
    value = package_value()
    value["procedure"]["uploads"] = {"most_mb": 10, "most_pages": 50}
    value["procedure"]["documents"][1]["uploads"] = {"most_mb": 40}
    package = parse_package(value)
    assert [
        (package.upload_limits(key).most_bytes, package.upload_limits(key).most_pages)
        for key in ("application", "drawing", "")
    ] == [(10 * 1_048_576, 50), (40 * 1_048_576, 50), (10 * 1_048_576, 50)]
    assert package.upload_limits("drawing").words == "Mỗi tệp tối đa 40 MB, 50 trang."
    assert parse_package(package_value()).upload_limits("drawing").words == ""
