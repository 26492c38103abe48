"""Sign-in in a real browser: the content policy holds, passkeys work, nothing is unreachable by keyboard or phone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser import CLOSELY, browser, look_at
from tests.factories import accounts
from tests.factories.accounts import PASSWORD

__all__ = ["browser"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def context(browser: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="vi-VN")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(10_000)
    return page


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console complains about: scripts or styles that the content policy refused, broken scripts."""
    found: list[str] = []
    # The small site of these tests has no icon; the browser asks for one all the same.
    page.on(
        "console",
        lambda message: (
            found.append(message.text)
            if message.type == "error" and not message.location["url"].endswith("/favicon.ico")
            else None
        ),
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def passkeys(page: Page) -> None:
    """A virtual authenticator in the browser, as a phone's fingerprint would be."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_officer_enrols_a_passkey_and_signs_in_with_it(
    page: Page, live_server: Any, complaints: list[str], settings: Any
) -> None:
    settings.OFFICER_HOME = "/can-bo/viec"
    accounts.officer(username="hoa", full_name="Lê Thị Hoa", with_totp=False)
    passkeys(page)
    page.goto(f"{live_server.url}/can-bo/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill("hoa")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/can-bo/bao-mat")
    page.get_by_role("link", name="Thêm khóa truy cập").click()
    page.get_by_label("Tên gọi của khóa").fill("Điện thoại")
    page.get_by_label("Dùng khóa này để đăng nhập không cần mật khẩu").check()
    page.get_by_role("button", name="Thêm khóa").click()
    page.wait_for_url("**/ma-khoi-phuc")

    page.goto(f"{live_server.url}/dang-xuat")
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    page.goto(f"{live_server.url}/can-bo/dang-nhap")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    page.wait_for_url("**/can-bo/viec")
    assert "officer Lê Thị Hoa" in page.content()
    assert complaints == []


def test_citizen_signs_in_through_the_simulator_and_out_again(
    page: Page, live_server: Any, identity: str, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/nop")
    page.get_by_role("button", name="Tiếp tục với định danh điện tử").click()
    page.get_by_role("button", name="Nguyễn Thị Hồng Nhạn").click()
    page.wait_for_url("**/nop")
    assert "citizen Nguyễn Thị Hồng Nhạn" in page.content()
    page.goto(f"{live_server.url}/dang-xuat")
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    page.wait_for_url(f"{live_server.url}/")
    assert "anonymous" in page.content()
    assert complaints == []


def test_unattended_screen_gives_way_to_the_lock_and_comes_back(
    page: Page, live_server: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinhso.interfaces.access import sessions

    monkeypatch.setattr(sessions, "OFFICER_IDLE", timedelta(seconds=3))
    accounts.sign_in(client, accounts.officer(username="hoa"))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/can-bo/khung?muc=2")
    page.get_by_role("heading", name="Khung trang").wait_for()
    page.wait_for_url("**/khoa-man-hinh?**")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/can-bo/khung?muc=2")


@pytest.mark.parametrize(
    "address",
    ["/dang-nhap", "/can-bo/dang-nhap", "/dang-xuat", "/can-bo/bao-mat", "/dai-dien/khai", "/phien-dang-nhap"],
)
@pytest.mark.sweep
def test_pages_are_accessible_and_fit_a_phone(browser: Any, live_server: Any, address: str, client: Any) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    if address.startswith(("/can-bo/bao-mat", "/dai-dien", "/phien")):
        account = accounts.officer() if address.startswith("/can-bo") else accounts.citizen()
        accounts.listed(account, browser="Samsung Internet trên Android", source="2001:db8:1234:5678::1")
        accounts.sign_in(client, account, browser="Safari trên iPhone", just_proved=True)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}{address}")
    look_at(page, closely=CLOSELY)
    context.close()
