"""Rights over receipts: role × unit subtree."""

from tinhso.apps.receipts.models import Receipt
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class ReceiptPermission(Permission):
    """Quyền đối với biên lai."""

    VIEW = "receipt.view"
    PROPOSE_ENDING = "receipt.propose_ending"
    APPROVE_ENDING = "receipt.approve_ending"


def can_propose_ending(actor: Actor, receipt: Receipt) -> bool:
    """Whether the actor may ask to cancel or replace a receipt (đề nghị hủy, thay thế biên lai)."""
    return actor.kind is ActorKind.OFFICER and actor.has(ReceiptPermission.PROPOSE_ENDING, unit_id=receipt.unit_id)


def can_approve_ending(actor: Actor, receipt: Receipt) -> bool:
    """Whether the actor may decide such a proposal (duyệt hủy, thay thế biên lai)."""
    return actor.kind is ActorKind.OFFICER and actor.has(ReceiptPermission.APPROVE_ENDING, unit_id=receipt.unit_id)


def units_seen(actor: Actor) -> frozenset[int]:
    """The units whose receipts the actor may see."""
    return actor.unit_ids_for(ReceiptPermission.VIEW)
