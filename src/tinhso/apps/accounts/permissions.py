"""Rights over accounts, roles and mandates."""

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class AccountPermission(Permission):
    """Quyền đối với tài khoản, vai trò và đại diện."""

    MANAGE = "account.manage"
    RECORD_MANDATE = "account.record_mandate"


class SystemPermission(Permission):
    """Quyền vận hành hệ thống."""

    OPERATE = "system.operate"


def can_manage_accounts(actor: Actor, *, unit_id: int | None = None) -> bool:
    """Whether the actor may create officers and give roles in a unit (quản lý tài khoản, phân quyền)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(AccountPermission.MANAGE, unit_id=unit_id)


def can_manage_tokens(actor: Actor) -> bool:
    """Whether the actor may issue and revoke tokens of machine clients (cấp mã truy cập cho hệ thống khác)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(SystemPermission.OPERATE)


def can_record_mandate(actor: Actor) -> bool:
    """Whether the actor may record a mandate from a paper shown at the counter (ghi nhận văn bản ủy quyền)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(AccountPermission.RECORD_MANDATE)


def is_self(actor: Actor, account_id: int) -> bool:
    """Whether the actor is the account's own holder."""
    return actor.account_id == account_id and actor.kind in {ActorKind.CITIZEN, ActorKind.OFFICER}
