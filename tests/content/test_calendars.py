"""The calendars the product ships."""

import csv
from datetime import date
from pathlib import Path

import pytest

from tinhso.apps.calendars.content import assumptions, check_calendars, load_calendars
from tinhso.apps.calendars.data import CalendarDefinition
from tinhso.apps.calendars.rules import reception_calendar, working_calendar
from tinhso.lib.worktime import DayKind, Rule

# How the shared list of holidays calls our kinds of days.
KINDS = {
    "holiday": DayKind.HOLIDAY,
    "substitute": DayKind.COMPENSATORY,
    "swap_off": DayKind.SWAPPED_OFF,
    "swap_work": DayKind.SWAPPED_WORKING,
}


@pytest.fixture(scope="module")
def folder(project_root: Path) -> Path:
    return project_root / "content" / "calendars"


@pytest.fixture(scope="module")
def definition(folder: Path) -> CalendarDefinition:
    return load_calendars(folder)["quang-ngai"]


def test_every_file_is_right(folder: Path) -> None:
    assert check_calendars(folder) == []


def test_every_rule_and_day_names_its_basis(definition: CalendarDefinition) -> None:
    assert all(definition.rules.basis[rule] for rule in Rule)
    assert all(special.basis for special in definition.days)
    assert all(dated.basis for dated in (*definition.office_hours, *definition.reception_hours))


def test_what_is_assumed_says_so(folder: Path, definition: CalendarDefinition) -> None:
    culture_day = next(special for special in definition.days if special.day == date(2026, 11, 24))
    assert culture_day.basis == "Nghị quyết 28/2026/QH16 (chờ xác nhận)"
    sentences = assumptions(load_calendars(folder))
    assert any("office_hours" in sentence and "giả định" in sentence for sentence in sentences)
    assert any("2027" in sentence for sentence in sentences)


def test_hours_of_the_province(definition: CalendarDefinition) -> None:
    office, reception = working_calendar(definition), reception_calendar(definition)
    monday, saturday, made_up = date(2026, 3, 2), date(2026, 3, 7), date(2026, 8, 22)
    assert office.open_intervals(monday) == ((7 * 60, 11 * 60 + 30), (13 * 60 + 30, 17 * 60))
    assert sum(end - start for start, end in office.open_intervals(monday)) == 480
    assert not office.is_working_day(saturday)
    assert reception.is_working_day(saturday)
    assert office.open_intervals(made_up) == office.open_intervals(monday)


def test_every_year_has_its_holidays(definition: CalendarDefinition) -> None:
    """Labour Code: 1 January, five days of Tết, Hùng Kings, 30 April, 1 May, two for 2 September since 2021."""
    for year in range(2018, 2028):
        holidays = [s.day for s in definition.days if s.day.year == year and s.kind is DayKind.HOLIDAY]
        assert len(holidays) == 10 + (year >= 2021) + (year >= 2026), year
        assert {date(year, 1, 1), date(year, 4, 30), date(year, 5, 1), date(year, 9, 2)} <= set(holidays)


def test_made_up_days_are_days_of_rest_otherwise(definition: CalendarDefinition) -> None:
    for special in definition.days:
        if special.kind is DayKind.SWAPPED_WORKING:
            assert special.day.weekday() == 5
        if special.kind in {DayKind.SWAPPED_OFF, DayKind.COMPENSATORY}:
            assert special.day.weekday() < 5


@pytest.mark.shared
def test_agrees_with_the_shared_list(definition: CalendarDefinition, shared_data: Path) -> None:
    path = shared_data / "calendar" / "vn-holidays-2018-2027.csv"
    if not path.exists():
        pytest.skip("the shared list of holidays is not there")
    with path.open(encoding="utf-8", newline="") as file:
        theirs = {(row["date"], KINDS[row["kind"]]) for row in csv.DictReader(file)}
    assert {(special.day.isoformat(), special.kind) for special in definition.days} == theirs
