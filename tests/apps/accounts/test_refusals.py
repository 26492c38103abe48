"""Refusals counted by account, address and hour; the log gets the first of each and their number."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import accounts
from tests.factories.accounts import AT
from tinhso.apps.accounts import actions, jobs
from tinhso.apps.accounts.actions import _refusals
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.accounts.models import AccessRefusal
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
ROUTE = "can-bo/ho-so/<str:code>"


def refuse(
    account: AccountData, *, route: str = ROUTE, method: str = "GET", status: int = 404, minutes: int = 0
) -> None:
    actions.note_refusal(
        route=route, method=method, status=status, actor=accounts.actor_of(account), at=AT + timedelta(minutes=minutes)
    )


def told(account: AccountData) -> list[tuple[str, str, int, int]]:
    entries = entries_of(f"refusal:{account.id}")
    assert {entry.type for entry in entries} <= {"account.access_refused"}
    return [tuple(entry.payload[name] for name in ("route", "method", "status", "times")) for entry in entries]


def test_the_log_is_told_the_first_at_once_and_the_number_after_the_hour() -> None:
    officer = accounts.officer()
    for minute in range(50):
        refuse(officer, minutes=minute)
    refuse(officer, method="POST", status=403)
    assert told(officer) == [(ROUTE, "GET", 404, 1), (ROUTE, "POST", 403, 1)]
    assert actions.tell_refusals(actor=SYSTEM, at=AT + timedelta(minutes=62)) == 0, (
        "requests of the hour may be under way"
    )
    with travel(AT + timedelta(minutes=67)):
        jobs.tell_refusals()
        jobs.tell_refusals()
    assert told(officer)[2:] == [(ROUTE, "GET", 404, 50)], "the only one of its kind is told once"
    assert not AccessRefusal.objects.exists()
    assert [entry.actor_kind for entry in entries_of(f"refusal:{officer.id}")] == ["officer", "officer", "system"]


def test_the_next_hour_counts_anew() -> None:
    officer = accounts.officer()
    refuse(officer)
    refuse(officer, minutes=60)
    assert told(officer) == [(ROUTE, "GET", 404, 1)] * 2
    hours = [entry.payload["hour"] for entry in entries_of(f"refusal:{officer.id}")]
    assert len(set(hours)) == 2


def test_whoever_tries_every_address_adds_a_bounded_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_refusals, "ADDRESSES_IN_AN_HOUR", 3)
    officer, other = accounts.officer(), accounts.citizen()
    for number in range(10):
        refuse(officer, route=f"can-bo/{number}")
    refuse(officer, route="can-bo/1")
    refuse(other)
    assert [route for route, *_ in told(officer)] == ["can-bo/0", "can-bo/1", "can-bo/2", ""]
    assert len(told(other)) == 1
    with travel(AT + timedelta(hours=2)):
        jobs.tell_refusals()
    assert told(officer)[4:] == [("can-bo/1", "GET", 404, 2), ("", "", 404, 7)]


def test_a_long_list_is_told_in_several_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_refusals, "TOLD_AT_ONCE", 2)
    for _ in range(3):
        refuse(accounts.officer())
    later = AT + timedelta(hours=2)
    assert [actions.tell_refusals(actor=SYSTEM, at=later) for _ in range(3)] == [2, 1, 0]


def test_nobody_is_not_refused_and_only_the_clock_tells() -> None:
    facts: dict[str, Any] = {"route": ROUTE, "method": "GET", "status": 403, "at": AT}
    for actor in (ANONYMOUS, SYSTEM):
        with pytest.raises(Forbidden):
            actions.note_refusal(actor=actor, **facts)
    with pytest.raises(Forbidden):
        actions.tell_refusals(actor=accounts.actor_of(accounts.officer()), at=AT)
