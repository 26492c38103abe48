"""Who may subscribe, and who looks after subscriptions."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class SubscriptionPermission(Permission):
    """Quyền nhận sự kiện."""

    SUBSCRIBE = "event.subscribe"
    MANAGE = "event.manage"


def can_subscribe(actor: Actor) -> bool:
    """Whether the actor is a connected system that may follow events (đăng ký nhận sự kiện)."""
    return actor.kind is ActorKind.MACHINE and actor.has(SubscriptionPermission.SUBSCRIBE)


def can_manage(actor: Actor) -> bool:
    """Whether the actor looks after everybody's subscriptions (vận hành việc gửi sự kiện)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(SubscriptionPermission.MANAGE)


def can_change(actor: Actor, account_id: int) -> bool:
    """Whether the actor may change a subscription: its own system, or an operator."""
    return can_manage(actor) or (can_subscribe(actor) and actor.account_id == account_id)
