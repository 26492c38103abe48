"""A form that comes in after the session ended is given back to its owner, and to nobody else."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import accounts
from tinhso.apps.accounts.data import AccountData
from tinhso.interfaces.access import kept
from tinhso.kernel.clock import now, travel


@pytest.fixture
def person() -> AccountData:
    return accounts.citizen()


def expire(client: Client) -> None:
    """The server forgets every session; the browser keeps its cookies."""
    Session.objects.all().delete()


def again(client: Client, account: AccountData) -> None:
    """Sign in within the same browser: what the anonymous session holds stays, as with a real sign-in."""
    before = {key: client.session[key] for key in client.session.keys()}  # noqa: SIM118 - a session is no mapping
    accounts.sign_in(client, account)
    session = client.session
    session.update(before)
    session.save()


def next_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["next"][0]


def test_typed_form_comes_back_after_signing_in_again(client: Client, person: AccountData) -> None:
    accounts.sign_in(client, person)
    expire(client)
    answer = client.post("/nop", {"note": "Ba trang <b>giấy</b>", "csrfmiddlewaretoken": "x", "password": "bí mật"})
    assert (answer.status_code, answer["Location"].startswith("/dang-nhap?next=%2Ftiep-tuc%2F")) == (303, True)
    page = next_of(answer["Location"])
    assert "Ba trang" not in client.get("/dang-nhap").content.decode()
    assert client.get(page).status_code == 302, "nothing is shown before signing in"

    again(client, person)
    text = client.get(page).content.decode()
    assert "chưa được ghi nhận" in text
    assert "Ba trang &lt;b&gt;giấy&lt;/b&gt;" in text
    assert 'action="/nop"' in text
    assert "bí mật" not in text
    sent = client.post("/nop", {"note": "Ba trang <b>giấy</b>"})
    assert sent.status_code == 200


def test_another_person_at_the_same_browser_sees_nothing(client: Client, person: AccountData) -> None:
    accounts.sign_in(client, person)
    expire(client)
    page = next_of(client.post("/nop", {"note": "riêng tư"})["Location"])
    other = accounts.citizen()
    again(client, other)
    answer = client.get(page)
    assert (answer.status_code, "riêng tư" in answer.content.decode()) == (404, False)
    again(client, person)
    assert client.get(page).status_code == 404, "and it is gone"


def test_form_of_an_unknown_browser_is_kept_within_narrow_bounds(client: Client, person: AccountData) -> None:
    small = client.post("/nop", {"note": "ngắn"})
    assert "tiep-tuc" in small["Location"]
    large = client.post("/nop", {"note": "x" * (kept.LARGEST_UNKNOWN + 1)}, headers={"Referer": "http://testserver/mo"})
    assert large["Location"] == "/dang-nhap?next=%2Fmo"
    again(client, person)
    assert "ngắn" in client.get(next_of(small["Location"])).content.decode()


def test_large_form_of_a_known_browser_is_kept(client: Client, person: AccountData) -> None:
    accounts.sign_in(client, person)
    expire(client)
    assert "tiep-tuc" in client.post("/nop", {"note": "x" * 100_000})["Location"]
    assert "tiep-tuc" not in client.post("/nop", {"note": "x" * (kept.LARGEST + 1)})["Location"]


def test_empty_form_is_not_worth_keeping(client: Client) -> None:
    answer = client.post("/nop", {"note": " "}, headers={"Referer": "http://elsewhere.example/x"})
    assert answer["Location"] == "/dang-nhap?next=%2F"


def test_files_are_named_not_kept(client: Client, person: AccountData) -> None:
    accounts.sign_in(client, person)
    expire(client)
    file = SimpleUploadedFile("ban-ve.pdf", b"%PDF-1.4")
    page = next_of(client.post("/nop", {"note": "kèm bản vẽ", "drawing": file})["Location"])
    again(client, person)
    text = client.get(page).content.decode()
    assert "ban-ve.pdf" in text
    assert "chọn lại" in text


def test_kept_forms_last_an_hour_and_are_few(client: Client, person: AccountData) -> None:
    accounts.sign_in(client, person)
    expire(client)
    at = now()
    pages = []
    for number in range(kept.AT_MOST + 2):
        with travel(at + timedelta(seconds=number)):
            pages.append(next_of(client.post("/nop", {"note": f"lần {number}"})["Location"]))
    again(client, person)
    assert [client.get(page).status_code for page in pages] == [404, 404, *[200] * kept.AT_MOST]
    with travel(at + timedelta(hours=1, minutes=1)):
        assert client.get(pages[-1]).status_code == 404


def test_stale_mark_of_the_page_gives_the_form_back(person: AccountData) -> None:
    """After another sign-in in the same browser an open page carries an old token: its form is not lost."""
    client = Client(enforce_csrf_checks=True)
    accounts.sign_in(client, person)
    ours = {"Origin": "http://testserver", "Referer": "http://testserver/nop"}
    answer = client.post("/nop", {"note": "dài dòng"}, headers=ours)
    assert answer.status_code == 303
    text = client.get(answer["Location"]).content.decode()
    assert "dài dòng" in text
    assert "csrfmiddlewaretoken" in text, "sent again it carries a fresh token"

    stranger = Client(enforce_csrf_checks=True)
    assert "tiep-tuc" in stranger.post("/nop", {"note": "dài dòng"}, headers=ours)["Location"]
    assert "/can-bo/dang-nhap" in stranger.post("/can-bo/viec", {"note": "x"}, headers=ours)["Location"]


def test_form_from_another_site_is_refused_and_not_kept(person: AccountData) -> None:
    client = Client(enforce_csrf_checks=True)
    accounts.sign_in(client, person)
    answer = client.post("/nop", {"note": "bẫy"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "kept_forms" not in client.session


def test_owner_mark_cannot_be_forged(client: Client, person: AccountData) -> None:
    accounts.sign_in(client, person)
    expire(client)
    client.cookies["tinhso_owner"] = f"{person.id}:forged"
    page = next_of(client.post("/nop", {"note": "x"})["Location"])
    other = accounts.citizen()
    again(client, other)
    assert client.get(page).status_code == 200, "of nobody known: kept for this browser"
