"""Real transactions in real threads: a session ended twice, one that goes on while it is ended, refusals at one address."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.apps.cases.test_concurrency import together
from tests.factories import accounts
from tests.factories.accounts import AT
from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.actions._sessions import SessionGone
from tinhso.apps.accounts.models import AccessRefusal, SignedInSession
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.clock import travel

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_session_is_ended_once_and_does_not_come_back() -> None:
    person = accounts.citizen()
    with travel(AT):
        ended, kept = accounts.listed(person, browser="Chrome trên Windows"), accounts.listed(person, browser="")
    actor = accounts.actor_of(person)
    end: Callable[[], Any] = partial(actions.end_session, session_id=ended, actor=actor, at=AT)
    seen: Callable[[], Any] = partial(
        actions.note_session_seen, session_id=ended, ends_at=AT + timedelta(hours=5), actor=actor, at=AT
    )
    answers = together(end, seen, end, seen)
    assert sorted(type(answer) is SessionGone for answer in answers) == [False, False, False, True]
    assert list(SignedInSession.objects.values_list("pk", flat=True)) == [kept]
    account: Any = queries.account_of_session(person.id)
    assert account.session_ids == [kept]
    assert [entry.type for entry in entries_of(f"account:{person.id}")].count("account.session_ended") == 1


def test_refusals_at_once_are_all_counted_and_told_once() -> None:
    officer = accounts.officer()
    refuse: Callable[[], Any] = partial(
        actions.note_refusal, route="can-bo/x", method="GET", status=403, actor=accounts.actor_of(officer), at=AT
    )
    assert together(*[refuse] * 6) == [None] * 6
    assert AccessRefusal.objects.get().times == 6
    assert len(entries_of(f"refusal:{officer.id}")) == 1
