"""Rights over vaults. A person reads her own; an officer only through a case in work; a machine by a scope of its own."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class VaultPermission(Permission):
    """Quyền đối với kho giấy tờ."""

    CONSULT = "vault.consult"
    READ = "vault.read"
    VERIFY = "vault.verify"


def is_own(actor: Actor) -> bool:
    """Whether the actor is somebody who can have a vault: a citizen or organisation of identity level 2 (chủ kho)."""
    return actor.kind is ActorKind.CITIZEN and actor.account_id is not None and actor.assurance >= 2


def can_consult(actor: Actor, *, unit_ids: frozenset[int], field: str) -> bool:
    """Whether an officer may look into a vault for a case at one of these desks (xem kho qua hồ sơ đang giải quyết)."""
    return actor.kind is ActorKind.OFFICER and any(
        actor.has(VaultPermission.CONSULT, unit_id=unit_id, field=field) for unit_id in unit_ids
    )


def can_read(actor: Actor) -> bool:
    """Whether a connected system may list and fetch, with a purpose (hệ thống kết nối tra cứu kho)."""
    return actor.kind is ActorKind.MACHINE and actor.has(VaultPermission.READ)


def can_verify(actor: Actor) -> bool:
    """Whether a connected system may ask if a document holds (hệ thống kết nối kiểm tra giấy tờ)."""
    return actor.kind is ActorKind.MACHINE and (actor.has(VaultPermission.VERIFY) or can_read(actor))
