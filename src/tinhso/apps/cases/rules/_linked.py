"""What follows from the state of the legs of a linked case. Pure: the time is an argument."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tinhso.apps.cases.enums import LegStatus
from tinhso.apps.procedures.data import Group, LegRule
from tinhso.lib.forms.cel import Context, ExpressionError, compile_expression
from tinhso.lib.forms.references import references_of
from tinhso.lib.worktime import ZONE, Limit, LimitUnit, WorkingCalendar, compute_deadline

OVER = frozenset({LegStatus.DONE, LegStatus.REFUSED, LegStatus.STOPPED, LegStatus.SKIPPED})
OPEN = frozenset(LegStatus) - OVER

# What a ministry's system means for the leg when it reports a national status (TrangThaiHoSo).
LEG_STATUS_OF: dict[int, LegStatus] = {
    1: LegStatus.SENT,
    2: LegStatus.RUNNING,
    3: LegStatus.REFUSED,
    4: LegStatus.RUNNING,
    5: LegStatus.RUNNING,
    6: LegStatus.RUNNING,
    7: LegStatus.STOPPED,
    8: LegStatus.STOPPED,
    9: LegStatus.DONE,
    10: LegStatus.DONE,
}
_STAND_IN = {"number": "0", "issuer": "Cơ quan của bước trước", "fields": {}}


def leg_answers(leg: LegRule, variables: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a leg's own form, taken from the group's answers and from what earlier legs gave.

    What was not answered is left out; an expression that cannot be computed counts as not answered, and the form of the
    leg tells what is missing.
    """
    context = Context({**variables, "legs": dict(given)})
    found: dict[str, Any] = {}
    for key, source in leg.answers.items():
        try:
            value = compile_expression(source).evaluate(context)
        except ExpressionError:
            continue
        if value not in (None, ""):
            found[key] = value
    return found


def stand_ins(group: Group, today: str) -> dict[str, Any]:
    """What earlier legs will give, as far as an application can be judged before they have."""
    return {leg.key: {**_STAND_IN, "date": today} for leg in group.legs}


def waits_for_results(leg: LegRule, key: str) -> bool:
    """Whether an answer of the leg is known only when an earlier leg is done."""
    source = leg.answers.get(key, "")
    return bool(source) and bool(references_of(source).keys_of("legs"))


def leg_due(
    taken_at: datetime, *, limit: Limit, calendar: WorkingCalendar, cutoff_minute: int | None, last_hour_tomorrow: bool
) -> datetime | None:
    """When a leg that another system runs is due, counted from the instant it took it.

    From `cutoff_minute` of the day on (15:00 in NĐ 63/2024/NĐ-CP) it counts as taken at the next opening.
    """
    start = taken_at.astimezone(ZONE)
    if (
        cutoff_minute is not None
        and start.hour * 60 + start.minute >= cutoff_minute
        and limit.unit is not LimitUnit.CLOCK_HOUR
    ):
        tomorrow = (start + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        start = calendar.next_open(tomorrow)
    return compute_deadline(
        received_at=start, limit=limit, calendar=calendar, last_hour_tomorrow=last_hour_tomorrow
    ).due_at


def acknowledge_until(since: datetime, limit: Limit, calendar: WorkingCalendar) -> datetime | None:
    """Until when the agency of a leg has to say that it has it (xác nhận trong 02 giờ làm việc)."""
    return compute_deadline(received_at=since, limit=limit, calendar=calendar).due_at


def is_over(statuses: Iterable[str]) -> bool:
    """Whether no leg can move any more."""
    return all(LegStatus(status) in OVER for status in statuses)


def all_granted(statuses: Iterable[str]) -> bool:
    """Whether every leg of the application has its result."""
    return all(LegStatus(status) in {LegStatus.DONE, LegStatus.SKIPPED} for status in statuses)
