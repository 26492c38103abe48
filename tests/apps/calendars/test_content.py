"""Calendar files: what is read, and every way they can be wrong, each told with its place."""

from datetime import date
from pathlib import Path

import pytest

from tinhso.apps.calendars.content import (
    CalendarFileError,
    assumptions,
    check_calendars,
    from_document,
    load_calendars,
    to_document,
)
from tinhso.apps.calendars.rules import calendar_of_unit, reception_calendar, working_calendar
from tinhso.lib.worktime import DayKind, Rule

DAYS = """
key: days
title: Ngày nghỉ
sources: [thông báo]
bases:
  code: {document: Bộ luật Lao động, article: Điều 112, effective_from: 2021-01-01}
  swap: {document: Công văn 1, effective_from: 2026-01-01, confirmed: false}
years:
  - year: 2026
    days:
      - {date: 2026-01-01, kind: holiday, name: Tết Dương lịch, basis: code}
      - {date: 2026-01-02, kind: swapped_off, name: Nghỉ hoán đổi, made_up_on: 2026-01-10, basis: swap}
      - {date: 2026-01-10, kind: swapped_working, name: Làm bù, replaces: 2026-01-02, basis: swap}
  - year: 2027
    announced: false
    days:
      - {date: 2027-01-01, kind: holiday, name: Tết Dương lịch, basis: code}
"""
BASIS = "basis: {document: Quyết định 1, effective_from: 2018-01-01}"
RULES = "\n".join(f"  {rule}: {{{BASIS}}}" for rule in Rule if rule is not Rule.SAME_DAY)
CALENDAR = f"""
key: province
title: Lịch của tỉnh
units: [H48]
covers: {{from: 2026-01-01, to: 2027-12-31}}
public_days: days
office_hours:
  - from: 2026-01-01
    week:
      - {{days: [monday, tuesday, wednesday, thursday, friday], hours: ["07:00-11:30", "13:30-17:00"]}}
    {BASIS}
    assumed: true
reception_hours:
  - from: 2026-01-01
    week:
      - {{days: [monday, tuesday, wednesday, thursday, friday], hours: ["07:30-11:00"]}}
      - {{days: [saturday], hours: ["08:00-10:00"]}}
    {BASIS}
local_days:
  - {{date: 2026-10-20, kind: closure, name: Bão số 9, {BASIS}}}
  - {{date: 2026-10-21, kind: closure, name: Mất điện buổi chiều, hours: ["07:00-11:30"], {BASIS}}}
rules:
  same_day: {{cutoff: "15:00", {BASIS}}}
{RULES}
"""


def folder_with(tmp_path: Path, *, calendar: str = CALENDAR, days: str = DAYS, **more: str) -> Path:
    for name, text in {"province": calendar, "days": days, **more}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_reads_a_calendar_whole(tmp_path: Path) -> None:
    definition = load_calendars(folder_with(tmp_path))["province"]
    assert (definition.first, definition.last, definition.units) == (date(2026, 1, 1), date(2027, 12, 31), ("H48",))
    assert [special.day.isoformat() for special in definition.days] == [
        "2026-01-01", "2026-01-02", "2026-01-10", "2026-10-20", "2026-10-21", "2027-01-01",
    ]  # fmt: skip
    assert definition.rules.same_day_cutoff == 900
    assert definition.rules.basis[Rule.PAUSE] == "Quyết định 1"
    office, reception = working_calendar(definition, version=3), reception_calendar(definition)
    assert (office.key, office.version, reception.version) == ("province", 3, 0)
    assert office.open_intervals(date(2026, 1, 10)) == ((420, 690), (810, 1020))
    assert office.open_intervals(date(2026, 10, 20)) == ()
    assert office.open_intervals(date(2026, 10, 21)) == ((420, 690),)
    assert not office.is_working_day(date(2026, 3, 7))
    assert reception.open_intervals(date(2026, 3, 7)) == ((480, 600),)
    assert not reception.is_working_day(date(2026, 10, 20))


def test_marks_what_is_open(tmp_path: Path) -> None:
    definitions = load_calendars(folder_with(tmp_path))
    by_day = {special.day: special.basis for special in definitions["province"].days}
    assert by_day[date(2026, 1, 1)] == "Bộ luật Lao động, Điều 112"
    assert by_day[date(2026, 1, 2)] == "Công văn 1 (chờ xác nhận)"
    assert by_day[date(2027, 1, 1)] == "Bộ luật Lao động, Điều 112 (dự kiến, chưa có thông báo)"
    assert assumptions(definitions) == [
        "days.yaml: Công văn 1 (chờ xác nhận)",
        "days.yaml: ngày nghỉ năm 2027 là dự kiến, chưa có thông báo",
        "province.yaml: office_hours 1: Quyết định 1 (giả định)",
    ]


def test_document_keeps_everything_that_counts(tmp_path: Path) -> None:
    from dataclasses import replace

    definition = load_calendars(folder_with(tmp_path))["province"]
    assert from_document(to_document(definition)) == replace(definition, assumptions=())


def test_document_ignores_comments(tmp_path: Path) -> None:
    one = to_document(load_calendars(folder_with(tmp_path))["province"])
    two = to_document(load_calendars(folder_with(tmp_path, calendar=f"# ghi chú\n{CALENDAR}"))["province"])
    assert one == two


def test_longest_prefix_owns_a_unit(tmp_path: Path) -> None:
    island = CALENDAR.replace("key: province", "key: island").replace("units: [H48]", "units: [H48.12, H4]")
    definitions = load_calendars(folder_with(tmp_path, island=island)).values()

    def owner(code: str) -> str | None:
        found = calendar_of_unit(definitions, code)
        return found.key if found else None

    assert [owner(code) for code in ("H48", "H48.1", "H48.12", "H48.12.3", "H48.123", "H49", "H4.1")] == [
        "province", "province", "island", "island", "province", None, "island",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("key: province", "key: other", "province.yaml: tên tệp phải là other.yaml"),
        ("title: Lịch của tỉnh", "", "province.yaml: thiếu “title”"),
        ("title: Lịch của tỉnh", "title: 5", "province.yaml: “title” phải là chữ"),
        ("title: Lịch", "colour: red\ntitle: Lịch", "province.yaml: không hiểu “colour”"),
        ("units: [H48]", "units: []", "province.yaml: “units” phải là danh sách chữ"),
        ("covers: {from: 2026-01-01", "covers: {from: hôm nay", "province.yaml: covers: “from” phải là ngày"),
        ("covers: {from: 2026-01-01", "covers: {from: 2028-01-01", "“covers” phải có ngày đầu không sau ngày cuối"),
        ("to: 2027-12-31", "to: 2028-12-31", "province.yaml: “days” thiếu ngày nghỉ các năm 2028"),
        ("public_days: days", "public_days: none", "province.yaml: không có danh sách ngày nghỉ “none”"),
        ("from: 2026-01-01\n    week", "from: 2026-02-01\n    week", "phải có giờ làm việc từ ngày đầu"),
        ("[monday, tuesday", "[monday, moonday", "week 1: “moonday” không phải tên thứ trong tuần"),
        ("[monday, tuesday", "[monday, monday", "week 1: “monday” không phải tên thứ trong tuần, hoặc đã khai ở trên"),
        ('"07:00-11:30", "13:30-17:00"', '"07:00-11:30", "13:30"', "week 1: “hours” phải là danh sách khoảng giờ"),
        ('hours: ["07:00-11:30", "13:30-17:00"]', "hours: 8", "week 1: “hours” phải là danh sách khoảng giờ"),
        ('"07:00-11:30", "13:30-17:00"', '"13:30-17:00", "07:00-11:30"', "office_hours 1: Các khoảng giờ làm việc chồng"),
        (', hours: ["07:30-11:00"]', "", "reception_hours 1: week 1: thiếu “hours”"),
        ("assumed: true", "assumed: maybe", "office_hours 1: “assumed” phải là true hoặc false"),
        ('cutoff: "15:00"', "cutoff: 15", "rules: same_day: “cutoff” phải là giờ trong ngày"),
        ('cutoff: "15:00", ', "", "rules: same_day: thiếu “cutoff”"),
        (f"  pause: {{{BASIS}}}", "", "province.yaml: rules: thiếu “pause”"),
        ("kind: closure, name: Bão", "kind: storm, name: Bão", "local_days 1: “kind” phải là một trong: holiday"),
        ("date: 2026-10-21", "date: 2026-10-20", "ngày 20/10/2026 phải đứng sau ngày 20/10/2026, không trùng"),
        ("local_days:\n", "local_days: 5\nold:\n", "province.yaml: “local_days” phải là danh sách"),
        ("rules:\n", "rules: 5\nold:\n", "province.yaml: rules: phải là các cặp khóa và giá trị"),
        ("title: Lịch của tỉnh", "title: [", "province.yaml: không đọc được YAML"),
    ],
)  # fmt: skip
def test_tells_what_is_wrong_with_a_calendar(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in CALENDAR
    assert any(problem in line for line in check_calendars(folder_with(tmp_path, calendar=CALENDAR.replace(old, new))))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("year: 2027", "year: 2025", "days.yaml: các năm phải xếp tăng dần"),
        ("- year: 2027\n", "-\n", "years 2: thiếu “year”"),
        ("{date: 2027-01-01, ", "{", "years 2: days 1: thiếu “date”"),
        ("year: 2027", "year: năm sau", "years 2: “year” phải là số nguyên"),
        ("year: 2026\n", "year: 2024\n", "years 1: days 1: ngày 01/01/2026 không thuộc năm 2024"),
        ("bases:\n", "bases: 5\nold:\n", "days.yaml: “bases” phải là các cặp khóa và giá trị"),
        ("bases:\n", "old:\n", "days.yaml: thiếu “bases”"),
        ("article: Điều 112", "article: 112", "bases: code: “article” phải là chữ"),
        ("effective_from: 2021-01-01", "effective_from: 2026-06-01", "chưa có hiệu lực vào ngày 01/01/2026"),
        ("2026-01-01, kind: holiday", "2026-13-01, kind: holiday", "days.yaml: không đọc được YAML: month must be"),
        ("2026-01-01, kind: holiday", "2026-01-01T07:00:00, kind: holiday", "“date” phải là ngày"),
        ("kind: holiday, name: Tết Dương lịch", "kind: party, name: Tết Dương lịch", "“kind” phải là một trong"),
        ("name: Tết Dương lịch, basis: code", "name: Tết Dương lịch, basis: none", "không có căn cứ “none”"),
        ("name: Tết Dương lịch, basis: code", "name: Tết Dương lịch", "years 1: days 1: thiếu “basis”"),
        ("name: Tết Dương lịch, basis", "nom: Tết Dương lịch, basis", "years 1: days 1: không hiểu “nom”"),
        ("made_up_on: 2026-01-10", "made_up_on: 2026-01-17", "ngày nghỉ hoán đổi 02/01/2026 không có ngày làm bù 17/01"),
        ("replaces: 2026-01-02", "replaces: 2026-01-05", "ngày làm bù 10/01/2026 không có ngày nghỉ hoán đổi 05/01"),
        (", made_up_on: 2026-01-10", "", "years 1: days 2: thiếu “made_up_on”"),
        ("replaces: 2026-01-02, ", "", "Ngày làm bù 10/01/2026 phải nêu ngày được nghỉ thay"),
        ("2026-01-02, kind: swapped_off", "2027-12-31, kind: swapped_off", "ngày 31/12/2027 không thuộc năm 2026"),
        ("sources: [thông báo]", "sources: thông báo", "days.yaml: “sources” phải là danh sách chữ"),
    ],
)  # fmt: skip
def test_tells_what_is_wrong_with_public_days(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in DAYS
    assert any(problem in line for line in check_calendars(folder_with(tmp_path, days=DAYS.replace(old, new, 1))))


def test_two_calendars_must_not_claim_one_unit(tmp_path: Path) -> None:
    twin = CALENDAR.replace("key: province", "key: twin")
    assert check_calendars(folder_with(tmp_path, twin=twin)) == ["twin: đơn vị H48 đã thuộc lịch “province”"]


def test_files_that_are_no_mappings(tmp_path: Path) -> None:
    problems = check_calendars(folder_with(tmp_path, strange="- 1", empty=""))
    assert "strange.yaml: phải là các cặp khóa và giá trị" in problems
    assert "empty.yaml: phải là các cặp khóa và giá trị" in problems


def test_a_folder_without_calendars(tmp_path: Path) -> None:
    with pytest.raises(CalendarFileError, match="không có lịch làm việc nào"):
        load_calendars(tmp_path)


def test_every_problem_is_found_in_one_reading(tmp_path: Path) -> None:
    calendar = CALENDAR.replace("title: Lịch của tỉnh", "").replace("assumed: true", "assumed: maybe")
    days = DAYS.replace("kind: holiday", "kind: party")
    assert len(check_calendars(folder_with(tmp_path, calendar=calendar, days=days))) == 4


def test_a_calendar_without_working_days(tmp_path: Path) -> None:
    calendar = CALENDAR.replace('hours: ["07:00-11:30", "13:30-17:00"]', "hours: []").replace("closure", "holiday")
    calendar = calendar.replace('name: Mất điện buổi chiều, hours: ["07:00-11:30"], ', "name: Mất điện, ")
    days = DAYS.replace("swapped_working", DayKind.HOLIDAY).replace("swapped_off", "holiday")
    problems = check_calendars(
        folder_with(tmp_path, calendar=calendar, days=days.replace(", made_up_on: 2026-01-10", ""))
    )
    assert problems == ["province.yaml: Lịch “province” không có ngày làm việc nào."]
