"""A form that asks for fresh proof: the officer proves who she is, and what she had sent is carried out once."""

import time
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from tests.factories import accounts
from tests.factories.accounts import PASSWORD
from tests.interfaces.access.software_key import SoftwareKey
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.audit.queries import entries_of

PROVE = "/can-bo/bao-mat/xac-nhan"
REMOVE_APP = "/can-bo/bao-mat/ung-dung/go"
KEYS = "/can-bo/bao-mat/khoa"


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """The library counts tries in the cache."""
    cache.clear()


@pytest.fixture
def officer(client: Client) -> AccountData:
    """Signed in, with an authenticator application and a passkey; her proof is an hour old."""
    account = accounts.officer(username="hoa")
    accounts.sign_in(client, account)
    client.post(f"{PROVE}?next=/can-bo/bao-mat", {"password": PASSWORD})
    options = client.get(f"{KEYS}/them").context["js_data"]
    client.post(f"{KEYS}/them", {"name": "A", "credential": SoftwareKey("http://testserver").create(options)})
    grow_old(client)
    return account


def grow_old(client: Client) -> None:
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "at": time.time() - 3_600} for record in session["account_authentication_methods"]
    ]
    session.save()


def changes(account: AccountData) -> list[tuple[str, str, int | None]]:
    """What became of second factors since she had them all, and who did it."""
    return [
        (entry.payload["factor"], entry.payload["change"], entry.actor.account_id)
        for entry in entries_of(f"account:{account.id}")
        if entry.type == "account.second_factor_changed" and entry.payload["change"] != "added"
    ]


def test_what_was_sent_is_done_once_after_the_proof(
    client: Client, officer: AccountData, django_capture_on_commit_callbacks: Any
) -> None:
    asked = client.post(REMOVE_APP)
    assert (asked.status_code, asked["Location"]) == (302, f"{PROVE}?next={quote(REMOVE_APP, safe='')}")
    assert client.get(asked["Location"]).status_code == 200
    assert "Mật khẩu chưa đúng" in client.post(asked["Location"], {"password": "sai"}).content.decode()
    assert changes(officer) == [], "nothing before the proof"
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(asked["Location"], {"password": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, "/can-bo/bao-mat")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(asked["Location"], {"password": PASSWORD})
    assert changes(officer) == [("totp", "removed", officer.id)]
    assert not Authenticator.objects.filter(user_id=officer.id, type="totp").exists()


def test_what_was_typed_is_there_after_the_proof(client: Client, officer: AccountData) -> None:
    key = Authenticator.objects.get(user_id=officer.id, type="webauthn")
    asked = client.post(f"{KEYS}/{key.pk}/ten", {"name": "Khóa mới đặt tên"})
    assert asked["Location"].startswith(PROVE)
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == KEYS
    assert "Khóa mới đặt tên" in client.get(KEYS).content.decode()


def test_another_page_in_between_does_not_do_what_was_left(client: Client, officer: AccountData) -> None:
    """Who goes elsewhere first, and proves herself for that, has not asked for the form again."""
    client.post(REMOVE_APP)
    assert client.post(f"{PROVE}?next={KEYS}/them", {"password": PASSWORD})["Location"] == f"{KEYS}/them"
    assert client.post(f"{PROVE}?next={REMOVE_APP}", {"password": PASSWORD})["Location"] == REMOVE_APP
    assert changes(officer) == []
    assert Authenticator.objects.filter(user_id=officer.id, type="totp").exists()
