"""Rights over the registry of the exchange and over its log."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class ExchangePermission(Permission):
    """Quyền đối với nền tảng chia sẻ dữ liệu."""

    VIEW = "exchange.view"
    MANAGE = "exchange.manage"
    SETTLE = "exchange.settle"
    CATALOGUE = "exchange.catalogue"
    REQUEST = "exchange.request"
    DECIDE = "exchange.decide"
    READ_BODIES = "exchange.read_bodies"


def can_view(actor: Actor) -> bool:
    """Whether the actor may read the registry and the log (xem nền tảng chia sẻ dữ liệu)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(ExchangePermission.VIEW)


def can_manage(actor: Actor) -> bool:
    """Whether the actor may change members, services, rights and keys (quản lý nền tảng chia sẻ dữ liệu)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(ExchangePermission.MANAGE)


def can_read_bodies(actor: Actor) -> bool:
    """Whether the actor may read bodies of messages, where a service keeps them (đọc nội dung thông điệp). Not the operator."""
    return actor.kind is ActorKind.SYSTEM or actor.has(ExchangePermission.READ_BODIES)


def can_see_outbox(actor: Actor) -> bool:
    """Whether the actor may see messages that go out, those of his units at least (xem thông điệp gửi đi)."""
    return can_view(actor) or actor.has(ExchangePermission.SETTLE)


def can_settle(actor: Actor, unit_id: int | None) -> bool:
    """Whether the actor may send a dead letter of a unit again, or skip it (xử lý thông điệp không gửi được)."""
    if can_manage(actor):
        return True
    return unit_id is not None and actor.has(ExchangePermission.SETTLE, unit_id=unit_id)


def can_see_catalogue(actor: Actor) -> bool:
    """Whether the actor may read what is offered and who may use it (xem danh mục dịch vụ chia sẻ dữ liệu)."""
    return can_view(actor) or actor.has(ExchangePermission.CATALOGUE)


def can_request(actor: Actor, *, unit_id: int) -> bool:
    """Whether the actor may ask for a right on behalf of a unit (đề nghị khai thác dữ liệu)."""
    return actor.account_id is not None and actor.has(ExchangePermission.REQUEST, unit_id=unit_id)


def can_decide(actor: Actor, *, provider_unit_id: int | None) -> bool:
    """Whether the actor may decide on requests for a service: its operator, or for the agency that offers it.

    A national agency has no officers here: the operator decides after asking it (quyết định đề nghị khai thác).
    """
    if actor.account_id is None:
        return False
    owns = provider_unit_id is not None and actor.has(ExchangePermission.DECIDE, unit_id=provider_unit_id)
    return owns or actor.has(ExchangePermission.MANAGE)


def can_maintain(actor: Actor, *, provider_unit_id: int | None) -> bool:
    """Whether the actor may announce maintenance of a service (thông báo bảo trì dịch vụ)."""
    owns = provider_unit_id is not None and actor.has(ExchangePermission.DECIDE, unit_id=provider_unit_id)
    return owns or can_manage(actor)
