"""Rights over the log."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class AuditPermission(Permission):
    """Quyền đối với nhật ký."""

    VIEW = "audit.view"


def can_view_log(actor: Actor) -> bool:
    """Whether the actor may read the log (xem nhật ký)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(AuditPermission.VIEW)
