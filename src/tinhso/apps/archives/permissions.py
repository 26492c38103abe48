"""Rights over the archive: role × unit subtree."""

from tinhso.apps.archives.models import SubmissionList
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class ArchivePermission(Permission):
    """Quyền đối với lưu trữ."""

    VIEW = "archive.view"
    KEEP = "archive.keep"
    APPROVE = "archive.approve"
    ACCEPT = "archive.accept"
    USE = "archive.use"


def can_keep(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may draw up and submit lists of a unit (lập danh mục nộp lưu)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(ArchivePermission.KEEP, unit_id=unit_id)


def can_submit(actor: Actor, listing: SubmissionList) -> bool:
    """Whether the actor may submit the list: a person, never the round of the month (trình danh mục)."""
    return actor.kind is ActorKind.OFFICER and actor.has(ArchivePermission.KEEP, unit_id=listing.unit_id)


def can_approve(actor: Actor, listing: SubmissionList) -> bool:
    """Whether the actor may approve the list or send it back (duyệt danh mục: thủ trưởng đơn vị)."""
    return actor.kind is ActorKind.OFFICER and actor.has(ArchivePermission.APPROVE, unit_id=listing.unit_id)


def can_accept(actor: Actor, listing: SubmissionList) -> bool:
    """Whether the actor may take the packages over into the archive (tiếp nhận vào lưu trữ)."""
    return actor.kind is ActorKind.OFFICER and actor.has(ArchivePermission.ACCEPT, unit_id=listing.unit_id)


def can_use(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may have a package made for use (khai thác hồ sơ lưu trữ)."""
    return actor.kind is ActorKind.OFFICER and actor.has(ArchivePermission.USE, unit_id=unit_id)


def units_seen(actor: Actor) -> frozenset[int]:
    """The units whose lists the actor may see."""
    found: frozenset[int] = frozenset()
    for permission in ArchivePermission:
        found |= actor.unit_ids_for(permission)
    return found
