"""What went wrong decides what is told: a fault of ours, or something that the next try may find mended."""

from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client, RequestFactory
from psycopg import errors

from tinhso.interfaces.ui.errors import server_error, status_of


def _caused(by: Exception) -> Exception:
    error = ValueError("the page broke")
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("the database system is in recovery mode"), 503),
        (_caused(InterfaceError("connection already closed")), 503),
        (_caused(errors.ReadOnlySqlTransaction()), 503),
        (ValueError("ours"), 500),
        (None, 500),
    ],
)
def test_a_database_that_is_away_is_no_fault_of_ours(error: Exception | None, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize("cause", [OperationalError("recovery"), KeyError("ours")])
def test_the_page_says_when_to_come_back(cause: Exception, rf: RequestFactory) -> None:
    try:
        raise cause  # noqa: TRY301 - so that there is one
    except Exception:  # noqa: BLE001 - as Django calls it
        answer = server_error(rf.get("/"))
    is_away = isinstance(cause, OperationalError)
    assert (answer.status_code, answer.get("Retry-After")) == ((503, "60") if is_away else (500, None))


@pytest.fixture
def visitor(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def test_page_while_the_database_is_away(visitor: Client) -> None:
    with patch.object(connection, "ensure_connection", side_effect=OperationalError("connection refused")):
        answer = visitor.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    text = answer.content.decode()
    assert "Hệ thống tạm ngừng trong chốc lát" in text
    assert "/static/" in text, "the page as it always looks, not the plain one"
    assert "refused" not in text


@pytest.mark.parametrize(
    ("cause", "status", "code"),
    [(OperationalError("connection refused"), 503, "unavailable"), (ZeroDivisionError(), 500, "internal")],
)
@pytest.mark.parametrize(
    "where", ["tinhso.apps.accounts.queries.token_scope", "django.db.connection.ensure_connection"]
)
def test_programs_are_told_in_their_own_shape(
    visitor: Client, cause: Exception, status: int, code: str, where: str
) -> None:
    with patch(where, side_effect=cause):
        answer = visitor.get("/api/v1/procedures", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.get("Retry-After") == ("5" if status == 503 else None)
