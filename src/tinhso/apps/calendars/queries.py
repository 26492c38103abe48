"""Reading calendars. Public reference data: no actor.

Public: `get_working_calendar`, `get_reception_calendar`, `get_definition`, `list_versions`, `latest_version`,
`announced_days`, `with_announced_days`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from tinhso.apps.audit.queries import entries_of
from tinhso.apps.calendars import rules
from tinhso.apps.calendars.content import from_document
from tinhso.apps.calendars.data import CalendarDefinition, CalendarVersionData
from tinhso.apps.calendars.events import DayAnnounced, DayWithdrawn
from tinhso.apps.calendars.models import CalendarVersion
from tinhso.kernel.actions import remember
from tinhso.kernel.errors import NotFound
from tinhso.kernel.prepared import Prepared
from tinhso.lib.worktime import DayKind, SpecialDay, WorkingCalendar

_HEADING = ("key", "number", "digest", "title", "published_at")
_ALL = Prepared(lambda: CalendarVersion.objects.order_by("key", "number").values_list(*_HEADING))
_OF_KEY = Prepared(
    lambda key: CalendarVersion.objects.filter(key=key).order_by("number").values_list(*_HEADING), key=str
)


class CalendarNotPublished(NotFound):
    """Chưa công bố lịch làm việc cho cơ quan này."""


def get_working_calendar(
    *, calendar_key: str | None = None, at: datetime | None = None, version: int | None = None
) -> WorkingCalendar:
    """The calendar by which time limits run (lịch giải quyết).

    Args:
        calendar_key: which calendar; None takes the only one, when a single calendar is published.
        at: the version in force at that instant; the first version for instants before it. None: the latest version.
        version: that very version, whatever `at` says.

    One small query; the calendar itself is built once per process and version, and is shared.

    Raises:
        CalendarNotPublished: no such calendar or version, or none named while several are published.
    """
    return _built(_heading(calendar_key, at, version)).working


def get_reception_calendar(
    *, calendar_key: str | None = None, at: datetime | None = None, version: int | None = None
) -> WorkingCalendar:
    """The opening hours of the counters (lịch tiếp nhận); arguments and errors as `get_working_calendar`."""
    return _built(_heading(calendar_key, at, version)).reception


def get_definition(
    *, calendar_key: str | None = None, at: datetime | None = None, version: int | None = None
) -> CalendarDefinition:
    """What the calendar says, for pages that show it; arguments and errors as `get_working_calendar`."""
    return _built(_heading(calendar_key, at, version)).definition


def list_versions(*, calendar_key: str | None = None) -> list[CalendarVersionData]:
    """The published versions of one calendar, or of all, by key and number."""
    rows = _ALL.all() if calendar_key is None else _OF_KEY.all(key=calendar_key)
    return [CalendarVersionData(*row) for row in rows]


def latest_version(*, calendar_key: str) -> CalendarVersionData | None:
    """The version that holds now; None before the first publication."""
    versions = list_versions(calendar_key=calendar_key)
    return versions[-1] if versions else None


def announced_days(*, calendar_key: str) -> dict[date, tuple[SpecialDay, ...]]:
    """The days announced on a page and not withdrawn, from the log: the day off with the day worked instead."""
    found: dict[date, tuple[SpecialDay, ...]] = {}
    for entry in entries_of(f"calendar:{calendar_key}", types=(DayAnnounced.type, DayWithdrawn.type)):
        told = entry.payload
        day = date.fromisoformat(told["day"])
        if entry.type == DayWithdrawn.type:
            found.pop(day, None)
            continue
        made_up_on = date.fromisoformat(told["made_up_on"]) if told["made_up_on"] else None
        found[day] = rules.announced(
            day, kind=DayKind(told["kind"]), name=told["name"], basis=told["basis"], made_up_on=made_up_on
        )
    return found


def with_announced_days(definition: CalendarDefinition) -> CalendarDefinition:
    """A calendar read from files with the days announced since: publishing files anew loses none of them."""
    days = [special for group in announced_days(calendar_key=definition.key).values() for special in group]
    inside = [special for special in days if definition.first <= special.day <= definition.last]
    return rules.with_days(definition, inside)


def _heading(calendar_key: str | None, at: datetime | None, version: int | None) -> CalendarVersionData:
    versions = remember(
        ("calendar versions", calendar_key), lambda: list_versions(calendar_key=calendar_key), lasting=True
    )
    if not versions or len({heading.key for heading in versions}) > 1:
        raise CalendarNotPublished
    if version is not None:
        versions = [heading for heading in versions if heading.number == version]
        if not versions:
            raise CalendarNotPublished
    if at is None:
        return versions[-1]
    in_force = [heading for heading in versions if heading.published_at <= at]
    return in_force[-1] if in_force else versions[0]


@dataclass(frozen=True, slots=True)
class _Calendars:
    definition: CalendarDefinition
    working: WorkingCalendar
    reception: WorkingCalendar


@lru_cache(maxsize=32)
def _built(heading: CalendarVersionData) -> _Calendars:
    """The calendars of a version. A version never changes, and the heading holds its digest, so nothing goes stale."""
    document = CalendarVersion.objects.values_list("document", flat=True).get(key=heading.key, number=heading.number)
    definition = from_document(document)
    return _Calendars(
        definition,
        rules.working_calendar(definition, version=heading.number),
        rules.reception_calendar(definition, version=heading.number),
    )
