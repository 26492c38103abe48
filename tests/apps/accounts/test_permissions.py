"""Who may touch accounts."""

import pytest

from tinhso.apps.accounts import permissions
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant


def holding(permission: str, *units: int) -> Actor:
    return Actor(kind=ActorKind.OFFICER, account_id=7, grants=(Grant(permission, frozenset(units)),))


MANAGER, OPERATOR = holding("account.manage", 1, 2), holding("system.operate", 1)
CITIZEN = Actor(kind=ActorKind.CITIZEN, account_id=9, assurance=2)


@pytest.mark.parametrize(("actor", "unit_id", "allowed"), [
    (SYSTEM, 5, True), (MANAGER, 1, True), (MANAGER, None, True), (MANAGER, 3, False), (OPERATOR, 1, False),
    (CITIZEN, None, False), (ANONYMOUS, None, False),
])  # fmt: skip
def test_manage_accounts(actor: Actor, unit_id: int | None, allowed: bool) -> None:
    assert permissions.can_manage_accounts(actor, unit_id=unit_id) is allowed


@pytest.mark.parametrize(("actor", "allowed"), [
    (SYSTEM, True), (OPERATOR, True), (MANAGER, False), (CITIZEN, False), (ANONYMOUS, False),
])  # fmt: skip
def test_manage_tokens(actor: Actor, allowed: bool) -> None:
    assert permissions.can_manage_tokens(actor) is allowed


@pytest.mark.parametrize(("actor", "allowed"), [
    (SYSTEM, True), (holding("account.record_mandate", 1), True), (MANAGER, False), (CITIZEN, False),
])  # fmt: skip
def test_record_mandate(actor: Actor, allowed: bool) -> None:
    assert permissions.can_record_mandate(actor) is allowed


def test_self_is_a_person_with_the_same_account() -> None:
    assert permissions.is_self(CITIZEN, 9)
    assert not permissions.is_self(CITIZEN, 7)
    assert not permissions.is_self(Actor(kind=ActorKind.MACHINE, account_id=9), 9)
