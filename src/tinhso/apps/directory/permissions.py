"""Who may see staff and change the directory. Units themselves are public reference data."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class DirectoryPermission(Permission):
    """Quyền về đơn vị và nhân sự."""

    VIEW = "directory.view"
    """Xem cán bộ, chức danh, ủy quyền của đơn vị."""
    MANAGE = "directory.manage"
    """Bổ nhiệm, kết thúc chức danh, ghi ủy quyền; nạp danh mục đơn vị."""


def can_view_staff(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may see who works in the unit (xem nhân sự của đơn vị)."""
    if actor.kind == ActorKind.SYSTEM:
        return True
    return any(actor.has(permission, unit_id=unit_id) for permission in DirectoryPermission)


def can_manage(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may change posts and delegations of the unit (quản lý nhân sự của đơn vị)."""
    return actor.kind == ActorKind.SYSTEM or actor.has(DirectoryPermission.MANAGE, unit_id=unit_id)


def can_register_staff(actor: Actor) -> bool:
    """Whether the actor may add a person to the directory: a manager of any unit (ghi cán bộ vào danh mục)."""
    return actor.kind == ActorKind.SYSTEM or actor.has(DirectoryPermission.MANAGE)


def can_publish(actor: Actor, root_ids: frozenset[int]) -> bool:
    """Whether the actor may load a whole folder of units (nạp danh mục đơn vị): operators, managers of the top."""
    if actor.kind == ActorKind.SYSTEM:
        return True
    return bool(root_ids) and all(actor.has(DirectoryPermission.MANAGE, unit_id=root) for root in root_ids)
