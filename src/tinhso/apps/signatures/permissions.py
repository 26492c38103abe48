"""Who may sign, seal and manage keys."""

from collections.abc import Collection

from tinhso.apps.signatures.enums import OwnerKind
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission

OPERATE, ISSUE = "system.operate", "case.issue"


class SignaturePermission(Permission):
    """Quyền về nơi ký, con dấu."""

    MANAGE_SIGNERS = "signature.manage_signers"


def can_use_key(actor: Actor, *, owner_kind: str, owner_id: int) -> bool:
    """Whether the actor may sign with this owner's key (sử dụng khóa ký số).

    A person's key signs for that person only, never for a colleague and never for the system. The agency's seal is used
    by the system or by an officer with some right in that agency; the right to the decision itself is the caller's.
    """
    if owner_kind == OwnerKind.PERSON:
        return actor.kind is ActorKind.OFFICER and actor.account_id == owner_id
    if actor.kind is ActorKind.SYSTEM:
        return True
    return actor.kind is ActorKind.OFFICER and any(owner_id in grant.unit_ids for grant in actor.grants)


def can_hand_over(actor: Actor, *, owner_kind: str, owner_id: int) -> bool:
    """Whether the actor may carry a paper to the signer's program and back (giao tệp cho phần mềm ký).

    A person's paper: that person. A paper for the seal: an officer of the agency who issues papers.
    """
    if owner_kind == OwnerKind.PERSON:
        return can_use_key(actor, owner_kind=owner_kind, owner_id=owner_id)
    return actor.kind is ActorKind.OFFICER and actor.has(ISSUE, unit_id=owner_id)


def can_manage_keys(actor: Actor) -> bool:
    """Whether the actor may make the test authority, issue and revoke keys (quản lý chứng thư)."""
    return actor.kind is ActorKind.SYSTEM or actor.has(OPERATE)


def can_manage_signer(actor: Actor, *, unit_ids: Collection[int]) -> bool:
    """Whether the actor may say with what somebody of these units signs (quản lý nơi ký): manager in every one of them."""
    if can_manage_keys(actor):
        return True
    return bool(unit_ids) and all(actor.has(SignaturePermission.MANAGE_SIGNERS, unit_id=one) for one in unit_ids)
