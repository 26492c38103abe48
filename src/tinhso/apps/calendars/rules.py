"""From what a calendar says to the calendars that compute. Pure."""

from collections.abc import Iterable

from tinhso.apps.calendars.data import CalendarDefinition, DatedHours
from tinhso.lib.worktime import WorkingCalendar


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
