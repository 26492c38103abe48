"""Rights at the reception desk: role × unit subtree."""

from tinhso.kernel.actor import Actor
from tinhso.kernel.permissions import Permission


class ReceptionPermission(Permission):
    """Quyền tiếp đón, tiếp nhận."""

    TAKE_OFFLINE = "reception.take_offline"


def can_take_offline(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may prepare a computer for days without a line and bring its slips in (quầy khi mất mạng)."""
    return actor.has(ReceptionPermission.TAKE_OFFLINE, unit_id=unit_id)
