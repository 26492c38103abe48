"""Which answers count as a refusal for lack of right, and that writing it down never changes the answer."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import include, path

from tests.factories import accounts
from tests.interfaces.access import conftest
from tinhso.apps.accounts import actions
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.audit.queries import entries_of
from tinhso.interfaces.access.policy import public, signed_in
from tinhso.kernel.errors import NotFound


def _looked_for(request: Any, code: str) -> Any:
    raise NotFound


class Urls(conftest.Urls):
    """The small site, and a page that names somebody's thing."""

    urlpatterns = [
        path("", include(conftest.Urls.urlpatterns)),
        path("cua-ai/<str:code>", signed_in(_looked_for)),
        path("cua-moi-nguoi/<str:code>", public(_looked_for)),
        path("khong-ten", signed_in(lambda request: _looked_for(request, ""))),
    ]


@pytest.fixture(autouse=True)
def with_a_named_thing(settings: Any, small_site: None) -> None:
    settings.ROOT_URLCONF = Urls


def told(account: AccountData) -> list[tuple[str, str, int]]:
    entries = entries_of(f"refusal:{account.id}")
    return [tuple(entry.payload[name] for name in ("route", "method", "status")) for entry in entries]


def test_a_refusal_is_told_to_the_log_by_address_not_by_what_stood_in_it(client: Client) -> None:
    officer = accounts.officer()
    accounts.sign_in(client, officer)
    assert client.get("/can-bo/quan-ly").status_code == 403
    assert client.post("/cua-ai/H48.12-260302-0001").status_code == 404
    assert client.get("/cong-dan").status_code == 403
    assert told(officer) == [
        ("can-bo/quan-ly", "GET", 403), ("cua-ai/<str:code>", "POST", 404), ("cong-dan", "GET", 403),
    ]  # fmt: skip
    entry = entries_of(f"refusal:{officer.id}")[1]
    assert (entry.actor_kind, entry.actor_id) == ("officer", officer.id)
    assert "H48" not in str(entry.payload)


@pytest.mark.parametrize("address", ["/cua-moi-nguoi/x", "/khong-ten", "/khong-co-trang-nay", "/chung", "/can-bo/viec"])
def test_what_is_not_there_for_anybody_is_no_refusal(client: Client, address: str) -> None:
    officer = accounts.officer()
    accounts.sign_in(client, officer)
    client.get(address)
    assert told(officer) == []


def test_a_citizen_below_the_level_is_refused_and_a_stranger_sent_to_sign_in(client: Client) -> None:
    person = accounts.citizen()
    assert client.get("/nop").status_code == 302
    accounts.sign_in(client, person, assurance=1)
    assert client.get("/nop").status_code == 403
    assert told(person) == [("nop", "GET", 403)]


def test_that_it_cannot_be_written_changes_nothing_about_the_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(**_: Any) -> None:
        raise OperationalError("the connection is lost")

    officer = accounts.officer()
    accounts.sign_in(client, officer)
    monkeypatch.setattr(actions, "note_refusal", away)
    answer = client.get("/can-bo/quan-ly")
    assert answer.status_code == 403
    assert "Bạn không có quyền" in answer.content.decode()
    assert "could not be written down" in caplog.text
