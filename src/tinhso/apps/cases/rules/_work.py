"""Whose turn it is, and when to remind: pure rules of shared work (chia việc, nhắc việc)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tinhso.apps.cases.data import ReminderRule
from tinhso.apps.cases.enums import AssignmentStrategy, ReminderKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.worktime import WorkingCalendar, working_minutes_between

# How far a full share of 100 moves a person on in the round; a half share moves twice as far, so he comes half as often.
_ROUND = 10_000
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of a team who may take the case now: his share (1 to 100), place in the round, and open cases."""

    account_id: int
    share: int
    turn: int
    load: int = 0


def choose(candidates: Sequence[Candidate], strategy: str) -> Candidate | None:
    """Who gets the next case: the fewest open cases for his share, or the next in the round; None when nobody may.

    With equal loads the round decides, so that two idle people take turns.
    """
    if not candidates or strategy == AssignmentStrategy.MANUAL:
        return None
    if strategy == AssignmentStrategy.LEAST_LOADED:
        return min(candidates, key=lambda one: (one.load * 100 / one.share, one.turn, one.account_id))
    return min(candidates, key=lambda one: (one.turn, one.account_id))


def turn_after(candidate: Candidate) -> int:
    """Where somebody stands in the round once he has been given a case."""
    return candidate.turn + _ROUND * 100 // candidate.share


def waiting_since(
    *, due_at: datetime, received_at: datetime, stopped_minutes: int, percent: int, calendar: WorkingCalendar
) -> datetime:
    """When the given share of the office time of a limit has been used: counted back from the due date.

    `stopped_minutes` of office time in which the clock stood still belong to nobody's share.
    """
    total = max(working_minutes_between(calendar, received_at, due_at) - stopped_minutes, 0)
    return calendar.add(due_at, -(total * (100 - percent) // 100))


def reminder_due(
    *,
    now: datetime,
    received_at: datetime | None,
    due_at: datetime | None,
    step_due_at: datetime | None,
    stopped_minutes: int,
    rule: ReminderRule,
    calendar: WorkingCalendar,
) -> list[tuple[ReminderKind, datetime]]:
    """What somebody ought to have been told by now about an open case: kinds with the date each is about.

    Once a date has passed, the warnings before it are no longer worth sending.
    """
    found: list[tuple[ReminderKind, datetime]] = []
    if due_at is not None and received_at is not None:
        if now > due_at:
            found += [(ReminderKind.OVERDUE, due_at), *_escalations(now, due_at, rule, calendar)]
        else:
            soon = waiting_since(
                due_at=due_at, received_at=received_at, stopped_minutes=stopped_minutes, percent=rule.due_soon_percent,
                calendar=calendar,
            )  # fmt: skip
            if now >= soon:
                found.append((ReminderKind.DUE_SOON, due_at))
            if rule.last_day and now >= _opening(due_at, calendar):
                found.append((ReminderKind.LAST_DAY, due_at))
    if step_due_at is not None and now > step_due_at:
        found.append((ReminderKind.STEP_OVERDUE, step_due_at))
        if not any(kind is ReminderKind.ESCALATED for kind, _ in found):
            found += _escalations(now, step_due_at, rule, calendar)
    return found


def next_look(
    *,
    now: datetime,
    received_at: datetime | None,
    due_at: datetime | None,
    step_due_at: datetime | None,
    stopped_minutes: int,
    rule: ReminderRule,
    calendar: WorkingCalendar,
) -> datetime:
    """When something more may have to be told about an open case at the earliest; a day at most, for calendars change.

    Office time never runs faster than the clock: what is so many office minutes away is no nearer than that.
    """
    coming = [now + _DAY]
    if due_at is not None and received_at is not None:
        if now > due_at:
            coming += _minutes_to_escalation(now, due_at, rule, calendar)
        else:
            soon = waiting_since(
                due_at=due_at, received_at=received_at, stopped_minutes=stopped_minutes, percent=rule.due_soon_percent,
                calendar=calendar,
            )  # fmt: skip
            coming += [due_at, soon, _opening(due_at, calendar)]
    if step_due_at is not None:
        coming += _minutes_to_escalation(now, step_due_at, rule, calendar) if now > step_due_at else [step_due_at]
    return max(min(at for at in coming if at >= now), now + _MINUTE)


def _minutes_to_escalation(
    now: datetime, since: datetime, rule: ReminderRule, calendar: WorkingCalendar
) -> list[datetime]:
    late = working_minutes_between(calendar, since, now)
    levels = (rule.escalate_after_hours * 60, rule.escalate_top_after_hours * 60)
    return [now + timedelta(minutes=level - late) for level in levels if late < level]


def _escalations(
    now: datetime, since: datetime, rule: ReminderRule, calendar: WorkingCalendar
) -> list[tuple[ReminderKind, datetime]]:
    late = working_minutes_between(calendar, since, now)
    found = []
    if late >= rule.escalate_after_hours * 60:
        found.append((ReminderKind.ESCALATED, since))
    if late >= rule.escalate_top_after_hours * 60:
        found.append((ReminderKind.ESCALATED_TOP, since))
    return found


def _opening(due_at: datetime, calendar: WorkingCalendar) -> datetime:
    """When the office opens on the day of a date."""
    midnight = datetime.combine(due_at.astimezone(PROVINCE_TIME).date(), time.min, PROVINCE_TIME)
    return calendar.next_open(midnight)
