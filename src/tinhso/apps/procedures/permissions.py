"""Rights over the catalogue of procedures."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class ProcedurePermission(Permission):
    """Quyền đối với danh mục thủ tục hành chính."""

    MANAGE = "procedure.manage"
    APPROVE = "procedure.approve"


def can_manage(actor: Actor) -> bool:
    """Prepare imports, packages and the vocabulary of search (quản trị danh mục)."""
    return actor.kind == ActorKind.SYSTEM or actor.has(ProcedurePermission.MANAGE)


def can_approve(actor: Actor) -> bool:
    """Publish and abolish procedures (phê duyệt công bố)."""
    return actor.kind == ActorKind.SYSTEM or actor.has(ProcedurePermission.APPROVE)
