"""Queues as the hall, their holders and the officers see them, and what the waiting was like."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, F, Q

from tinhso.apps.calendars.queries import get_reception_calendar
from tinhso.apps.directory import queries as directory
from tinhso.apps.reception import rules
from tinhso.apps.reception.data import Call, FollowedTicket, QueueNotFound, QueueState, TicketNotFound, Times
from tinhso.apps.reception.enums import TicketSource, TicketStatus
from tinhso.apps.reception.models import Queue, Ticket, TicketCase
from tinhso.apps.reception.permissions import ReceptionPermission
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME

_RECENT_CALLS = 6
_AT_WORK = timedelta(minutes=45)
_AT_DESK = (TicketStatus.CALLED, TicketStatus.SERVING)


@dataclass(frozen=True, slots=True)
class Slot:
    """A quarter of an hour that can be booked (khung giờ)."""

    at: datetime
    free: int


def halls_of(*, actor: Actor, permission: ReceptionPermission, on: date) -> list[Any]:
    """The halls in which the actor holds a right: one-stop units, by name."""
    units = [directory.get_unit(unit_id) for unit_id in actor.unit_ids_for(permission)]
    halls = [unit for unit in units if unit.kind == "one_stop" and unit.is_valid_on(on)]
    return sorted(halls, key=lambda unit: (unit.path.count("/"), unit.name))


def list_queues(*, unit_id: int, at: datetime) -> list[QueueState]:
    """The queues of a hall with how many wait in each now. Public: the hall's display and its kiosk show them."""
    day = _day(at)
    waiting = Count("waiting", filter=Q(waiting__day=day, waiting__status="waiting", waiting__ready_at__lte=at))
    each, desks = _pace(unit_id, at)
    return [
        QueueState(
            id=queue.pk, name=queue.name, letter=queue.letter, fields=tuple(queue.fields), places=queue.places,
            is_open=queue.is_open, waiting=queue.now_waiting,
            wait_minutes=rules.wait_minutes(before=queue.now_waiting, service_minutes=each, desks=desks),
        )
        for queue in Queue.objects.filter(unit_id=unit_id).annotate(now_waiting=waiting).order_by("letter")
    ]  # fmt: skip


def get_queue(queue_id: int) -> Queue:
    """A queue.

    Raises:
        QueueNotFound.
    """
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise QueueNotFound
    return queue


def serving(queues: Sequence[QueueState], field: str) -> QueueState | None:
    """The open queue of a hall that serves a field of procedures: its own, else the one for whatever has none.

    None when the hall has no queue for it.
    """
    running = [queue for queue in queues if queue.is_open]
    own = [queue for queue in running if field in queue.fields]
    return next(iter(own or [queue for queue in running if not queue.fields]), None)


def halls_with_places(*, on: date) -> list[Any]:
    """The halls in which a slot can be booked online, by name."""
    ids = Queue.objects.filter(is_open=True, places__gt=0).values_list("unit_id", flat=True).distinct()
    return sorted((directory.get_unit(pk) for pk in ids), key=lambda unit: (unit.path.count("/"), unit.name))


def recent_calls(*, unit_id: int, at: datetime) -> list[Call]:
    """The latest calls of a hall, newest first."""
    rows = Ticket.objects.filter(line__unit_id=unit_id, day=_day(at), called_at__isnull=False, desk__gt="")
    rows = rows.exclude(status=TicketStatus.ABSENT).select_related("queue").order_by("-called_at", "-pk")
    return [Call(row.label, row.desk, row.called_at, row.calls) for row in rows[:_RECENT_CALLS] if row.called_at]


def follow_ticket(code: str, *, at: datetime) -> FollowedTicket:
    """A ticket by the code on it (theo dõi số thứ tự).

    Raises:
        TicketNotFound.
    """
    ticket = Ticket.objects.select_related("queue", "line").filter(code=code.strip().lower()).first()
    if ticket is None:
        raise TicketNotFound
    before = 0
    if ticket.status == TicketStatus.WAITING:
        others = Ticket.objects.filter(line_id=ticket.line_id, day=ticket.day, status=TicketStatus.WAITING)
        first = Q(ready_at__lt=ticket.ready_at) | Q(ready_at=ticket.ready_at, pk__lt=ticket.pk)
        same = Q(is_priority=ticket.is_priority)
        before = others.filter(
            same & first | Q(is_priority=True) & ~same if not ticket.is_priority else same & first
        ).count()
    each, desks = _pace(ticket.line.unit_id, at)
    wait = rules.wait_minutes(before=before, service_minutes=each, desks=desks)
    if ticket.ready_at > at:
        wait = max(wait, int((ticket.ready_at - at).total_seconds() // 60))
    return FollowedTicket(
        code=ticket.code, label=ticket.label, queue=ticket.line.name, unit_id=ticket.line.unit_id, status=ticket.status,
        ready_at=ticket.ready_at, desk=ticket.desk, before=before, wait_minutes=wait,
        is_booked=ticket.source == TicketSource.ONLINE,
    )  # fmt: skip


def ticket_at_desk(*, actor: Actor) -> Ticket | None:
    """Whom this officer calls or serves now."""
    mine = Ticket.objects.filter(officer_id=actor.account_id, status__in=_AT_DESK)
    return mine.select_related("queue", "line").first()


def cases_of_ticket(ticket_id: int) -> list[str]:
    """Codes of the cases taken in a visit; the caller serves it."""
    rows = TicketCase.objects.filter(ticket_id=ticket_id).order_by("pk")
    return [code for code in rows.values_list("case__code", flat=True) if code]


def list_waiting(*, unit_id: int, at: datetime) -> list[Ticket]:
    """Who waits in a hall now, in the order of the calls."""
    rows = Ticket.objects.filter(line__unit_id=unit_id, day=_day(at), status=TicketStatus.WAITING)
    return list(rows.select_related("queue", "line").order_by("-is_priority", "ready_at", "pk")[:60])


def booking_of(*, actor: Actor, at: datetime) -> Ticket | None:
    """The next slot this citizen has booked."""
    mine = Ticket.objects.filter(account_id=actor.account_id, status=TicketStatus.WAITING, day__gte=_day(at))
    return mine.select_related("queue").order_by("ready_at").first()


def slots_of(queue: Queue, *, day: date, at: datetime) -> list[Slot]:
    """The quarters of an hour of a day with the places left; past ones and closed hours are absent."""
    if not queue.is_open or not queue.places:
        return []
    calendar = get_reception_calendar(calendar_key=directory.calendar_key_of(queue.unit_id), at=at)
    booked = dict(
        Ticket.objects.filter(queue=queue, day=day, source=TicketSource.ONLINE)
        .exclude(status=TicketStatus.CANCELLED)
        .values_list("ready_at")
        .annotate(n=Count("pk"))
    )
    found = []
    midnight = datetime.combine(day, time(), PROVINCE_TIME)
    for start, end in calendar.open_intervals(day):
        slot = midnight + timedelta(minutes=start)
        while slot + rules.SLOT <= midnight + timedelta(minutes=end):
            if slot > at:
                found.append(Slot(slot, max(queue.places - booked.get(slot, 0), 0)))
            slot += rules.SLOT
    return found


def statistics(*, actor: Actor, unit_id: int, first: date, last: date) -> dict[str, list[Times]]:
    """What the waiting was like in a hall: overall, by queue, by hour, by officer (thống kê quầy).

    Raises:
        QueueNotFound: the actor does not see this hall's figures.
    """
    if unit_id not in actor.unit_ids_for(ReceptionPermission.VIEW_STATISTICS):
        raise QueueNotFound
    return {name: _times(what, unit_id, first, last) for name, what in _GROUPS.items()}


_GROUPS = {
    "all": "'Cả quầy'",
    "queues": "q.letter || ' · ' || q.name",
    "hours": "to_char(t.taken_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'HH24') || ' giờ'",
    "officers": "coalesce(a.full_name, 'Chưa gọi')",
}
# The expressions are the constants above; only values are parameters.
_STATISTICS = """
SELECT {what} AS name,
       count(*) FILTER (WHERE t.status = 'done'),
       count(*) FILTER (WHERE t.status = 'absent'),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
         ORDER BY extract(epoch FROM t.started_at - t.ready_at) / 60) FILTER (WHERE t.started_at IS NOT NULL),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
         ORDER BY extract(epoch FROM t.finished_at - t.started_at) / 60) FILTER (WHERE t.status = 'done')
FROM reception_ticket t
JOIN reception_queue q ON q.id = t.line_id
LEFT JOIN accounts_account a ON a.id = t.officer_id
WHERE q.unit_id = %s AND t.day BETWEEN %s AND %s AND t.status <> 'cancelled'
GROUP BY 1 ORDER BY 1
"""


def _times(what: str, unit_id: int, first: date, last: date) -> list[Times]:
    with connection.cursor() as cursor:
        cursor.execute(_STATISTICS.format(what=what), [unit_id, first, last])
        rows = cursor.fetchall()
    return [
        Times(
            name=name, served=served, absent=absent, wait_p50=_of(wait, 0), wait_p90=_of(wait, 1),
            service_p50=_of(service, 0), service_p90=_of(service, 1),
        )
        for name, served, absent, wait, service in rows
    ]  # fmt: skip


def _of(pair: list[float] | None, index: int) -> float | None:
    return max(float(pair[index]), 0.0) if pair and pair[index] is not None else None


def _pace(unit_id: int, at: datetime) -> tuple[float | None, int]:
    """How many minutes a person takes in this hall today, and how many desks are at work."""
    today = Ticket.objects.filter(line__unit_id=unit_id, day=_day(at))
    took = today.filter(status=TicketStatus.DONE).aggregate(each=Avg(F("finished_at") - F("started_at")))["each"]
    desks = today.filter(called_at__gte=at - _AT_WORK).aggregate(n=Count("officer_id", distinct=True))["n"]
    return (took.total_seconds() / 60 if took else None), desks


def _day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()
