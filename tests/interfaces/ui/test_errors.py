"""What went wrong decides what is told: a fault of ours, or something that the next try may find mended."""

import pytest
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory

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
