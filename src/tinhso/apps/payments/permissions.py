"""Rights over money: role × unit subtree. Whose case it is has been judged by the case."""

from tinhso.apps.directory import queries as directory
from tinhso.apps.payments.models import PaymentOrder, Refund
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class PaymentPermission(Permission):
    """Quyền thu phí, lệ phí."""

    COLLECT = "payment.collect"
    VIEW = "payment.view"
    MATCH = "payment.match"
    CHECK_REFUND = "payment.check_refund"
    APPROVE_REFUND = "payment.approve_refund"
    APPROVE_SHIFT = "payment.approve_shift"
    RECONCILE = "payment.reconcile"


def units_held(actor: Actor, permission: PaymentPermission) -> frozenset[int]:
    """The units for which the actor holds a right: those of his grants, and the unit whose office he sits in."""
    own = actor.unit_ids_for(permission)
    return own | {directory.resolving_unit_of(unit_id).id for unit_id in own}


def can_pay(actor: Actor, order: PaymentOrder) -> bool:
    """Whether the actor pays this order on line: the citizen it was raised for, or the counter for him (nộp phí)."""
    if actor.kind is ActorKind.CITIZEN:
        return actor.account_id is not None and actor.account_id == order.account_id
    return actor.kind is ActorKind.SYSTEM or can_collect_order(actor, order)


def can_collect(actor: Actor, unit_id: int) -> bool:
    """Whether the actor takes money at this unit's counter (thu tiền tại quầy)."""
    return unit_id in units_held(actor, PaymentPermission.COLLECT)


def can_collect_order(actor: Actor, order: PaymentOrder) -> bool:
    """Whether the actor takes the money of this order: at its agency's counter, or where the case was taken (thu tiền)."""
    return bool({order.unit_id, order.desk_id} & units_held(actor, PaymentPermission.COLLECT))


def can_hand_back(actor: Actor, refund: Refund) -> bool:
    """Whether the actor gives an approved refund back in cash: where its money could have been taken (trả tiền mặt)."""
    return can_collect_order(actor, refund.order) if refund.order is not None else can_collect(actor, refund.unit_id)


def can_view(actor: Actor) -> bool:
    """Whether the actor sees orders and money of some unit (xem khoản thu)."""
    return actor.has(PaymentPermission.VIEW)


def can_match(actor: Actor, unit_id: int | None) -> bool:
    """Whether the actor says whose money came, or sends it back (ghép, trả lại tiền chưa rõ)."""
    if unit_id is None:
        return actor.has(PaymentPermission.MATCH)
    return unit_id in units_held(actor, PaymentPermission.MATCH)


def can_check_refund(actor: Actor, unit_id: int) -> bool:
    """Whether the actor checks a refund, the first of two (kiểm tra hoàn trả)."""
    return unit_id in units_held(actor, PaymentPermission.CHECK_REFUND)


def can_approve_refund(actor: Actor, unit_id: int) -> bool:
    """Whether the actor approves a refund, the second of two (duyệt hoàn trả)."""
    return unit_id in units_held(actor, PaymentPermission.APPROVE_REFUND)


def can_approve_shift(actor: Actor, unit_id: int) -> bool:
    """Whether the actor accepts the difference of somebody's shift (duyệt chênh lệch ca thu)."""
    return unit_id in units_held(actor, PaymentPermission.APPROVE_SHIFT)


def can_reconcile(actor: Actor) -> bool:
    """Whether the actor brings in statements and mends differences (đối soát)."""
    return actor.has(PaymentPermission.RECONCILE)
