"""The calendar files of a folder, put together into whole calendars."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.calendars.content._public_days import (
    Basis,
    PublicDays,
    check_order,
    check_swaps,
    read_basis,
    read_day,
    read_public_days,
)
from tinhso.apps.calendars.content._reader import Reader
from tinhso.apps.calendars.data import CalendarDefinition, DatedHours
from tinhso.lib.worktime import CalendarRules, OfficeHours, Rule, SpecialDay, WorkingCalendar, WorktimeError
from tinhso.lib.yamltext import load_yaml

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CalendarFileError(ValueError):
    """Calendar files are wrong; the message lists every problem, one a line."""


def load_calendars(folder: Path) -> dict[str, CalendarDefinition]:
    """Every calendar of a folder by key.

    Raises:
        CalendarFileError: a file is not of the shape or contradicts itself; all problems of all files are listed.
    """
    problems: list[str] = []
    shared: dict[str, PublicDays] = {}
    readers: list[tuple[str, Reader]] = []
    for path in sorted(folder.glob("*.yaml")):
        data = _parsed(path, problems)
        reader = Reader(data, path.name, problems)
        key = reader.text("key")
        if key and key != path.stem:
            reader.problem(f"tên tệp phải là {key}.yaml")
        if reader.has("years"):
            shared[key] = read_public_days(reader)
        else:
            readers.append((key, reader))
    definitions = {key: _calendar(key, reader, shared) for key, reader in readers}
    if not definitions:
        problems.append(f"{folder}: không có lịch làm việc nào")
    _check_units(definitions, problems)
    if problems:
        raise CalendarFileError("\n".join(problems))
    return definitions


def _parsed(path: Path, problems: list[str]) -> Any:
    try:
        return load_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: bytes that are no UTF-8, a month 13
        problems.append(f"{path.name}: không đọc được YAML: {' '.join(str(error).split())}")
        return {}


def _calendar(key: str, reader: Reader, shared: dict[str, PublicDays]) -> CalendarDefinition:
    before = len(reader.problems)
    assumed: list[str] = []
    covers = reader.inner("covers")
    first, last = covers.day("from"), covers.day("to")
    covers.done()
    public = _public(reader, shared, first, last)
    days = sorted((*public.days, *_local_days(reader, assumed)), key=lambda special: special.day)
    definition = CalendarDefinition(
        key=key,
        title=reader.text("title"),
        units=reader.texts("units"),
        first=first,
        last=last,
        office_hours=_dated_hours(reader, "office_hours", assumed),
        reception_hours=_dated_hours(reader, "reception_hours", assumed),
        days=tuple(special for special in days if first <= special.day <= last),
        rules=_rules(reader, assumed),
        assumptions=(*public.assumptions, *assumed),
    )
    reader.done()
    check_order(reader, days)
    if len(reader.problems) == before:
        _try_to_build(reader, definition)
    return definition


def _public(reader: Reader, shared: dict[str, PublicDays], first: date, last: date) -> PublicDays:
    name = reader.text("public_days")
    public = shared.get(name)
    if public is None:
        reader.problem(f"không có danh sách ngày nghỉ “{name}”")
        return PublicDays((), frozenset(), ())
    if date.min < first <= last:
        missing = sorted(set(range(first.year, last.year + 1)) - public.years)
        if missing:
            reader.problem(f"“{name}” thiếu ngày nghỉ các năm {', '.join(map(str, missing))}")
    else:
        reader.problem("“covers” phải có ngày đầu không sau ngày cuối")
    return public


def _local_days(reader: Reader, assumed: list[str]) -> list[SpecialDay]:
    """Days of this calendar only; each carries its basis in place."""
    days: list[SpecialDay] = []
    swaps: dict[date, date] = {}
    for item in reader.each("local_days", required=False):
        basis = _basis(item, assumed)
        special = read_day(item, basis, swaps)
        if special is not None:
            days.append(special)
    check_swaps(reader, days, swaps)
    return days


def _dated_hours(reader: Reader, key: str, assumed: list[str]) -> tuple[DatedHours, ...]:
    dated = []
    for item in reader.each(key):
        valid_from, basis = item.day("from"), _basis(item, assumed)
        week: dict[str, tuple[tuple[int, int], ...]] = {}
        for part in item.each("week"):
            days, hours = part.texts("days"), part.hours("hours")
            part.done()
            for day in days:
                if day not in _WEEKDAYS or day in week:
                    part.problem(f"“{day}” không phải tên thứ trong tuần, hoặc đã khai ở trên")
                week[day] = hours
        item.done()
        try:
            hours_of_week = OfficeHours(tuple(week.get(day, ()) for day in _WEEKDAYS))
        except WorktimeError as error:
            item.problem(str(error))
        else:
            dated.append(DatedHours(valid_from, hours_of_week, basis.text))
    return tuple(dated)


def _rules(reader: Reader, assumed: list[str]) -> CalendarRules:
    rules = reader.inner("rules")
    bases, cutoff = {}, 0
    for rule in Rule:
        inner = rules.inner(rule.value)
        if rule is Rule.SAME_DAY:
            cutoff = inner.minute("cutoff")
        bases[rule] = _basis(inner, assumed).text
        inner.done()
    rules.done()
    return CalendarRules(same_day_cutoff=cutoff, basis=bases)


def _basis(reader: Reader, assumed: list[str]) -> Basis:
    """The basis of one value, with the mark `assumed` that stands beside it; open points are noted."""
    basis = read_basis(reader.inner("basis"), assumed=reader.flag("assumed", default=False))
    if basis.open_point:
        assumed.append(f"{reader.place}: {basis.text}")
    return basis


def _try_to_build(reader: Reader, definition: CalendarDefinition) -> None:
    """The last word on whether the parts make a calendar has the calendar itself."""
    for hours in (definition.office_hours, definition.reception_hours):
        try:
            WorkingCalendar(
                key=definition.key,
                first=definition.first,
                last=definition.last,
                hours=[(dated.valid_from, dated.hours) for dated in hours],
                special_days=definition.days,
                rules=definition.rules,
            )
        except WorktimeError as error:
            reader.problem(str(error))


def _check_units(definitions: dict[str, CalendarDefinition], problems: list[str]) -> None:
    """No two calendars claim the same units."""
    owners: dict[str, str] = {}
    for key, definition in definitions.items():
        for unit in definition.units:
            other = owners.setdefault(unit, key)
            if other != key:
                problems.append(f"{key}: đơn vị {unit} đã thuộc lịch “{other}”")
