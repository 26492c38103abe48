"""From what a calendar says to the calendars that compute. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from tinhso.apps.calendars.data import CalendarDefinition, DatedHours
from tinhso.lib.worktime import DayKind, SpecialDay, WorkingCalendar


def working_calendar(definition: CalendarDefinition, *, version: int = 0) -> WorkingCalendar:
    """The calendar by which time limits run (lịch giải quyết)."""
    return _calendar(definition, definition.office_hours, version)


def reception_calendar(definition: CalendarDefinition, *, version: int = 0) -> WorkingCalendar:
    """The calendar of the counters that take papers (lịch tiếp nhận); limits never run by it."""
    return _calendar(definition, definition.reception_hours, version)


def calendar_of_unit(definitions: Iterable[CalendarDefinition], unit_code: str) -> CalendarDefinition | None:
    """The calendar that names the longest beginning of a unit code: `H48.12` before `H48`; None when none does."""
    best: tuple[int, CalendarDefinition] | None = None
    for definition in definitions:
        for prefix in definition.units:
            names_it = unit_code == prefix or unit_code.startswith(f"{prefix}.")
            if names_it and (best is None or len(prefix) > best[0]):
                best = (len(prefix), definition)
    return best[1] if best else None


def announced(day: date, *, kind: DayKind, name: str, basis: str, made_up_on: date | None) -> tuple[SpecialDay, ...]:
    """A day off as the calendar says it, with the rest day worked instead, if any (hoán đổi)."""
    if made_up_on is None:
        return (SpecialDay(day, kind, name, basis),)
    return (
        SpecialDay(day, DayKind.SWAPPED_OFF, name, basis),
        SpecialDay(made_up_on, DayKind.SWAPPED_WORKING, f"Làm bù ngày {day:%d/%m/%Y}", basis, replaces=day),
    )


def with_days(definition: CalendarDefinition, days: Sequence[SpecialDay]) -> CalendarDefinition:
    """The calendar with more days; a date it names already stays as it says."""
    named = {special.day for special in definition.days}
    more = [special for special in days if special.day not in named]
    if not more:
        return definition
    return replace(definition, days=tuple(sorted((*definition.days, *more), key=lambda special: special.day)))


def without_days(definition: CalendarDefinition, days: Sequence[SpecialDay]) -> CalendarDefinition:
    """The calendar without these very days."""
    return replace(definition, days=tuple(special for special in definition.days if special not in days))


def _calendar(definition: CalendarDefinition, hours: tuple[DatedHours, ...], version: int) -> WorkingCalendar:
    return WorkingCalendar(
        key=definition.key,
        version=version,
        first=definition.first,
        last=definition.last,
        hours=[(dated.valid_from, dated.hours) for dated in hours],
        special_days=definition.days,
        rules=definition.rules,
    )
