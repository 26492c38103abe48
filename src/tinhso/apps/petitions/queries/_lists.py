"""Lists of petitions: an officer's shelves, a citizen's own, what the clock has to look after. By keyset."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions import permissions
from tinhso.apps.petitions.data import ListedPetition, PetitionPage
from tinhso.apps.petitions.enums import OPEN_STATUSES, PetitionStatus, PetitionTopic, ReminderKind, Shelf
from tinhso.apps.petitions.models import Petition
from tinhso.apps.petitions.permissions import PetitionPermission
from tinhso.apps.petitions.queries._one import visible_to
from tinhso.apps.petitions.rules import parse_code
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.keyset import decode_cursor, encode_cursor
from tinhso.lib.timebar import time_left
from tinhso.lib.worktime import working_minutes_between

_TONES = {
    PetitionStatus.SENT: "info", PetitionStatus.HANDLING: "ok", PetitionStatus.ASKED: "soon",
    PetitionStatus.DRAFTED: "info", PetitionStatus.ANSWERED: "ok", PetitionStatus.REFUSED: "late",
    PetitionStatus.LAPSED: "mute",
}  # fmt: skip
_SOON = timedelta(days=2)
_RUNNING = (PetitionStatus.SENT, PetitionStatus.HANDLING, PetitionStatus.DRAFTED)


def worklist(
    *, actor: Actor, shelf: Shelf, now: datetime, q: str = "", cursor: str | None = None, limit: int = 30
) -> PetitionPage:
    """The petitions of an officer's units on one shelf: the oldest first, all of them by the newest.

    Raises:
        Invalid: the cursor is none of ours.
    """
    rows = _on_shelf(visible_to(actor), shelf, now)
    if q.strip():
        rows = rows.filter(Q(code=parse_code(q)) | Q(title__icontains=q.strip()[:100]))
    return _page(rows, now=now, cursor=cursor, limit=limit, oldest_first=shelf is not Shelf.ALL)


def my_petitions(*, actor: Actor, now: datetime, cursor: str | None = None, limit: int = 20) -> PetitionPage:
    """A citizen's own, newest first."""
    return _page(visible_to(actor), now=now, cursor=cursor, limit=limit)


def count_waiting(*, actor: Actor, now: datetime) -> tuple[int, bool]:
    """How many wait for one of this officer's acts, and whether one is late; one query, for the menu."""
    if not actor.has(PetitionPermission.VIEW):
        return 0, False
    acting = frozenset().union(*(permissions.units_held(actor, right) for right in _ACTING))
    # What waits at a unit in sight is seen.
    is_seen = actor.kind is ActorKind.OFFICER and acting <= permissions.units_held(actor, PetitionPermission.VIEW)
    rows = Petition.objects.all() if is_seen else visible_to(actor)
    dues = list(rows.filter(_waits_for(actor)).values_list("answer_due_at", "publish_due_at", "status"))
    late = any(
        (due is not None and due < now and status != PetitionStatus.ANSWERED)
        or (publish is not None and publish < now and status == PetitionStatus.ANSWERED)
        for due, publish, status in dues
    )
    return len(dues), late


def to_remind(now: datetime, *, limit: int = 500) -> list[tuple[int, ReminderKind, datetime]]:
    """What units have to be reminded of and have not been yet: petition, kind, due date."""
    wanted: list[tuple[ReminderKind, str, Q]] = [
        (ReminderKind.CLASSIFY, "refuse_due_at", Q(status=PetitionStatus.SENT, refuse_due_at__lt=now)),
        (
            ReminderKind.ANSWER_SOON,
            "answer_due_at",
            Q(status__in=_RUNNING, answer_due_at__gte=now, answer_due_at__lt=now + _SOON),
        ),
        (ReminderKind.ANSWER_LATE, "answer_due_at", Q(status__in=_RUNNING, answer_due_at__lt=now)),
        (ReminderKind.PUBLISH, "publish_due_at", _TO_PUBLISH & Q(publish_due_at__lt=now)),
    ]
    found: list[tuple[int, ReminderKind, datetime]] = []
    for kind, column, condition in wanted:
        given = {
            (petition_id, due_at)
            for petition_id, due_at in Petition.objects.filter(condition, reminders__kind=kind)
            .order_by("pk")
            .values_list("pk", "reminders__due_at")
        }
        rows = Petition.objects.filter(condition).order_by(column, "pk").values_list("pk", column)
        found += [(pk, kind, due_at) for pk, due_at in rows if (pk, due_at) not in given][:limit]
    return found


def open_for_calendar(calendar_key: str) -> list[int]:
    """Open petitions at units that keep a calendar; for the job that moves their dates."""
    rows = Petition.objects.filter(status__in=OPEN_STATUSES).order_by("pk").values_list("pk", "handling_unit_id")
    return [pk for pk, unit_id in rows if directory.calendar_key_of(unit_id) in {calendar_key, ""}]


_TO_PUBLISH = Q(
    status=PetitionStatus.ANSWERED, publish_due_at__isnull=False, published_at__isnull=True, withheld_at__isnull=True
)


_ACTING = (
    PetitionPermission.RECEIVE, PetitionPermission.ANSWER, PetitionPermission.APPROVE, PetitionPermission.PUBLISH,
)  # fmt: skip


def _waits_for(actor: Actor) -> Q:
    """What waits for an act of this officer."""
    received = sorted(permissions.units_held(actor, PetitionPermission.RECEIVE))
    answered = sorted(permissions.units_held(actor, PetitionPermission.ANSWER))
    approved = sorted(permissions.units_held(actor, PetitionPermission.APPROVE))
    published = sorted(permissions.units_held(actor, PetitionPermission.PUBLISH))
    at_intake = Q(handling_unit_id__in=received) | Q(intake_unit_id__in=received)
    at_publishing = Q(handling_unit_id__in=published) | Q(intake_unit_id__in=published)
    return (
        (at_intake & Q(status=PetitionStatus.SENT))
        | Q(handling_unit_id__in=answered, status=PetitionStatus.HANDLING)
        | Q(handling_unit_id__in=approved, status=PetitionStatus.DRAFTED)
        | (at_publishing & _TO_PUBLISH)
    )


def _on_shelf(rows: QuerySet[Petition], shelf: Shelf, now: datetime) -> QuerySet[Petition]:
    if shelf is Shelf.OPEN:
        return rows.filter(status__in=OPEN_STATUSES)
    if shelf is Shelf.SENT:
        return rows.filter(status=PetitionStatus.SENT)
    if shelf is Shelf.LATE:
        return rows.filter(Q(status__in=_RUNNING, answer_due_at__lt=now) | (_TO_PUBLISH & Q(publish_due_at__lt=now)))
    if shelf is Shelf.APPROVE:
        return rows.filter(status=PetitionStatus.DRAFTED)
    if shelf is Shelf.PUBLISH:
        return rows.filter(_TO_PUBLISH)
    return rows


def _page(
    rows: QuerySet[Petition], *, now: datetime, cursor: str | None, limit: int, oldest_first: bool = False
) -> PetitionPage:
    # One limit holds for all, so what was sent first is due first, but for the time a sender took to answer.
    if cursor:
        last_id = decode_cursor(cursor)[1]
        rows = rows.filter(pk__gt=last_id) if oldest_first else rows.filter(pk__lt=last_id)
    order = "pk" if oldest_first else "-pk"
    found = list(rows.prefetch_related("reminders").order_by(order)[: limit + 1])
    following = encode_cursor(None, found[limit - 1].pk) if len(found) > limit else None
    return PetitionPage(items=tuple(_listed(row, now) for row in found[:limit]), next=following)


def _listed(row: Petition, now: datetime) -> ListedPetition:
    unit = directory.get_unit(row.handling_unit_id)
    status = PetitionStatus(row.status)
    due_at, left = row.answer_due_at, ""
    if status == PetitionStatus.ANSWERED:
        due_at = None if row.published_at or row.withheld_at else row.publish_due_at
    elif row.closed_at is not None:
        due_at = None
    if due_at is not None:
        calendar = get_working_calendar(calendar_key=unit.calendar_key, at=now)
        minutes = working_minutes_between(calendar, now, due_at)
        left = time_left(minutes) if minutes or now <= due_at else "quá hạn"
    kinds = [
        reminder.kind for reminder in row.reminders.all() if reminder.due_at in {row.answer_due_at, row.publish_due_at}
    ]
    return ListedPetition(
        code=row.code, title=row.title, status=row.status, status_label=str(status.label), tone=_TONES[status],
        unit_name=unit.name, sent_at=row.sent_at, due_at=due_at, left=left, is_late=due_at is not None and due_at < now,
        topic=str(PetitionTopic(row.topic).label), reminded=str(ReminderKind(kinds[-1]).label) if kinds else "",
    )  # fmt: skip


def tone_of(status: str) -> str:
    """The colour of a status; a word stands beside it always."""
    return _TONES[PetitionStatus(status)]
