"""Rights over what stands between us and the national portal."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class NationalPermission(Permission):
    """Quyền đối với việc đồng bộ với Cổng Dịch vụ công quốc gia."""

    VIEW = "national.view"
    MEND = "national.mend"


def can_view(actor: Actor) -> bool:
    """Whether the actor may see how both sides stand, for his units (xem đồng bộ quốc gia)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(NationalPermission.VIEW)


def can_mend(actor: Actor, unit_id: int | None) -> bool:
    """Whether the actor may settle a difference or a held case of a unit (xử lý chỗ lệch).

    What belongs to no unit of ours is settled by whoever may do so anywhere.
    """
    return actor.kind is ActorKind.SYSTEM or actor.has(NationalPermission.MEND, unit_id=unit_id)
