"""Rights over pay-outs: role × unit subtree. Who prepares, who checks and who approves are three people."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class PayoutPermission(Permission):
    """Quyền chi trả."""

    VIEW = "payout.view"
    PREPARE = "payout.prepare"
    CHECK = "payout.check"
    APPROVE = "payout.approve"
    SETTLE = "payout.settle"


def can_prepare(actor: Actor, unit_id: int) -> bool:
    """Whether the actor keeps the lists and submits batches (lập danh sách, trình đợt chi)."""
    return actor.kind is ActorKind.OFFICER and actor.has(PayoutPermission.PREPARE, unit_id=unit_id)


def can_check(actor: Actor, unit_id: int) -> bool:
    """Whether the actor gives the first of two approvals (kiểm tra đợt chi)."""
    return actor.kind is ActorKind.OFFICER and actor.has(PayoutPermission.CHECK, unit_id=unit_id)


def can_approve(actor: Actor, unit_id: int) -> bool:
    """Whether the actor gives the second of two approvals (duyệt đợt chi)."""
    return actor.kind is ActorKind.OFFICER and actor.has(PayoutPermission.APPROVE, unit_id=unit_id)


def can_settle(actor: Actor, unit_id: int) -> bool:
    """Whether the actor brings in results and hands out cash (nhập kết quả, chi tiền mặt)."""
    return actor.kind is ActorKind.OFFICER and actor.has(PayoutPermission.SETTLE, unit_id=unit_id)


def units_seen(actor: Actor) -> frozenset[int]:
    """The units whose pay-outs the actor may see."""
    return actor.unit_ids_for(PayoutPermission.VIEW)
