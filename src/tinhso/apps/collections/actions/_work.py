"""Long work on a round, a portion at a time, and reminders."""

from datetime import datetime

from tinhso.apps.accounts.queries import accounts_named
from tinhso.apps.audit.actions import record
from tinhso.apps.collections import permissions, queries
from tinhso.apps.collections.actions._lines import raise_for
from tinhso.apps.collections.actions._lists import lock, stream
from tinhso.apps.collections.data import CollectionMoved
from tinhso.apps.collections.enums import LineStatus, ListStatus
from tinhso.apps.collections.events import CollectionPortionDone, PayersReminded
from tinhso.apps.collections.models import CollectionLine, CollectionList
from tinhso.apps.notifications.actions import notify_many
from tinhso.apps.notifications.data import Told
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.apps.payments.actions import cancel_order
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME

PORTION = 200


@action
def work_portion(*, list_id: int, actor: Actor, at: datetime) -> CollectionList:
    """Xử lý một phần danh sách: orders for the next lines while the round opens, no more orders while it closes.

    Each line once: the cursor is kept in the same transaction. Nothing in any other state.
    """
    require(actor.kind is ActorKind.SYSTEM)
    found = lock(list_id)
    if found.status not in {ListStatus.OPENING, ListStatus.CLOSING}:
        return found
    rows = CollectionLine.objects.select_for_update().filter(list=found, pk__gt=found.cursor).order_by("pk")
    portion = list(rows[:PORTION])
    for line in portion:
        if found.status == ListStatus.OPENING:
            raise_for(line, found, actor=actor, at=at)
            line.save(update_fields=["order_id", "orders_raised", "status"])
        elif line.status in {LineStatus.DUE, LineStatus.PARTLY_PAID} and line.order_id is not None:
            cancel_order(order_id=line.order_id, reason=found.close_reason[:200], actor=actor, at=at)
            line.status, line.note = LineStatus.CANCELLED, found.close_reason
            line.save(update_fields=["status", "note"])
    done = len(portion) < PORTION
    if portion:
        found.cursor = portion[-1].pk
    if done:
        found.status = ListStatus.OPEN if found.status == ListStatus.OPENING else ListStatus.CLOSED
    found.save(update_fields=["cursor", "status"])
    event = CollectionPortionDone(list_id=found.pk, lines=len(portion), done=done)
    record(event, subject=stream(found.pk), actor=actor, at=at)
    return found


@action
def remind(*, list_id: int, actor: Actor, at: datetime) -> int:
    """Nhắc những người nộp có tài khoản ở đây về khoản chưa nộp đủ; once a day whoever asks. Returns how many were told.

    The notice names the code and the last day, never the pupil, the patient or the sum.

    Raises:
        CollectionNotFound: no such round. CollectionMoved: it is not open.
    """
    found = lock(list_id)
    require(actor.kind is ActorKind.SYSTEM or permissions.can_open(actor, found.unit_id))
    if found.status != ListStatus.OPEN:
        raise CollectionMoved("Đợt thu không đang thu.")
    day = at.astimezone(PROVINCE_TIME).date()
    waiting = CollectionLine.objects.filter(
        list=found, status__in=[LineStatus.DUE, LineStatus.PARTLY_PAID]
    ).exclude(payer_personal_id="")  # fmt: skip
    fee = queries.fee_of(found.fee)
    accounts = {
        payer: accounts_named(payer) for payer in set(waiting.values_list("payer_personal_id", flat=True).distinct())
    }
    told = [
        Told(
            account_id=account_id, code=line.code, unit_id=found.unit_id, facts={"date": f"{found.due_on:%d/%m/%Y}"},
            words=f"{fee.name}: còn khoản phải nộp, hạn {found.due_on:%d/%m/%Y}.", source=f"collection:{line.pk}:{day}",
        )
        for line in waiting.order_by("number")
        for account_id in accounts[line.payer_personal_id]
    ]  # fmt: skip
    count = notify_many(
        told=told, kind=NoticeKind.PAYMENT, subject=NoticeSubject.BILL, source=f"collection:{found.pk}:{day}",
        actor=SYSTEM, at=at,
    ) if told else 0  # fmt: skip
    found.reminded_at = at
    found.save(update_fields=["reminded_at"])
    record(PayersReminded(list_id=found.pk, told=count), subject=stream(found.pk), actor=actor, at=at)
    return count
