"""A session is kept, was ended meanwhile, or cannot be kept now: three things, told apart."""

from unittest.mock import patch

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db import InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tinhso.interfaces.access.signed_in import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> SessionStore:
    session = SessionStore()
    session["seen"] = 1
    session.create()
    return SessionStore(session.session_key)


def _page(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = 2
    return HttpResponse()


def _visit(rf: RequestFactory, session: SessionStore) -> HttpResponse:
    request = rf.get("/")
    request.COOKIES["sessionid"] = session.session_key
    return SessionMiddleware(_page)(request)


def test_what_a_page_wrote_is_there_for_the_next(rf: RequestFactory, kept: SessionStore) -> None:
    assert _visit(rf, kept).status_code == 200
    assert SessionStore(kept.session_key)["seen"] == 2


@pytest.mark.parametrize("met", [OperationalError("terminating connection"), InternalError("read-only transaction")])
def test_a_database_that_goes_away_is_no_fault_of_the_person(
    met: Exception, rf: RequestFactory, kept: SessionStore
) -> None:
    with patch.object(Session, "save", side_effect=met), pytest.raises(type(met)):
        _visit(rf, kept)


def test_a_session_ended_on_another_page_is_told_so(rf: RequestFactory, kept: SessionStore) -> None:
    kept["seen"] = 2
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        kept.save()
    other = SessionStore()
    other.create()

    def page(request: HttpRequest) -> HttpResponse:
        request.session["seen"] = 2
        Session.objects.all().delete()
        return HttpResponse()

    request = rf.get("/")
    request.COOKIES["sessionid"] = other.session_key
    with pytest.raises(SessionInterrupted):
        SessionMiddleware(page)(request)
