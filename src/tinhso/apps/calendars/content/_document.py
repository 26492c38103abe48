"""The JSON document of a calendar: what a published version keeps, complete in itself.

Dates are ISO 8601, times are minutes of the civil day, bases are the sentences as cited. The document holds only what
computing needs, so a change of a comment in a file is no new version.
"""

from datetime import date
from typing import Any

from tinhso.apps.calendars.data import CalendarDefinition, DatedHours
from tinhso.lib.worktime import CalendarRules, DayKind, OfficeHours, Rule, SpecialDay


def to_document(definition: CalendarDefinition) -> dict[str, Any]:
    """The calendar as JSON values. `from_document(to_document(d)) == d` but for `assumptions`."""
    return {
        "key": definition.key,
        "title": definition.title,
        "units": list(definition.units),
        "from": definition.first.isoformat(),
        "to": definition.last.isoformat(),
        "office_hours": [_hours_out(dated) for dated in definition.office_hours],
        "reception_hours": [_hours_out(dated) for dated in definition.reception_hours],
        "days": [_day_out(special) for special in definition.days],
        "same_day_cutoff": definition.rules.same_day_cutoff,
        "rules": {rule.value: text for rule, text in definition.rules.basis.items()},
    }


def from_document(document: dict[str, Any]) -> CalendarDefinition:
    """The calendar again from the document of a published version."""
    return CalendarDefinition(
        key=document["key"],
        title=document["title"],
        units=tuple(document["units"]),
        first=date.fromisoformat(document["from"]),
        last=date.fromisoformat(document["to"]),
        office_hours=tuple(_hours_in(dated) for dated in document["office_hours"]),
        reception_hours=tuple(_hours_in(dated) for dated in document["reception_hours"]),
        days=tuple(_day_in(special) for special in document["days"]),
        rules=CalendarRules(
            same_day_cutoff=document["same_day_cutoff"],
            basis={Rule(rule): text for rule, text in document["rules"].items()},
        ),
    )


def _hours_out(dated: DatedHours) -> dict[str, Any]:
    return {
        "from": dated.valid_from.isoformat(),
        "week": [[list(interval) for interval in intervals] for intervals in dated.hours.weekdays],
        "basis": dated.basis,
    }


def _hours_in(dated: dict[str, Any]) -> DatedHours:
    return DatedHours(
        valid_from=date.fromisoformat(dated["from"]),
        hours=OfficeHours(tuple(_intervals(intervals) for intervals in dated["week"])),
        basis=dated["basis"],
    )


def _day_out(special: SpecialDay) -> dict[str, Any]:
    return {
        "date": special.day.isoformat(),
        "kind": special.kind.value,
        "name": special.name,
        "basis": special.basis,
        "replaces": special.replaces.isoformat() if special.replaces else None,
        "hours": None if special.hours is None else [list(interval) for interval in special.hours],
    }


def _day_in(special: dict[str, Any]) -> SpecialDay:
    return SpecialDay(
        day=date.fromisoformat(special["date"]),
        kind=DayKind(special["kind"]),
        name=special["name"],
        basis=special["basis"],
        replaces=date.fromisoformat(special["replaces"]) if special["replaces"] else None,
        hours=None if special["hours"] is None else _intervals(special["hours"]),
    )


def _intervals(intervals: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in intervals)
