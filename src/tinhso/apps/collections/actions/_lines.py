"""One line of an open round: its order, reductions, cancelling, and what payments says of it."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.collections import permissions, queries, rules
from tinhso.apps.collections.actions._lists import lock
from tinhso.apps.collections.data import CollectionInvalid, CollectionMoved, CollectionNotFound
from tinhso.apps.collections.enums import LineStatus, ListStatus
from tinhso.apps.collections.events import LineCancelled, LineExempted
from tinhso.apps.collections.models import CollectionLine, CollectionList, LinePayment
from tinhso.apps.payments import queries as payments
from tinhso.apps.payments.actions import cancel_order, collect_at_counter, raise_order, refund_order
from tinhso.apps.payments.data import OrderData, OrderLine, Taken
from tinhso.apps.payments.enums import Occasion, OrderStatus, RefundReason
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.prepared import Prepared
from tinhso.lib.amounts import dong

_OPEN_LINES = (LineStatus.DUE, LineStatus.PARTLY_PAID)

_OF_ORDER = Prepared(
    lambda order_id: CollectionLine.objects.select_for_update().filter(order_id=order_id), order_id=int
)


@action
def exempt_line(*, line_id: int, exemption: str, evidence: str, actor: Actor, at: datetime) -> CollectionLine:
    """Miễn, giảm một dòng của đợt đang thu, có minh chứng. The order of before gives way to a smaller one, or to none.

    Raises:
        CollectionNotFound: no such line. CollectionMoved: money has come for it, or it is over.
        CollectionInvalid: no such reduction for this fee, no evidence.
    """
    line, found = _open_line(line_id, actor)
    known = queries.exemptions_for(queries.fee_of(found.fee)).get(exemption)
    if known is None:
        raise CollectionInvalid("Khoản thu này không có diện miễn, giảm ấy.")
    if not evidence.strip():
        raise CollectionInvalid("Mời ghi minh chứng của diện miễn, giảm.")
    if line.status != LineStatus.DUE or line.paid_vnd:
        raise CollectionMoved("Khoản này đã có tiền nộp; mời không thu nữa để hoàn trả, rồi lập khoản mới.")
    old, reason = line.due_vnd, f"{known.name}: {evidence.strip()}"
    line.exemption, line.evidence = known.key, evidence.strip()[:200]
    line.due_vnd = rules.left_after(line.amount_vnd, known.percent)
    if line.order_id is not None:
        cancel_order(order_id=line.order_id, reason=reason[:200], actor=actor, at=at)
    raise_for(line, found, actor=actor, at=at)
    line.save()
    event = LineExempted(
        list_id=found.pk,
        line_id=line.pk,
        exemption=known.key,
        old_vnd=old,
        new_vnd=line.due_vnd,
        evidence=line.evidence,
    )
    record(event, subject=queries.subject_of(line), actor=actor, at=at)
    return line


@action
def cancel_line(*, line_id: int, reason: str, actor: Actor, at: datetime) -> CollectionLine:
    """Không thu nữa một dòng (thôi học, ghi nhầm), có lý do; what was paid is proposed to go back.

    Raises:
        CollectionNotFound: no such line. CollectionMoved: it is over already. CollectionInvalid: no reason.
    """
    line, found = _open_line(line_id, actor)
    if not reason.strip():
        raise CollectionInvalid("Mời ghi lý do không thu nữa.")
    if line.status not in {*_OPEN_LINES, LineStatus.PAID}:
        raise CollectionMoved
    if line.order_id is not None:
        cancel_order(order_id=line.order_id, reason=reason.strip()[:200], actor=actor, at=at)
        refund_order(
            order_id=line.order_id, reason=RefundReason.WITHDRAWN, note=reason.strip()[:200], cause=f"line:{line.pk}",
            actor=actor, at=at,
        )  # fmt: skip
    line.status, line.note = LineStatus.CANCELLED, reason.strip()[:300]
    line.save(update_fields=["status", "note"])
    event = LineCancelled(list_id=found.pk, line_id=line.pk, reason=line.note)
    record(event, subject=queries.subject_of(line), actor=actor, at=at)
    return line


@action
def collect_line(
    *, line_id: int, method: str, amount_vnd: int, slip: str, key: str, actor: Actor, at: datetime
) -> Taken:
    """Thu một dòng tại quầy, đủ hoặc từng phần, by cash or card; a part as the fee allows. `key`: sent twice, taken once.

    Raises:
        CollectionNotFound: no such line. CollectionMoved: nothing is owed for it.
        CollectionInvalid: a part that may not be paid by itself.
        ShiftNotOpen, AlreadyPaid, Invalid: as `payments.actions.collect_at_counter`.
    """
    line = CollectionLine.objects.select_related("list").filter(pk=line_id).first()
    if line is None:
        raise CollectionNotFound
    # Whether the actor may take money there, and has a shift open, is judged where it is taken.
    require(line.list.unit_id in permissions.units_seen(actor))
    if line.order_id is None:
        raise CollectionMoved("Khoản này không còn phải nộp.")
    left = payments.get_order(line.order_id).left_vnd
    least = queries.fee_of(line.list.fee).part_from_vnd
    if left > 0 and (problem := rules.part_problem(amount_vnd, left_vnd=left, least_vnd=least)):
        raise CollectionInvalid(problem)
    return collect_at_counter(
        order_id=line.order_id, method=method, amount_vnd=amount_vnd, is_part=amount_vnd != left, slip=slip, key=key,
        actor=actor, at=at,
    )  # fmt: skip


@action
def follow_order(*, order_id: int | None, actor: Actor, at: datetime) -> bool:
    """Chép lại từ khoản phải nộp số đã nộp, đã hoàn của dòng thu; told twice it is the same. False: no line's order."""
    require(actor.kind is ActorKind.SYSTEM)
    if order_id is None:  # money nobody knows yet
        return False
    line = _OF_ORDER.first(order_id=order_id)
    if line is None:
        return False
    order = payments.get_order(order_id)
    line.paid_vnd, line.refunded_vnd, line.paid_at = order.paid_vnd, order.refunded_vnd, order.paid_at
    line.status = _status(line, order)
    line.save(update_fields=["paid_vnd", "refunded_vnd", "paid_at", "status"])
    for money in payments.money_of(order_id):
        LinePayment.objects.update_or_create(
            payment_id=money.id,
            defaults={
                "line": line, "provider": money.provider, "amount_vnd": money.amount_vnd, "paid_at": money.paid_at,
            },
        )  # fmt: skip
    return True


def raise_for(line: CollectionLine, found: CollectionList, *, actor: Actor, at: datetime) -> None:
    """The order of what a line owes now; none where it owes nothing. The caller saves the line."""
    fee, body = queries.fee_of(found.fee), queries.body_of(found.body)
    if not line.due_vnd:
        line.order_id, line.status = None, LineStatus.EXEMPT
        return
    line.orders_raised += 1
    known = queries.exemptions_for(fee).get(line.exemption)
    words = f"{body.name}; {line.full_name}" + (f", {line.group_name}" if line.group_name else "")
    if known is not None:
        words += f"; {known.name.lower()}: {known.percent}% của {dong(line.amount_vnd)} không thu"
    line.order_id = raise_order(
        subject=queries.subject_of(line), case_code=line.code, occasion=Occasion.COLLECTION, number=line.orders_raised,
        unit_id=found.unit_id, desk_id=None, payer_name=line.full_name, payer_personal_id=line.payer_personal_id,
        lines=[OrderLine(name=line.words, amount_vnd=line.due_vnd, key=fee.key, basis=fee.basis, words=words)],
        procedure_name=f"{fee.name} - {body.name}", actor=actor, at=at,
    )  # fmt: skip
    line.status = LineStatus.DUE


def _status(line: CollectionLine, order: OrderData) -> str:
    if order.refunded_vnd and order.refunded_vnd >= order.paid_vnd:
        return LineStatus.RETURNED
    if order.status == OrderStatus.CANCELLED or line.status == LineStatus.CANCELLED:
        return LineStatus.CANCELLED
    return {
        OrderStatus.PAID: LineStatus.PAID, OrderStatus.PARTLY_PAID: LineStatus.PARTLY_PAID,
    }.get(OrderStatus(order.status), LineStatus.DUE)  # fmt: skip


def _open_line(line_id: int, actor: Actor) -> tuple[CollectionLine, CollectionList]:
    list_id = CollectionLine.objects.filter(pk=line_id).values_list("list_id", flat=True).first()
    if list_id is None:
        raise CollectionNotFound
    found = lock(list_id)
    require(permissions.can_change(actor, found.unit_id))
    if found.status != ListStatus.OPEN:
        raise CollectionMoved("Đợt thu không đang thu.")
    return CollectionLine.objects.select_for_update().get(pk=line_id), found
