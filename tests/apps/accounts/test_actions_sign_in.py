"""Accounts of citizens, and signing in as the log tells it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model

from tests.factories import accounts
from tests.factories.accounts import AT
from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.actions._sign_in import (
    AccountIsLocked,
    IdentityConflict,
    IdentityIncomplete,
    IdentityWrong,
)
from tinhso.apps.accounts.data import AccountData, IdentityClaims
from tinhso.apps.accounts.enums import SubjectKind
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, ActorKind
from tinhso.kernel.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db

CLAIMS = IdentityClaims(
    issuer="vneid", tech_id="t-1", personal_id="051191000001", full_name="Nguyễn Thị Nhạn",
    birth_date=date(1991, 4, 12), sex="female", phone="+84900000001", email="nhan@example.com", level=2,
)  # fmt: skip
COMPANY = IdentityClaims(
    issuer="vneid", subject=SubjectKind.ENTERPRISE, tech_id="t-2", organisation_id="4300999012", full_name="Công ty",
    level=2,
)  # fmt: skip


def register(claims: IdentityClaims) -> AccountData:
    return actions.register_citizen_login(claims=claims, actor=SYSTEM, at=AT)


def test_first_sign_in_makes_an_account_without_rights() -> None:
    account = register(CLAIMS)
    actor = queries.get_actor(account.id, at=AT, assurance=2)
    assert (actor.kind, actor.assurance, actor.personal_id, actor.grants) == (
        ActorKind.CITIZEN, 2, "051191000001", (),
    )  # fmt: skip
    assert not get_user_model().objects.get(pk=account.id).has_usable_password()
    assert [e.type for e in entries_of(f"account:{account.id}")] == ["account.created"]
    assert queries.identity_of(account.id) == {
        "kind": "person", "full_name": "Nguyễn Thị Nhạn", "personal_id": "051191000001", "organisation_id": "",
        "birth_date": "1991-04-12", "sex": "female", "phone": "+84900000001", "email": "nhan@example.com",
        "address": "",
    }  # fmt: skip


def test_second_sign_in_finds_it_and_writes_nothing_when_nothing_changed() -> None:
    assert register(CLAIMS) == register(CLAIMS)
    assert get_user_model().objects.count() == 1


def test_changed_facts_are_taken_over_and_missing_ones_stay() -> None:
    account = register(CLAIMS)
    register(replace(CLAIMS, phone="+84900000009", email="", birth_date=None, level=1))
    after = queries.get_account(account.id)
    assert (after.phone, after.email, after.birth_date, after.identity_level) == (
        "+84900000009", "nhan@example.com", date(1991, 4, 12), 1,
    )  # fmt: skip
    change = entries_of(f"account:{account.id}")[-1]
    assert (change.type, change.payload["fields"]) == ("account.identity_changed", ["identity_level", "phone"])
    assert "+84900000009" not in str(change.payload), "names of fields only"


def test_lower_level_of_account_caps_the_session() -> None:
    account = register(replace(CLAIMS, level=1))
    assert queries.get_actor(account.id, at=AT, assurance=2).assurance == 1


def test_second_key_finds_the_person_when_the_id_is_left_out() -> None:
    account = register(CLAIMS)
    assert register(replace(CLAIMS, personal_id="")).id == account.id
    assert register(replace(CLAIMS, personal_id="", tech_id="t-9")).id != account.id
    assert register(replace(CLAIMS, personal_id="", issuer="vnconnect")).id != account.id


def test_id_that_comes_later_is_added_to_the_account_known_by_the_second_key() -> None:
    account = register(replace(CLAIMS, personal_id=""))
    assert register(CLAIMS).id == account.id
    assert queries.get_account(account.id).personal_id == "051191000001"


def test_one_person_with_two_technical_ids_is_one_account() -> None:
    assert (
        register(CLAIMS).id
        == register(replace(CLAIMS, tech_id="t-7")).id
        == register(replace(CLAIMS, personal_id="", tech_id="t-7")).id
    )


def test_two_keys_of_two_people_are_refused_and_nothing_is_written() -> None:
    register(CLAIMS)
    register(replace(CLAIMS, personal_id="051085000002", tech_id="t-8", full_name="Trần Văn Định"))
    for wrong in (
        replace(CLAIMS, tech_id="t-8"),
        replace(CLAIMS, personal_id="051198000003"),
    ):
        with pytest.raises(IdentityConflict):
            register(wrong)
    assert get_user_model().objects.count() == 2


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        (replace(CLAIMS, personal_id="", tech_id=""), IdentityIncomplete),
        (replace(COMPANY, organisation_id="", tech_id=""), IdentityIncomplete),
        (replace(CLAIMS, personal_id="12345"), IdentityWrong),
        (replace(CLAIMS, personal_id="097090000001"), IdentityWrong),
        (replace(COMPANY, organisation_id="4300999013"), IdentityWrong),
    ],
)
def test_unusable_identity_is_refused(claims: IdentityClaims, error: type[Exception]) -> None:
    with pytest.raises(error):
        register(claims)
    assert get_user_model().objects.count() == 0


def test_missing_name_does_not_keep_anybody_out() -> None:
    assert register(IdentityClaims(issuer="vneid", personal_id="051191000001")).full_name == "Chưa có họ tên"


def test_enterprise_and_its_head_are_two_accounts() -> None:
    company = register(COMPANY)
    person = register(CLAIMS)
    assert company.id != person.id
    actor = queries.get_actor(company.id, at=AT, assurance=2)
    assert (actor.assurance, actor.personal_id) == (2, "")
    assert register(COMPANY) == company


def test_officer_with_the_same_personal_id_is_another_account() -> None:
    officer = accounts.officer()
    get_user_model().objects.filter(pk=officer.id).update(personal_id="051191000001")
    assert register(CLAIMS).id != officer.id


def test_locked_citizen_stays_out() -> None:
    account = register(CLAIMS)
    actions.lock_account(account_id=account.id, reason="Mạo danh", actor=SYSTEM, at=AT)
    with pytest.raises(AccountIsLocked):
        register(CLAIMS)


def test_only_the_sign_in_itself_registers() -> None:
    with pytest.raises(Forbidden):
        actions.register_citizen_login(claims=CLAIMS, actor=ANONYMOUS, at=AT)


def fail(username: str, *, minutes: int = 0, source: str = "10.0.0.1", reason: str = "wrong_password") -> None:
    actions.record_sign_in_failure(
        username=username, source=source, reason=reason, actor=ANONYMOUS, at=AT + timedelta(minutes=minutes)
    )


def lockout(username: str, *, minutes: int = 5, source: str = "10.0.0.9") -> object:
    return queries.lockout_of(username, source=source, at=AT + timedelta(minutes=minutes)).until


def test_five_failures_lock_the_name_out_everywhere_and_no_other_name() -> None:
    account = accounts.officer(username="hoa")
    for minute in range(4):
        fail("Hoa", minutes=minute)
    assert lockout("hoa") is None
    fail("hoa", minutes=4)
    assert lockout("hoa") == AT + timedelta(minutes=19)
    assert lockout("hoa", minutes=19) is None
    assert lockout("lan") is None
    types = [e.type for e in entries_of(f"account:{account.id}")]
    assert types.count("account.sign_in_failed") == 5


def test_attempts_during_lock_out_are_logged_but_do_not_prolong_it() -> None:
    for minute in range(5):
        fail("hoa", minutes=minute)
    fail("hoa", minutes=10, reason="locked_out")
    assert lockout("hoa", minutes=11) == AT + timedelta(minutes=19)


def test_unknown_name_is_locked_out_alike_and_its_text_is_not_kept() -> None:
    for minute in range(5):
        fail("mat-khau-go-nham", minutes=minute)
    assert lockout("mat-khau-go-nham") is not None
    from tinhso.apps.accounts.models import SignInFailure
    from tinhso.apps.audit.models import Entry

    kept = str(list(SignInFailure.objects.values())) + str(list(Entry.objects.values("stream", "payload")))
    assert "mat-khau" not in kept


def test_one_source_guessing_many_names_has_to_wait() -> None:
    for number in range(30):
        fail(f"nguoi{number}", source="10.0.0.66")
    assert lockout("nguoi99", source="10.0.0.66") is not None
    assert lockout("nguoi99", source="10.0.0.67") is None
    assert lockout("nguoi99", source="") is None


def test_success_forgets_the_failures() -> None:
    account = accounts.officer(username="hoa")
    for minute in range(4):
        fail("hoa", minutes=minute)
    actions.record_sign_in(
        account_id=account.id, method="totp", source="10.0.0.1", level=0, browser="", ends_at=AT + timedelta(hours=12),
        actor=accounts.actor_of(account), at=AT,
    )  # fmt: skip
    fail("hoa", minutes=5)
    assert lockout("hoa", minutes=6) is None
    signed_in = next(e for e in entries_of(f"account:{account.id}") if e.type == "account.signed_in")
    assert signed_in.payload == {"account_id": account.id, "method": "totp", "source": "10.0.0.1", "level": 0}


def test_counts_are_forgotten_after_a_day() -> None:
    fail("hoa")
    fail("hoa", minutes=60 * 24)
    assert actions.forget_sign_in_failures(actor=SYSTEM, at=AT + timedelta(days=1, minutes=1)) == 1
    with pytest.raises(Forbidden):
        actions.forget_sign_in_failures(actor=ANONYMOUS, at=AT)


def test_people_record_only_their_own_coming_and_going() -> None:
    one, other = accounts.officer(), accounts.officer()
    actor = accounts.actor_of(other)
    with pytest.raises(Forbidden):
        actions.record_sign_in(
            account_id=one.id, method="totp", source="", level=0, browser="", ends_at=AT + timedelta(hours=12), actor=actor,
            at=AT,
        )  # fmt: skip
    with pytest.raises(Forbidden):
        actions.record_sign_out(account_id=one.id, actor=actor, at=AT)
    with pytest.raises(Forbidden):
        actions.record_second_factor_change(account_id=one.id, factor="totp", change="added", actor=actor, at=AT)
    with pytest.raises(Forbidden):
        actions.record_sign_in_failure(
            username="x", source="", reason="wrong_password", actor=accounts.actor_of(accounts.citizen()), at=AT
        )


def test_unknown_account() -> None:
    assert queries.get_actor(0, at=AT) == ANONYMOUS
    with pytest.raises(NotFound):
        queries.get_account(0)
    with pytest.raises(NotFound):
        actions.lock_account(account_id=0, reason="x", actor=SYSTEM, at=AT)
