"""Rights over the store of files and over disposal."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class DocumentPermission(Permission):
    """Quyền đối với kho tệp và việc tiêu hủy tài liệu."""

    PROPOSE_DISPOSAL = "document.propose_disposal"
    APPROVE_DISPOSAL = "document.approve_disposal"


def can_keep_store(actor: Actor) -> bool:
    """Whether the actor may scan, draw, seal, move and re-wrap content (vận hành kho tệp): jobs and operators' commands."""
    return actor.kind is ActorKind.SYSTEM


def can_propose_disposal(actor: Actor, *, unit_id: int | None = None) -> bool:
    """Whether the actor may list files whose retention period is over (lập danh mục tài liệu hết thời hạn lưu giữ)."""
    return actor.has(DocumentPermission.PROPOSE_DISPOSAL, unit_id=unit_id)


def can_approve_disposal(actor: Actor, *, unit_id: int, proposed_by_id: int) -> bool:
    """Whether the actor may decide on a list (phê duyệt tiêu hủy): never one's own."""
    holds = actor.has(DocumentPermission.APPROVE_DISPOSAL, unit_id=unit_id)
    return holds and actor.account_id is not None and actor.account_id != proposed_by_id


def can_see_disposals(actor: Actor) -> bool:
    """Whether the actor may see lists of disposal of the units the right covers."""
    return actor.has(DocumentPermission.PROPOSE_DISPOSAL) or actor.has(DocumentPermission.APPROVE_DISPOSAL)
