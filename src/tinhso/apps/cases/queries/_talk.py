"""What officers say to each other and to the applicant, and what they are reminded of (trao đổi, nhắc việc)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONArray

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import content, permissions, rules
from tinhso.apps.cases.data import ReminderRule
from tinhso.apps.cases.enums import OPEN_STATUSES, MessageSide, ReminderKind
from tinhso.apps.cases.events import CaseSubmitted
from tinhso.apps.cases.models import Absence, Case, Message, Note, Reminder, ReminderLook
from tinhso.apps.cases.queries._rows import STOPS as _STOPS
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.prepared import Prepared
from tinhso.lib.worktime import Pause, WorkingCalendar

# The bell says "99+" beyond this; it never counts further.
MOST_REMINDERS = 100
_THREAD = Prepared(lambda case_id: Message.objects.filter(case=case_id).order_by("pk"), case_id=int)
_NOTES = Prepared(lambda case_id: Note.objects.filter(case=case_id).order_by("-pk"), case_id=int)


@dataclass(frozen=True, slots=True)
class ReminderView:
    """One line of the bell."""

    id: int
    code: str
    title: str
    kind: ReminderKind
    due_at: datetime
    sent_at: datetime
    is_new: bool
    assignee: str


def thread_of(case: Case) -> list[Message]:
    """The messages about a case, oldest first; the caller has opened the case."""
    return _THREAD.all(case_id=case.pk)


def messages_after(case: Case, *, after: int, limit: int) -> list[Message]:
    """A page of the thread: up to `limit` messages whose number is greater than `after`; the caller opened the case."""
    return list(Message.objects.filter(case=case, pk__gt=after).order_by("pk")[:limit])


def was_submitted_by(case: Case, account_id: int | None) -> bool:
    """Whether this account (a person's or a connected system's) submitted the case, by its log."""
    submitted = entries_of(f"case:{case.pk}", types=[CaseSubmitted.type], limit=1)
    return account_id is not None and any(entry.actor_id == account_id for entry in submitted)


def has_unread(case: Case, *, side: MessageSide) -> bool:
    """Whether the other side has not yet seen something this side wrote."""
    return Message.objects.filter(case=case, side=side, read_at__isnull=True).exists()


def notes_of(case: Case) -> list[Note]:
    """The officers' notes on a case, newest first; the caller has opened the case and is no applicant."""
    return _NOTES.all(case_id=case.pk)


def count_reminders(*, actor: Actor) -> int:
    """How many reminders an officer has not seen, at most `MOST_REMINDERS`: one short index range."""
    if actor.account_id is None:
        return 0
    fresh = Reminder.objects.filter(account_id=actor.account_id, seen_at__isnull=True).order_by("-id")
    return len(fresh.values_list("pk", flat=True)[:MOST_REMINDERS])


def list_reminders(*, actor: Actor, limit: int = 50) -> list[ReminderView]:
    """An officer's reminders, unseen first, then the newest."""
    mine = Reminder.objects.filter(account_id=actor.account_id or 0).select_related("case", "case__assignee")
    fresh = list(mine.filter(seen_at__isnull=True).order_by("-id")[:limit])
    seen = list(mine.filter(seen_at__isnull=False).order_by("-id")[: limit - len(fresh)])
    return [
        ReminderView(
            id=row.pk, code=row.case.code or "", title=row.case.procedure_name, kind=ReminderKind(row.kind),
            due_at=row.due_at, sent_at=row.sent_at, is_new=row.seen_at is None,
            assignee=row.case.assignee.full_name if row.case.assignee else "",
        )
        for row in (*fresh, *seen)
    ]  # fmt: skip


def reminder_rule(at: datetime) -> ReminderRule | None:
    """The rule of reminders in force at an instant, from `content/work`."""
    return content.reminders_at(Path(settings.CONTENT_DIR), at.astimezone(PROVINCE_TIME).date())


@dataclass(frozen=True, slots=True)
class RoundOfLooks:
    """Cases about which somebody has to be told now, of those looked at; `more`: others wait to be looked at.

    `looks`: each case looked at, the transaction whose dates were seen, and when to look again.
    """

    wanted: list[int]
    looks: list[tuple[int, int, datetime]]
    more: bool


def cases_to_remind(*, now: datetime, limit: int = 2000) -> RoundOfLooks:
    """Open cases about which somebody has to be told now (đến lượt nhắc hạn).

    Only those are looked at whose time to look has come: a date has changed, or the nearest instant at which something
    may have to be told. Two statements for `limit` cases looked at.
    """
    rule = reminder_rule(now)
    if rule is None:
        return RoundOfLooks([], [], more=False)
    due = dict(
        ReminderLook.objects.filter(at__lte=now).order_by("at", "pk").values_list("case_id", "changed_by")[:limit]
    )
    rows = Case.objects.filter(pk__in=due, status__in=OPEN_STATUSES, paused_since__isnull=True).order_by("pk")
    calendars: dict[int, WorkingCalendar] = {}
    wanted, next_at = [], dict.fromkeys(due, now + _AT_LATEST)
    for row in (
        rows.values("pk", "unit_id", "received_at", "due_at", "step_due_at", **_STOPS, told=_TOLD) if due else ()
    ):
        facts = _facts(row, rule, now, calendars)
        next_at[row["pk"]] = rules.next_look(**facts)
        if _untold(row, facts):
            wanted.append(row["pk"])
            # Should there be nobody to tell, it is tried again soon.
            next_at[row["pk"]] = min(next_at[row["pk"]], now + _TRY_AGAIN)
    looks = [(case_id, changed_by, next_at[case_id]) for case_id, changed_by in due.items()]
    return RoundOfLooks(wanted, looks, more=len(due) == limit)


# A case that nothing is said about is looked at once a day all the same: calendars and rules change.
_AT_LATEST, _TRY_AGAIN = timedelta(days=1), timedelta(hours=1)
_TOLD = ArraySubquery(Reminder.objects.filter(case=OuterRef("pk")).values(told=JSONArray("kind", "due_at")))


def _facts(
    row: Mapping[str, Any], rule: ReminderRule, now: datetime, calendars: dict[int, WorkingCalendar]
) -> dict[str, Any]:
    """What the rules of reminders ask about a case."""
    if row["unit_id"] not in calendars:
        key = directory.calendar_key_of(row["unit_id"])
        calendars[row["unit_id"]] = get_working_calendar(calendar_key=key, at=now)
    calendar = calendars[row["unit_id"]]
    stops = [
        Pause(start=datetime.fromisoformat(begin), end=datetime.fromisoformat(end) if end else None, reason="")
        for begin, end in (*row["asked"], *row["paused"])
    ]
    received_at = row["received_at"]
    stopped = rules.waiting_minutes(received_at, now, pauses=stops, calendar=calendar) if received_at and stops else 0
    return {
        "now": now, "received_at": received_at, "due_at": row["due_at"], "step_due_at": row["step_due_at"],
        "stopped_minutes": stopped, "rule": rule, "calendar": calendar,
    }  # fmt: skip


def _untold(row: Mapping[str, Any], facts: dict[str, Any]) -> list[tuple[ReminderKind, datetime]]:
    """What ought to have been told by now about a case and has not been."""
    told = {(kind, datetime.fromisoformat(due_at)) for kind, due_at in row["told"]}
    return [(kind, due_at) for kind, due_at in rules.reminder_due(**facts) if (kind.value, due_at) not in told]


def reminders_due(case: Case, *, at: datetime) -> list[tuple[ReminderKind, datetime]]:
    """What ought to have been told about a locked case by now and has not been."""
    rule = reminder_rule(at)
    if rule is None or case.status not in OPEN_STATUSES or case.paused_since is not None or case.unit_id is None:
        return []
    columns = ("pk", "unit_id", "received_at", "due_at", "step_due_at")
    row = Case.objects.filter(pk=case.pk).values(*columns, **_STOPS, told=_TOLD).get()
    return _untold(row, _facts(row, rule, at, {}))


def recipients_of(case: Case, kind: ReminderKind, *, at: datetime) -> list[int]:
    """Whom to tell, as account numbers.

    The officer who has the case (who stands in for him while he is away), else the nearest who arrange the work of the
    unit; for an escalation those heads, and at the top those who sign for the agency. Nobody is told through a rule
    that skips a level: with no head of its own, a unit's cases go to the head of the unit above.
    """
    if kind is ReminderKind.ESCALATED_TOP and case.unit_id is not None:
        return _nearest(permissions.CasePermission.APPROVE, case.unit_id, at)
    heads = _nearest(permissions.CasePermission.MANAGE_WORK, case.step_unit_id or case.unit_id or 0, at)
    if kind is ReminderKind.ESCALATED:
        return heads
    if case.assignee_id is None:
        return heads
    day = at.astimezone(PROVINCE_TIME).date()
    absence = Absence.objects.filter(
        account_id=case.assignee_id, from_date__lte=day, to_date__gte=day, cancelled_at__isnull=True
    ).first()
    if absence is None:
        return [case.assignee_id]
    return [absence.substitute_id] if absence.substitute_id else heads


def _nearest(permission: permissions.CasePermission, unit_id: int, at: datetime) -> list[int]:
    """The holders of a right whose role is at the unit itself, else at the nearest unit above that has any."""
    for place in (unit_id, *(unit.id for unit in directory.ancestors_of(unit_id))):
        found = accounts.officers_of([place], at=at, permissions_any=[str(permission)])
        if found:
            return [account.id for account in found]
    return []
