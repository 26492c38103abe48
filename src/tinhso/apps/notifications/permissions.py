"""Rights over messages that go outside."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class MessagePermission(Permission):
    """Quyền đối với tin nhắn gửi ra ngoài."""

    OPERATE = "message.operate"


def can_operate_messages(actor: Actor) -> bool:
    """Whether the actor may see templates, states and costs, and send dead messages again (vận hành tin nhắn)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(MessagePermission.OPERATE)


def is_person(actor: Actor) -> bool:
    """Whether the actor is somebody with an account of his own (chính mình)."""
    return actor.account_id is not None and actor.kind in {ActorKind.CITIZEN, ActorKind.OFFICER}
