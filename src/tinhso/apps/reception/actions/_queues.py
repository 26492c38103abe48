"""Queues and tickets of a hall: numbers without gaps, one person a desk, nobody called twice at once."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.reception import permissions, queries, rules
from tinhso.apps.reception.data import (
    AlreadyBooked,
    LetterTaken,
    NobodyWaits,
    QueueClosed,
    QueueNotFound,
    SlotTaken,
    SomebodyAtDesk,
    TicketNotAtDesk,
    TicketNotFound,
)
from tinhso.apps.reception.enums import TicketSource, TicketStatus
from tinhso.apps.reception.events import CaseOfVisit, QueueSet, TicketCalled, TicketEnded, TicketMoved, TicketStarted
from tinhso.apps.reception.events import TicketTaken as Taken
from tinhso.apps.reception.models import Queue, Ticket, TicketCase
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.kernel.prepared import Prepared

_AT_DESK = (TicketStatus.CALLED, TicketStatus.SERVING)
# Whom an officer was serving at a moment.
_SERVED_AT = Prepared(
    lambda officer_id, moment: (
        Ticket.objects.select_for_update(of=("self",))
        .filter(officer_id=officer_id, started_at__lte=moment)
        .exclude(finished_at__lt=moment)
        .order_by("-started_at")[:1]
    ),
    officer_id=int, moment=datetime,
)  # fmt: skip


@action
def open_queue(
    *, unit_id: int, name: str, letter: str, fields: Sequence[str], places: int, actor: Actor, at: datetime
) -> Queue:
    """Mở một hàng đợi của quầy, for some fields of procedures (empty: all), with places a quarter of an hour online.

    Raises:
        LetterTaken: another queue of the hall has this letter. Invalid: no name, or no letter.
    """
    require(permissions.can_manage_queues(actor, unit_id))
    mark = letter.strip().upper()
    if not name.strip() or len(mark) != 1 or not "A" <= mark <= "Z":
        raise Invalid("Mời đặt tên và một chữ cái từ A đến Z cho hàng đợi.")
    if Queue.objects.select_for_update().filter(unit_id=unit_id, letter=mark).exists():
        raise LetterTaken
    queue = Queue.objects.create(
        unit_id=unit_id, name=name.strip()[:80], letter=mark, fields=list(fields), places=min(max(places, 0), 20)
    )
    _record_queue(queue, actor, at)
    return queue


@action
def change_queue(
    *, queue_id: int, name: str, fields: Sequence[str], places: int, is_open: bool, actor: Actor, at: datetime
) -> Queue:
    """Sửa, đóng hoặc mở lại hàng đợi. Tickets that wait in a closed queue are still called.

    Raises:
        QueueNotFound. Invalid: no name.
    """
    queue = Queue.objects.select_for_update(of=("self",)).filter(pk=queue_id).first()
    if queue is None:
        raise QueueNotFound
    require(permissions.can_manage_queues(actor, queue.unit_id))
    if not name.strip():
        raise Invalid("Mời đặt tên cho hàng đợi.")
    queue.name, queue.fields = name.strip()[:80], list(fields)
    queue.places, queue.is_open = min(max(places, 0), 20), is_open
    queue.save(update_fields=["name", "fields", "places", "is_open"])
    _record_queue(queue, actor, at)
    return queue


@action
def take_ticket(*, queue_id: int, is_priority: bool, actor: Actor, at: datetime) -> Ticket:
    """Lấy số thứ tự tại máy của quầy.

    Raises:
        QueueNotFound; QueueClosed.
    """
    require(permissions.can_take_ticket(actor))
    return _take(queue_id, TicketSource.KIOSK, at, day=_day(at), is_priority=is_priority, actor=actor, at=at)


@action
def book_ticket(*, queue_id: int, slot_at: datetime, actor: Actor, at: datetime) -> Ticket:
    """Đặt lịch trực tuyến: a number for a slot, which is called when the slot begins.

    Raises:
        QueueNotFound; QueueClosed; SlotTaken: no place left, past, or outside the hours; AlreadyBooked.
    """
    require(permissions.can_book(actor), "Đặt lịch cần đăng nhập bằng định danh điện tử.")
    # Whoever books holds the queue's row, so that the last place of a slot goes to one person.
    queue = Queue.objects.select_for_update(of=("self",)).filter(pk=queue_id).first()
    if queue is None:
        raise QueueNotFound
    day = _day(slot_at)
    if Ticket.objects.filter(account_id=actor.account_id, day=day, status=TicketStatus.WAITING).exists():
        raise AlreadyBooked
    free = {slot.at: slot.free for slot in queries.slots_of(queue, day=day, at=at)}
    if free.get(slot_at, 0) <= 0:
        raise SlotTaken
    return _take(queue_id, TicketSource.ONLINE, slot_at, day=day, is_priority=False, actor=actor, at=at)


@action
def cancel_ticket(*, code: str, actor: Actor, at: datetime) -> Ticket:
    """Trả lại số đã đặt; the number stays used, nobody else gets it.

    Raises:
        TicketNotFound: none of this person's, or called already.
    """
    require(permissions.can_book(actor))
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(code=code, account_id=actor.account_id).first()
    if ticket is None or ticket.status != TicketStatus.WAITING:
        raise TicketNotFound
    return _end(ticket, TicketStatus.CANCELLED, actor=actor, at=at)


@action
def call_next(*, unit_id: int, queue_ids: Sequence[int], desk: str, actor: Actor, at: datetime) -> Ticket:
    """Gọi số kế tiếp: who has waited longest in these queues (none: all of the hall), people with priority first.

    Raises:
        SomebodyAtDesk: the officer still has somebody; NobodyWaits. Invalid: no desk named.
    """
    require(permissions.can_serve(actor, unit_id))
    if not desk.strip():
        raise Invalid("Mời ghi số quầy để người dân biết đến đâu.")
    if Ticket.objects.filter(officer_id=actor.account_id, status__in=_AT_DESK).exists():
        raise SomebodyAtDesk
    waiting = Ticket.objects.filter(line__unit_id=unit_id, day=_day(at), status=TicketStatus.WAITING, ready_at__lte=at)
    if queue_ids:
        waiting = waiting.filter(line_id__in=list(queue_ids))
    # Rows that a colleague is calling at this moment are passed over, so two desks never call one number.
    order = waiting.order_by("-is_priority", "ready_at", "pk")
    ticket = order.select_for_update(of=("self",), skip_locked=True).select_related("queue").first()
    if ticket is None:
        raise NobodyWaits
    ticket.status, ticket.called_at, ticket.calls = TicketStatus.CALLED, at, 1
    ticket.desk, ticket.officer_id = desk.strip()[:40], actor.account_id
    ticket.save(update_fields=["status", "called_at", "calls", "desk", "officer_id"])
    record(TicketCalled(ticket_id=ticket.pk, desk=ticket.desk, calls=1), subject=ticket, actor=actor, at=at)
    return ticket


@action
def call_again(*, ticket_id: int, actor: Actor, at: datetime) -> Ticket:
    """Gọi lại số đang gọi.

    Raises:
        TicketNotAtDesk.
    """
    ticket = _mine(ticket_id, actor, TicketStatus.CALLED)
    ticket.calls, ticket.called_at = ticket.calls + 1, at
    ticket.save(update_fields=["calls", "called_at"])
    record(TicketCalled(ticket_id=ticket.pk, desk=ticket.desk, calls=ticket.calls), subject=ticket, actor=actor, at=at)
    return ticket


@action
def start_ticket(*, ticket_id: int, actor: Actor, at: datetime) -> Ticket:
    """Bắt đầu phục vụ: the person stands at the desk; cases received from here on belong to the visit.

    Raises:
        TicketNotAtDesk.
    """
    ticket = _mine(ticket_id, actor, TicketStatus.CALLED)
    ticket.status, ticket.started_at = TicketStatus.SERVING, at
    ticket.save(update_fields=["status", "started_at"])
    record(TicketStarted(ticket_id=ticket.pk), subject=ticket, actor=actor, at=at)
    return ticket


@action
def finish_ticket(*, ticket_id: int, actor: Actor, at: datetime) -> Ticket:
    """Kết thúc lượt phục vụ.

    Raises:
        TicketNotAtDesk.
    """
    return _end(_mine(ticket_id, actor, TicketStatus.SERVING), TicketStatus.DONE, actor=actor, at=at)


@action
def mark_absent(*, ticket_id: int, actor: Actor, at: datetime) -> Ticket:
    """Ghi người được gọi không có mặt.

    Raises:
        TicketNotAtDesk.
    """
    return _end(_mine(ticket_id, actor, TicketStatus.CALLED), TicketStatus.ABSENT, actor=actor, at=at)


@action
def transfer_ticket(*, ticket_id: int, queue_id: int, actor: Actor, at: datetime) -> Ticket:
    """Chuyển người sang hàng khác: the number stays, and so does the turn: who has waited is not made to begin anew.

    Raises:
        TicketNotAtDesk; QueueNotFound: none of this hall.
    """
    ticket = _mine(ticket_id, actor, *_AT_DESK)
    if not Queue.objects.filter(pk=queue_id, unit_id=ticket.queue.unit_id).exists():
        raise QueueNotFound
    ticket.line_id, ticket.status, ticket.officer_id, ticket.desk = queue_id, TicketStatus.WAITING, None, ""
    ticket.started_at = None
    ticket.save(update_fields=["line_id", "status", "officer_id", "desk", "started_at"])
    record(TicketMoved(ticket_id=ticket.pk, to_queue_id=queue_id), subject=ticket, actor=actor, at=at)
    return ticket


@action
def tie_case(*, case_id: int, officer: Actor, received_at: datetime, actor: Actor, at: datetime) -> None:
    """Gắn hồ sơ vừa nhận với lượt đang phục vụ của cán bộ nhận; told twice, it happens once."""
    require(actor.kind == "system")
    if officer.account_id is None:
        return
    ticket = _SERVED_AT.first(officer_id=officer.account_id, moment=received_at)
    if ticket is None or ticket.day != _day(received_at):
        return
    if TicketCase.objects.filter(case_id=case_id).exists():
        return
    TicketCase.objects.create(ticket=ticket, case_id=case_id)
    record(CaseOfVisit(ticket_id=ticket.pk, case_id=case_id), subject=ticket, actor=actor, at=at)


def _take(
    queue_id: int, source: TicketSource, ready_at: datetime, *, day: date, is_priority: bool, actor: Actor, at: datetime
) -> Ticket:
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise QueueNotFound
    if not queue.is_open:
        raise QueueClosed
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reception_queueday (queue_id, day, latest) VALUES (%s, %s, 1)"
            " ON CONFLICT (queue_id, day) DO UPDATE SET latest = reception_queueday.latest + 1 RETURNING latest",
            [queue_id, day],
        )
        number = cursor.fetchone()[0]
    ticket = Ticket.objects.create(
        queue=queue, line=queue, day=day, number=number, code=secrets.token_hex(rules.TICKET_CODE_BYTES), source=source,
        is_priority=is_priority, taken_at=at, ready_at=ready_at,
        account_id=actor.account_id if source == TicketSource.ONLINE else None,
    )  # fmt: skip
    event = Taken(ticket_id=ticket.pk, label=ticket.label, source=source, ready_at=ready_at)
    record(event, subject=ticket, actor=actor, at=at)
    return ticket


def _mine(ticket_id: int, actor: Actor, *statuses: TicketStatus) -> Ticket:
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("queue").filter(pk=ticket_id).first()
    if ticket is None:
        raise TicketNotAtDesk
    require(permissions.can_serve(actor, ticket.queue.unit_id))
    if ticket.officer_id != actor.account_id or ticket.status not in statuses:
        raise TicketNotAtDesk
    return ticket


def _end(ticket: Ticket, status: TicketStatus, *, actor: Actor, at: datetime) -> Ticket:
    ticket.status, ticket.finished_at = status, at
    ticket.save(update_fields=["status", "finished_at"])
    record(TicketEnded(ticket_id=ticket.pk, status=status), subject=ticket, actor=actor, at=at)
    return ticket


def _record_queue(queue: Queue, actor: Actor, at: datetime) -> None:
    event = QueueSet(
        queue_id=queue.pk, unit_id=queue.unit_id, name=queue.name, letter=queue.letter, fields=list(queue.fields),
        places=queue.places, is_open=queue.is_open,
    )  # fmt: skip
    record(event, subject=queue, actor=actor, at=at)


def _day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()
