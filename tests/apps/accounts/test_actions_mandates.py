"""Acting for others: granted, recorded, declared, confirmed, revoked."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import accounts
from tests.factories.accounts import AT
from tests.factories.directory import commune, small_directory
from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.data import AccountData, MandateData
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import ANONYMOUS, Actor
from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 5)
PAPER = "Số 12/2026, UBND xã Mộ Đức chứng thực"


@pytest.fixture
def mother() -> AccountData:
    return accounts.citizen(personal_id="051158000007", full_name="Bùi Thị Quyên")


@pytest.fixture
def son() -> AccountData:
    return accounts.citizen(personal_id="051085000002", full_name="Trần Văn Định", sex="male")


@pytest.fixture
def counter(db: None) -> Actor:
    small_directory()
    return accounts.actor_of(accounts.officer("one_stop_officer", commune().id))


def grant(mother: AccountData, son: AccountData, **change: Any) -> MandateData:
    values = {
        "representative_personal_id": son.personal_id, "representative_name": son.full_name, "document": PAPER,
        "valid_from": TODAY, "actor": accounts.actor_of(mother), "at": AT,
    }  # fmt: skip
    return actions.grant_mandate(**(values | change))


def declare(son: AccountData, **change: Any) -> MandateData:
    values = {
        "principal_subject": "person", "principal_id": "051158000007", "principal_name": "Bùi Thị Quyên",
        "document": PAPER, "valid_from": TODAY, "actor": accounts.actor_of(son), "at": AT,
    }  # fmt: skip
    return actions.declare_mandate(**(values | change))


def test_granted_mandate_lets_the_representative_act(mother: AccountData, son: AccountData) -> None:
    mandate = grant(mother, son)
    assert (mandate.principal_name, mandate.verified, mandate.representative_account_id) == (
        "Bùi Thị Quyên", True, son.id,
    )  # fmt: skip
    actions.start_representation(mandate_id=mandate.id, actor=accounts.actor_of(son), at=AT)
    assert accounts.actor_of(son, mandate_id=mandate.id).mandate_id == mandate.id
    assert entries_of(f"account:{son.id}")[-1].type == "account.representation_started"
    assert [m.id for m in queries.list_mandates(actor=accounts.actor_of(son), at=AT)] == [mandate.id]
    assert [m.id for m in queries.list_mandates_given(actor=accounts.actor_of(mother), at=AT)] == [mandate.id]


def test_mandate_of_somebody_else_is_worth_nothing(mother: AccountData, son: AccountData) -> None:
    mandate = grant(mother, son)
    stranger = accounts.citizen()
    assert accounts.actor_of(stranger, mandate_id=mandate.id).mandate_id is None
    with pytest.raises(NotFound):
        actions.start_representation(mandate_id=mandate.id, actor=accounts.actor_of(stranger), at=AT)
    with pytest.raises(Forbidden):
        actions.start_representation(mandate_id=mandate.id, actor=accounts.actor_of(accounts.officer()), at=AT)


def test_mandate_holds_from_its_first_to_its_last_day(mother: AccountData, son: AccountData) -> None:
    mandate = grant(mother, son, valid_from=TODAY + timedelta(days=1), valid_to=TODAY + timedelta(days=2))
    held = [
        accounts.actor_of(son, at=AT + timedelta(days=day), mandate_id=mandate.id).mandate_id is not None
        for day in range(4)
    ]
    assert held == [False, True, True, False]


def test_representative_without_account_yet_finds_the_mandate_when_she_comes(mother: AccountData) -> None:
    mandate = actions.grant_mandate(
        representative_personal_id="051 085 000 002", representative_name="Trần Văn Định", document=PAPER,
        valid_from=TODAY, actor=accounts.actor_of(mother), at=AT,
    )  # fmt: skip
    assert mandate.representative_account_id is None
    late = accounts.citizen(personal_id="051085000002", sex="male")
    assert accounts.actor_of(late, mandate_id=mandate.id).mandate_id == mandate.id


def test_level_one_may_neither_grant_nor_declare_nor_represent(mother: AccountData, son: AccountData) -> None:
    mandate = grant(mother, son)
    with pytest.raises(Forbidden, match="mức 2"):
        grant(mother, son, actor=accounts.actor_of(mother, assurance=1))
    with pytest.raises(Forbidden, match="mức 2"):
        declare(son, actor=accounts.actor_of(son, assurance=1))
    with pytest.raises(Forbidden, match="mức 2"):
        actions.start_representation(mandate_id=mandate.id, actor=accounts.actor_of(son, assurance=1), at=AT)


def test_representative_cannot_pass_the_mandate_on(mother: AccountData, son: AccountData) -> None:
    mandate = grant(mother, son)
    acting = accounts.actor_of(son, mandate_id=mandate.id)
    with pytest.raises(Forbidden):
        grant(son, accounts.citizen(), actor=acting)


def test_declared_mandate_waits_for_the_paper(son: AccountData, counter: Actor) -> None:
    mandate = declare(son)
    assert (mandate.basis, mandate.verified) == ("declared", False)
    with pytest.raises(Forbidden):
        actions.confirm_mandate(mandate_id=mandate.id, actor=accounts.actor_of(son), at=AT)
    assert actions.confirm_mandate(mandate_id=mandate.id, actor=counter, at=AT).verified
    assert queries.get_mandate(mandate.id).verified
    with pytest.raises(Conflict):
        actions.confirm_mandate(mandate_id=mandate.id, actor=counter, at=AT)
    assert [e.type for e in entries_of(f"mandate:{mandate.id}")] == ["mandate.granted", "mandate.confirmed"]


def test_counter_records_a_mandate_for_an_organisation(counter: Actor, son: AccountData) -> None:
    mandate = actions.record_mandate(
        principal_subject="enterprise", principal_id="4300999012", principal_name="Công ty TNHH Mẫu",
        representative_personal_id=son.personal_id, representative_name=son.full_name, document=PAPER,
        valid_from=TODAY, actor=counter, at=AT,
    )  # fmt: skip
    assert mandate.verified
    company = accounts.actor_of(accounts.enterprise())
    assert [m.id for m in queries.list_mandates_given(actor=company, at=AT)] == [mandate.id]
    actions.revoke_mandate(mandate_id=mandate.id, reason="Hết việc", actor=company, at=AT)
    with pytest.raises(Forbidden):
        actions.record_mandate(
            principal_subject="person", principal_id="051158000007", principal_name="A",
            representative_personal_id=son.personal_id, representative_name="B", document=PAPER, valid_from=TODAY,
            actor=accounts.actor_of(son), at=AT,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"principal_id": "123"}, ["principal_id"]),
        ({"principal_subject": "enterprise", "principal_id": "4300999013"}, ["principal_id"]),
        ({"principal_subject": "ghost"}, ["principal_subject"]),
        ({"principal_name": " ", "document": ""}, ["principal_name", "document"]),
        ({"principal_name": "x" * 201}, ["principal_name"]),
        ({"principal_id": "051085000002"}, ["principal_id"]),
        ({"valid_to": TODAY - timedelta(days=1)}, ["valid_to"]),
    ],
)
def test_wrong_mandate_is_refused_with_every_place(son: AccountData, change: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        declare(son, **change)
    assert [error.path for error in caught.value.errors] == paths
    assert queries.list_mandates(actor=accounts.actor_of(son), at=AT) == []


def test_wrong_representative_id(mother: AccountData) -> None:
    with pytest.raises(Invalid) as caught:
        actions.grant_mandate(
            representative_personal_id="999", representative_name="", document=PAPER, valid_from=TODAY,
            actor=accounts.actor_of(mother), at=AT,
        )  # fmt: skip
    assert [e.path for e in caught.value.errors] == ["representative_name", "representative_personal_id"]


@pytest.mark.parametrize("who", ["mother", "son", "counter"])
def test_parties_and_the_counter_end_a_mandate(who: str, mother: AccountData, son: AccountData, counter: Actor) -> None:
    mandate = grant(mother, son)
    actor = {"mother": accounts.actor_of(mother), "son": accounts.actor_of(son), "counter": counter}[who]
    actions.revoke_mandate(mandate_id=mandate.id, reason="Không cần nữa", actor=actor, at=AT)
    assert accounts.actor_of(son, mandate_id=mandate.id).mandate_id is None
    with pytest.raises(Conflict):
        actions.revoke_mandate(mandate_id=mandate.id, reason="Lần nữa", actor=actor, at=AT)


def test_strangers_end_nothing(mother: AccountData, son: AccountData) -> None:
    mandate = grant(mother, son)
    for actor in (accounts.actor_of(accounts.citizen()), ANONYMOUS, accounts.actor_of(accounts.enterprise())):
        with pytest.raises(Forbidden):
            actions.revoke_mandate(mandate_id=mandate.id, reason="", actor=actor, at=AT)
    for missing in (
        lambda: actions.revoke_mandate(mandate_id=0, reason="", actor=accounts.actor_of(mother), at=AT),
        lambda: queries.get_mandate(0),
    ):
        with pytest.raises(NotFound):
            missing()


def test_only_citizens_have_lists_of_mandates() -> None:
    for actor in (ANONYMOUS, accounts.actor_of(accounts.officer())):
        assert queries.list_mandates(actor=actor, at=AT) == []
        assert queries.list_mandates_given(actor=actor, at=AT) == []
