"""Rights over collection lists: role × unit subtree. Taking cash is a right of payments."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class CollectionPermission(Permission):
    """Quyền thu theo danh sách."""

    VIEW = "collection.view"
    PREPARE = "collection.prepare"
    OPEN = "collection.open"
    CHANGE = "collection.change"


def can_prepare(actor: Actor, unit_id: int) -> bool:
    """Whether the actor draws up lists (lập danh sách thu)."""
    return actor.kind is ActorKind.OFFICER and actor.has(CollectionPermission.PREPARE, unit_id=unit_id)


def can_open(actor: Actor, unit_id: int) -> bool:
    """Whether the actor opens and closes a round, and has payers reminded (mở, khóa đợt thu)."""
    return actor.kind is ActorKind.OFFICER and actor.has(CollectionPermission.OPEN, unit_id=unit_id)


def can_change(actor: Actor, unit_id: int) -> bool:
    """Whether the actor exempts or cancels a line of an open round (miễn, giảm, không thu nữa)."""
    return actor.kind is ActorKind.OFFICER and actor.has(CollectionPermission.CHANGE, unit_id=unit_id)


def units_seen(actor: Actor) -> frozenset[int]:
    """The units whose lists the actor may see."""
    return actor.unit_ids_for(CollectionPermission.VIEW)
