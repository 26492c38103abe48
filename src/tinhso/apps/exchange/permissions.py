"""Rights over the registry of the exchange and over its log."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class ExchangePermission(Permission):
    """Quyền đối với nền tảng chia sẻ dữ liệu."""

    VIEW = "exchange.view"
    MANAGE = "exchange.manage"


def can_view(actor: Actor) -> bool:
    """Whether the actor may read the registry and the log (xem nền tảng chia sẻ dữ liệu)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(ExchangePermission.VIEW)


def can_manage(actor: Actor) -> bool:
    """Whether the actor may change members, services, rights and keys (quản lý nền tảng chia sẻ dữ liệu)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(ExchangePermission.MANAGE)
