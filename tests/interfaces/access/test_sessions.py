"""A session is kept, cannot be kept now, or was ended meanwhile: three things, told apart."""

from unittest.mock import patch

import pytest
from django.contrib.sessions.models import Session
from django.db import InternalError, OperationalError
from django.test import Client
from psycopg import errors


def _standby() -> InternalError:
    error = InternalError("cannot execute UPDATE in a read-only transaction")
    error.__cause__ = errors.ReadOnlySqlTransaction()
    return error


@pytest.fixture
def visitor(client: Client) -> Client:
    client.raise_request_exception = False
    assert client.get("/ghi").content == b"1"
    return client


def test_what_a_page_wrote_is_there_for_the_next(visitor: Client) -> None:
    assert visitor.get("/ghi").content == b"2"


@pytest.mark.parametrize("met", [OperationalError("terminating connection"), _standby()])
def test_a_database_that_goes_away_is_no_fault_of_the_person(met: Exception, visitor: Client) -> None:
    with patch.object(Session, "save", side_effect=met):
        answer = visitor.get("/ghi")
    assert (answer.status_code, answer.get("Retry-After")) == (503, "60")
    assert visitor.get("/ghi").content == b"2", "nothing was written, and the session goes on"


def test_a_session_ended_on_another_page_is_told_so(visitor: Client) -> None:
    assert visitor.get("/ghi?ended").status_code == 400
    assert visitor.get("/ghi").content == b"1"
