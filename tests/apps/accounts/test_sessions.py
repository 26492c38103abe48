"""Sessions one by one: who sees them, who ends them, and what ends them all."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from tests.factories import accounts
from tests.factories.accounts import AT, PASSWORD
from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.actions import _sessions
from tinhso.apps.accounts.actions._sessions import SessionGone
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.accounts.models import SignedInSession
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def ids(account: AccountData, *, at: Any = AT) -> list[int]:
    return [one.id for one in queries.list_sessions(actor=accounts.actor_of(account), at=at)]


def begin(account: AccountData, *, browser: str = "Chrome trên Windows", at: Any = AT, **facts: Any) -> int:
    with travel(at):
        return accounts.listed(account, browser=browser, **facts)


def last_event(account: AccountData) -> tuple[str, dict[str, Any]]:
    entry = entries_of(f"account:{account.id}")[-1]
    return entry.type, entry.payload


def test_a_person_sees_her_own_the_one_used_last_first() -> None:
    person, other = accounts.citizen(), accounts.citizen()
    first, second = begin(person, source="2001:db8::7:8:9:a"), begin(person, browser="Safari trên iPhone", at=AT + HOUR)
    begin(other)
    listed = queries.list_sessions(actor=accounts.actor_of(person), at=AT + HOUR)
    assert [one.id for one in listed] == [second, first]
    assert [one.is_handheld for one in listed] == [True, False]
    assert (listed[1].method, listed[1].network) == ("Định danh điện tử", "2001:db8::/64")
    assert queries.list_sessions(actor=ANONYMOUS, at=AT) == []
    assert queries.list_sessions(actor=SYSTEM, at=AT) == []


def test_one_is_ended_with_an_entry_and_the_others_go_on() -> None:
    officer = accounts.officer()
    kept, gone = begin(officer), begin(officer)
    actions.end_session(session_id=gone, actor=accounts.actor_of(officer), at=AT)
    assert ids(officer) == [kept]
    assert last_event(officer) == ("account.session_ended", {"account_id": officer.id, "session_id": gone})
    with pytest.raises(SessionGone):
        actions.end_session(session_id=gone, actor=accounts.actor_of(officer), at=AT)


def test_nobody_ends_anothers_session_and_nothing_is_recorded() -> None:
    person, other = accounts.citizen(), accounts.officer()
    own = begin(person)
    before = last_event(person)
    machine = actions.create_machine_client(username="may", full_name="Máy", actor=SYSTEM, at=AT)
    with pytest.raises(SessionGone):
        actions.end_session(session_id=own, actor=accounts.actor_of(other), at=AT)
    for actor in (ANONYMOUS, SYSTEM, Actor(kind=ActorKind.MACHINE, account_id=machine.id, name="Máy")):
        with pytest.raises(Forbidden):
            actions.end_session(session_id=own, actor=actor, at=AT)
    assert ids(person) == [own]
    assert last_event(person) == before


def test_one_that_has_expired_is_neither_shown_nor_ended() -> None:
    person = accounts.citizen()
    old = begin(person)
    late = AT + timedelta(hours=13)
    assert ids(person, at=late) == []
    with pytest.raises(SessionGone):
        actions.end_session(session_id=old, actor=accounts.actor_of(person), at=late)
    assert SignedInSession.objects.count() == 1
    actions.forget_expired_sessions(actor=SYSTEM, at=late)
    assert SignedInSession.objects.count() == 0


def test_seen_moves_on_only_for_its_owner_and_never_brings_one_back() -> None:
    person = accounts.citizen()
    one = begin(person)
    actor = accounts.actor_of(person)
    actions.note_session_seen(session_id=one, ends_at=AT + 4 * HOUR, actor=actor, at=AT + 2 * HOUR)
    row = SignedInSession.objects.get()
    assert (row.seen_at, row.ends_at) == (AT + 2 * HOUR, AT + 4 * HOUR)
    stranger = accounts.actor_of(accounts.citizen())
    actions.note_session_seen(session_id=one, ends_at=AT + 9 * HOUR, actor=stranger, at=AT + 3 * HOUR)
    assert SignedInSession.objects.get().seen_at == AT + 2 * HOUR
    with pytest.raises(Forbidden):
        actions.note_session_seen(session_id=one, ends_at=AT + 9 * HOUR, actor=ANONYMOUS, at=AT + 3 * HOUR)
    actions.end_session(session_id=one, actor=actor, at=AT + 3 * HOUR)
    actions.note_session_seen(session_id=one, ends_at=AT + 9 * HOUR, actor=actor, at=AT + 3 * HOUR)
    assert not SignedInSession.objects.exists()


def test_signing_in_again_in_the_same_browser_takes_the_place_of_the_session_before() -> None:
    person, officer = accounts.citizen(), accounts.officer()
    first = begin(person)
    second = begin(person, instead_of=first)
    assert ids(person) == [second]
    begin(officer, instead_of=second)
    assert ids(person) == []


def test_beyond_the_limit_those_not_seen_for_longest_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sessions, "MOST_AT_ONCE", 2)
    person, other = accounts.citizen(), accounts.citizen()
    begin(other)
    made = [begin(person, at=AT + timedelta(minutes=n)) for n in range(3)]
    assert ids(person, at=AT + HOUR) == made[:0:-1]
    assert len(ids(other)) == 1


def test_signing_out_takes_the_row_away() -> None:
    person, other = accounts.citizen(), accounts.citizen()
    one, of_other = begin(person), begin(other)
    actor = accounts.actor_of(person)
    actions.record_sign_out(account_id=person.id, session_id=of_other, actor=actor, at=AT)
    assert ids(other) == [of_other], "not another's"
    actions.record_sign_out(account_id=person.id, session_id=one, actor=actor, at=AT)
    assert ids(person) == []


def _all(account: AccountData, actor: Actor) -> None:
    actions.end_sessions(account_id=account.id, actor=actor, at=AT)


def _reset(account: AccountData, actor: Actor) -> None:
    actions.reset_second_factor(account_id=account.id, actor=actor, at=AT)


def _password(account: AccountData, actor: Actor) -> None:
    actions.set_password(account_id=account.id, password=PASSWORD + "x", actor=actor, at=AT)


def _lock(account: AccountData, actor: Actor) -> None:
    actions.lock_account(account_id=account.id, reason="thử", actor=actor, at=AT)
    actions.unlock_account(account_id=account.id, reason="thử", actor=actor, at=AT)


@pytest.mark.parametrize("act", [_all, _reset, _password, _lock])
def test_what_ends_them_all(act: Any) -> None:
    officer, other = accounts.officer(), accounts.officer()
    begin(officer), begin(officer), begin(other)
    act(officer, SYSTEM)
    assert ids(officer) == []
    assert len(ids(other)) == 1


def test_all_others_end_and_the_log_says_which_was_kept() -> None:
    person = accounts.citizen()
    kept = begin(person)
    begin(person)
    actions.end_sessions(account_id=person.id, keep=kept, actor=accounts.actor_of(person), at=AT)
    assert ids(person) == [kept]
    assert last_event(person) == ("account.sessions_ended", {"account_id": person.id, "kept": kept})


def test_changing_ones_password_keeps_the_session_one_is_in() -> None:
    officer = accounts.officer()
    kept = begin(officer)
    begin(officer)
    actions.set_password(
        account_id=officer.id, password=PASSWORD + "x", actor=accounts.actor_of(officer), at=AT, keep_session=kept
    )
    assert ids(officer) == [kept]


def test_without_the_entry_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    person = accounts.citizen()
    one = begin(person)

    def broken(*_: Any, **__: Any) -> None:
        raise IntegrityError("the log is away")

    monkeypatch.setattr(_sessions, "record", broken)
    with pytest.raises(IntegrityError):
        actions.end_session(session_id=one, actor=accounts.actor_of(person), at=AT)
    assert ids(person) == [one]


def test_an_account_comes_with_its_sessions_in_one_statement(django_assert_num_queries: Any) -> None:
    person = accounts.citizen()
    made = {begin(person), begin(person)}
    queries.account_of_session(person.id)
    with django_assert_num_queries(1):
        account: Any = queries.account_of_session(person.id)
    assert set(account.session_ids) == made
    lonely: Any = queries.account_of_session(accounts.citizen().id)
    assert lonely.session_ids == []
    assert queries.account_of_session(0) is None
