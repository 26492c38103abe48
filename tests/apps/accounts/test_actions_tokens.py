"""Machine clients and their tokens."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import accounts
from tests.factories.accounts import AT
from tests.factories.directory import CAM_THANH, KON_TUM, commune, small_directory
from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.actions._accounts import UsernameTaken
from tinhso.apps.accounts.data import AccountData, IssuedToken
from tinhso.apps.accounts.models import ApiToken
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, ActorKind
from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db: None) -> AccountData:
    import tinhso.apps.cases.permissions  # noqa: F401 - registers the permissions a token may hold

    small_directory()
    return actions.create_machine_client(username="cong-lien-thong", full_name="Cổng liên thông", actor=SYSTEM, at=AT)


def issue(client: AccountData, **change: Any) -> IssuedToken:
    values = {
        "account_id": client.id, "name": "Đồng bộ hồ sơ", "unit_ids": [commune(CAM_THANH).id],
        "granted": ["case.view"], "expires_at": AT + timedelta(days=90), "actor": SYSTEM, "at": AT,
    }  # fmt: skip
    return actions.issue_api_token(**(values | change))


def test_token_acts_with_its_permissions_in_its_units_only(client: AccountData) -> None:
    token = issue(client, procedures=["A", "B"])
    scope = queries.token_scope(token.text, at=AT)
    assert scope is not None
    assert (scope.actor.kind, scope.actor.name) == (ActorKind.MACHINE, "Cổng liên thông")
    assert scope.actor.has("case.view", unit_id=commune(CAM_THANH).id)
    assert not scope.actor.has("case.view", unit_id=commune(KON_TUM).id)
    assert not scope.actor.has("case.approve")
    assert scope.allows_procedure("A")
    assert not scope.allows_procedure("C")
    assert queries.actor_for_token(token.text, at=AT) == scope.actor


def test_token_without_procedures_is_for_all(client: AccountData) -> None:
    scope = queries.token_scope(issue(client).text, at=AT)
    assert scope is not None
    assert scope.allows_procedure("anything")


def test_text_of_a_token_is_stored_nowhere(client: AccountData) -> None:
    token = issue(client)
    stored = str(list(ApiToken.objects.values())) + str(entries_of(f"account:{client.id}"))
    assert token.text not in stored


@pytest.mark.parametrize("text", ["", "tinhso_", "tinhso_wrong", "Bearer x"])
def test_unknown_text_is_nobody(client: AccountData, text: str) -> None:
    issue(client)
    assert queries.token_scope(text, at=AT) is None
    assert queries.actor_for_token(text, at=AT) is None


def test_expired_revoked_and_locked_tokens_stop(client: AccountData) -> None:
    token = issue(client)
    assert queries.token_scope(token.text, at=AT + timedelta(days=90)) is None
    actions.revoke_api_token(token_id=token.id, reason="Lộ mã", actor=SYSTEM, at=AT)
    assert queries.token_scope(token.text, at=AT) is None
    with pytest.raises(Conflict):
        actions.revoke_api_token(token_id=token.id, reason="", actor=SYSTEM, at=AT)
    other = issue(client)
    actions.lock_account(account_id=client.id, reason="Sự cố", actor=SYSTEM, at=AT)
    assert queries.token_scope(other.text, at=AT) is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"unit_ids": []}, "unit_ids"),
        ({"granted": []}, "granted"),
        ({"granted": ["case.fly"]}, "granted"),
        ({"expires_at": AT}, "expires_at"),
        ({"expires_at": AT + timedelta(days=367)}, "expires_at"),
    ],
)
def test_token_without_bounds_is_refused(client: AccountData, change: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        issue(client, **change)
    assert [error.path for error in caught.value.errors] == [path]


def test_people_get_no_tokens_and_give_none(client: AccountData) -> None:
    with pytest.raises(Invalid):
        issue(accounts.officer())
    manager = accounts.actor_of(accounts.officer("unit_admin", commune().id))
    token = issue(client)
    for call in (
        lambda: issue(client, actor=manager),
        lambda: actions.revoke_api_token(token_id=token.id, reason="", actor=manager, at=AT),
        lambda: actions.create_machine_client(username="x", full_name="X", actor=ANONYMOUS, at=AT),
    ):
        with pytest.raises(Forbidden):
            call()


def test_operator_runs_machine_clients(client: AccountData) -> None:
    operator = accounts.actor_of(accounts.officer("operator", commune().id))
    token = issue(client, actor=operator)
    actions.revoke_api_token(token_id=token.id, reason="Thay mới", actor=operator, at=AT)
    with pytest.raises(UsernameTaken):
        actions.create_machine_client(username="Cong-Lien-Thong", full_name="X", actor=operator, at=AT)
    with pytest.raises(NotFound):
        actions.revoke_api_token(token_id=0, reason="", actor=operator, at=AT)


def test_machine_account_is_no_web_actor(client: AccountData) -> None:
    assert queries.get_actor(client.id, at=AT) == ANONYMOUS
