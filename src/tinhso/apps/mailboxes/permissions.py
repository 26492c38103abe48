"""Rights over official mail: role × unit subtree. One's own mailbox needs none."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class MailPermission(Permission):
    """Quyền về thư công vụ."""

    MANAGE = "mail.manage"
    FORWARD_OUTSIDE = "mail.forward_outside"
    APPROVE_FORWARDING = "mail.approve_forwarding"
    OPERATE = "mail.operate"
    READ_ARCHIVE = "mail.read_archive"


def can_manage(actor: Actor, unit_id: int) -> bool:
    """Whether the actor looks after the boxes and lists of a unit (quản trị hộp thư của đơn vị)."""
    return actor.kind is ActorKind.OFFICER and actor.has(MailPermission.MANAGE, unit_id=unit_id)


def can_forward_outside(actor: Actor, unit_id: int) -> bool:
    """Whether the actor may ask for forwarding to an address that is no official one (đề nghị chuyển tiếp ra ngoài)."""
    return actor.has(MailPermission.FORWARD_OUTSIDE, unit_id=unit_id)


def can_approve(actor: Actor, unit_id: int) -> bool:
    """Whether the actor decides on forwarding outside (duyệt chuyển tiếp ra ngoài)."""
    return actor.kind is ActorKind.OFFICER and actor.has(MailPermission.APPROVE_FORWARDING, unit_id=unit_id)


def can_operate(actor: Actor) -> bool:
    """Whether the actor sees the state of the servers and has it compared (vận hành thư công vụ)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(MailPermission.OPERATE)


def can_read_archive(actor: Actor, unit_id: int) -> bool:
    """Whether the actor opens archived letters of a unit, each time with a reason (mở thư đã lưu trữ)."""
    return actor.kind is ActorKind.OFFICER and actor.has(MailPermission.READ_ARCHIVE, unit_id=unit_id)


def units_managed(actor: Actor) -> frozenset[int]:
    """The units whose boxes and lists the actor looks after."""
    return actor.unit_ids_for(MailPermission.MANAGE)
