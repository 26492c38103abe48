"""The idle lock: officers come back to the same page with the password, and lose nothing typed."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.factories import accounts
from tests.factories.accounts import PASSWORD
from tests.factories.directory import commune, small_directory
from tinhso.apps.accounts.data import AccountData
from tinhso.kernel.clock import now, travel

LOCK = "/khoa-man-hinh"


@pytest.fixture
def hoa(client: Client) -> AccountData:
    account = accounts.officer(username="hoa")
    accounts.sign_in(client, account)
    return account


def next_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["next"][0]


def test_fifteen_idle_minutes_lock_the_screen_and_the_password_returns_to_the_page(
    client: Client, hoa: AccountData
) -> None:
    at = now()
    with travel(at + timedelta(minutes=14, seconds=59)):
        assert client.get("/can-bo/viec").status_code == 200
    with travel(at + timedelta(minutes=30)):
        answer = client.get("/can-bo/viec?trang=2")
        assert answer["Location"].startswith(f"{LOCK}?")
        page = client.get(answer["Location"])
        assert "Màn hình đang khóa" in page.content.decode()
        assert hoa.full_name in page.content.decode()
        assert client.get("/can-bo/viec").status_code == 302, "still locked"
        wrong = client.post(LOCK, {"password": "sai", "next": next_of(answer["Location"])})
        assert (wrong.status_code, "Mật khẩu chưa đúng" in wrong.content.decode()) == (422, True)
        right = client.post(LOCK, {"password": PASSWORD, "next": next_of(answer["Location"])})
        assert right["Location"] == "/can-bo/viec?trang=2"
        assert client.get("/can-bo/viec").status_code == 200


def test_work_keeps_the_screen_open(client: Client, hoa: AccountData) -> None:
    at = now()
    for minutes in range(0, 60, 10):
        with travel(at + timedelta(minutes=minutes)):
            assert client.get("/can-bo/viec").status_code == 200


def test_administration_locks_after_five_minutes(client: Client) -> None:
    small_directory()
    accounts.sign_in(client, accounts.officer("unit_admin", commune().id))
    at = now()
    with travel(at + timedelta(minutes=4, seconds=59)):
        assert client.get("/can-bo/quan-ly").status_code == 200
    with travel(at + timedelta(minutes=11)):
        assert client.get("/can-bo/quan-ly")["Location"].startswith(LOCK)


def test_what_was_typed_is_shown_and_sent_again_after_unlocking(client: Client, hoa: AccountData) -> None:
    at = now() + timedelta(minutes=20)
    with travel(at):
        answer = client.post("/can-bo/viec", {"note": "Đã gọi điện cho người dân", "many": ["a", "b"]})
        assert answer.status_code == 303
        kept = next_of(answer["Location"])
        assert client.get(kept).status_code == 302, "not before the password"
        assert client.post(LOCK, {"password": PASSWORD, "next": kept})["Location"] == kept
        page = client.get(kept)
    text = page.content.decode()
    assert "Đã gọi điện cho người dân" in text
    assert 'action="/can-bo/viec"' in text
    assert text.count('<input type="hidden" name="many"') == 2


def test_fragment_under_lock_takes_the_page_to_the_lock_screen(client: Client, hoa: AccountData) -> None:
    with travel(now() + timedelta(minutes=20)):
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/can-bo/viec?ho-so=7"}
        answer = client.post("/can-bo/viec", {"note": "đang gõ"}, headers=headers)
        assert (answer.status_code, answer["HX-Redirect"].startswith(LOCK)) == (204, True)
        kept = next_of(answer["HX-Redirect"])
        client.post(LOCK, {"password": PASSWORD})
        text = client.get(kept).content.decode()
    assert "đang gõ" in text
    assert "/can-bo/viec?ho-so=7" in text
    assert "Gửi lại" not in text, "a fragment's address gives no page"


def test_wrong_passwords_at_the_lock_count_too(client: Client, hoa: AccountData) -> None:
    with travel(now() + timedelta(minutes=20)):
        client.get("/can-bo/viec")
        for _ in range(5):
            client.post(LOCK, {"password": "sai"})
        answer = client.post(LOCK, {"password": PASSWORD})
        assert (answer.status_code, "Đã sai quá nhiều lần" in answer.content.decode()) == (422, True)


def test_locked_by_hand(client: Client, hoa: AccountData) -> None:
    headers = {"Referer": "http://testserver/can-bo/viec?a=1"}
    answer = client.post("/khoa-man-hinh/ngay", headers=headers)
    assert next_of(answer["Location"]) == "/can-bo/viec?a=1"
    assert client.get("/can-bo/viec")["Location"].startswith(LOCK)
    assert "anonymous" in client.get("/mo").content.decode(), "public pages show nobody"


def test_lock_screen_without_need(client: Client) -> None:
    assert client.get(LOCK)["Location"].startswith("/can-bo/dang-nhap?")
    accounts.sign_in(client, accounts.officer())
    assert client.get(f"{LOCK}?next=/can-bo/viec")["Location"] == "/can-bo/viec"
    assert client.get(f"{LOCK}?next=https://evil.example/")["Location"] == "/"
    accounts.sign_in(client, accounts.citizen())
    assert client.post("/khoa-man-hinh/ngay")["Location"] == "/"


def test_session_ends_after_twelve_hours_whatever_one_does(client: Client, hoa: AccountData) -> None:
    at = now()
    for minutes in range(0, 12 * 60, 10):
        with travel(at + timedelta(minutes=minutes)):
            assert client.get("/can-bo/viec").status_code == 200
    with travel(at + timedelta(hours=12, minutes=1)):
        assert client.get("/can-bo/viec")["Location"].startswith("/can-bo/dang-nhap")


def test_citizen_is_signed_out_after_two_idle_hours(client: Client) -> None:
    accounts.sign_in(client, accounts.citizen())
    at = now()
    with travel(at + timedelta(hours=1, minutes=59)):
        assert client.get("/nop").status_code == 200
    with travel(at + timedelta(hours=4)):
        assert client.get("/nop")["Location"].startswith("/dang-nhap")


def test_activity_told_by_the_browser_keeps_the_screen_open(client: Client, hoa: AccountData) -> None:
    at = now()
    for minutes in (10, 20, 30):
        with travel(at + timedelta(minutes=minutes)):
            assert client.post("/khoa-man-hinh/con-day").status_code == 204
    with travel(at + timedelta(minutes=44)):
        assert client.get("/can-bo/viec").status_code == 200
    with travel(at + timedelta(minutes=60)):
        assert client.post("/khoa-man-hinh/con-day").status_code == 303, "a locked screen is not opened by a ping"


def test_pages_of_officers_know_their_idle_time(client: Client, hoa: AccountData) -> None:
    assert client.get("/can-bo/bao-mat").context["idle"]["seconds"] == 15 * 60
    accounts.sign_in(client, accounts.citizen())
    assert client.get("/dai-dien").context["idle"] is None
