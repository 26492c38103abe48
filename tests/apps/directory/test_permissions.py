import pytest

from tinhso.apps.directory.permissions import can_manage, can_publish, can_register_staff, can_view_staff
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant


def officer(permission: str, *unit_ids: int) -> Actor:
    return Actor(ActorKind.OFFICER, grants=(Grant(permission, frozenset(unit_ids)),))


@pytest.mark.parametrize(
    ("actor", "view", "manage", "register", "publish"),
    [
        (ANONYMOUS, False, False, False, False),
        (SYSTEM, True, True, True, True),
        (officer("directory.view", 1, 2), True, False, False, False),
        (officer("directory.manage", 1, 2), True, True, True, True),
        (officer("directory.manage", 2), False, False, True, False),
        (officer("case.receive", 1), False, False, False, False),
    ],
)
def test_rights_over_unit_1(actor: Actor, view: bool, manage: bool, register: bool, publish: bool) -> None:
    assert can_view_staff(actor, 1) is view
    assert can_manage(actor, 1) is manage
    assert can_register_staff(actor) is register
    assert can_publish(actor, frozenset({1})) is publish


def test_only_the_operator_loads_the_first_time() -> None:
    assert can_publish(SYSTEM, frozenset())
    assert not can_publish(officer("directory.manage", 1), frozenset())
    assert not can_publish(officer("directory.manage", 1), frozenset({1, 2}))
