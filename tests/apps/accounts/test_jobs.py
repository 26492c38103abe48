"""What accounts do at night."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from tests.factories import accounts
from tests.factories.accounts import AT
from tinhso.apps.accounts import actions, jobs, queries
from tinhso.apps.accounts.models import SignInFailure
from tinhso.kernel.actor import ANONYMOUS
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db


def test_old_failures_go() -> None:
    actions.record_sign_in_failure(username="a", source="", reason="wrong_password", actor=ANONYMOUS, at=AT)
    with travel(AT + timedelta(days=2)):
        jobs.forget_sign_in_failures()
    assert SignInFailure.objects.count() == 0


def test_expired_sessions_go_and_living_ones_stay() -> None:
    Session.objects.create(session_key="old", session_data="x", expire_date=AT)
    Session.objects.create(session_key="new", session_data="x", expire_date=AT + timedelta(days=9))
    with travel(AT + timedelta(days=2)):
        jobs.forget_expired_sessions()
    assert [session.session_key for session in Session.objects.all()] == ["new"]
    with pytest.raises(Forbidden):
        actions.forget_expired_sessions(actor=ANONYMOUS, at=AT)


@pytest.mark.parametrize(("demo", "is_active"), [(False, False), (True, True)])
def test_unused_officers_are_locked_except_in_a_demo(settings: Any, demo: bool, is_active: bool) -> None:
    settings.DEMO = demo
    account = accounts.officer()
    with travel(AT + timedelta(days=60)):
        jobs.lock_idle_accounts()
    assert queries.get_account(account.id).is_active is is_active
