"""Citizens' pages in a real browser: accessible, within the screen, usable by keyboard, nothing refused by the policy."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import CLOSELY, browser, look_at
from tests.factories.world import World
from tests.interfaces.portal.conftest import HOUSE
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case
from tinhso.kernel import clock

__all__ = ["browser"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1320, "height": 900}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone; `check` looks at every page on a desk too."""
    made = browser.new_context(viewport=PHONE, locale="vi-VN")
    made.set_default_timeout(20_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    found: list[str] = []
    opened.on("pageerror", lambda error: found.append(str(error)))
    opened.on("console", lambda m: found.append(m.text) if "Content Security Policy" in m.text else None)
    yield opened
    assert found == []


def sign_in(context: BrowserContext, site: Client, address: str) -> None:
    context.add_cookies([{"name": "sessionid", "value": site.cookies["sessionid"].value, "url": address}])


def check(page: Page, *, closely: bool = CLOSELY) -> None:
    """On a phone and on a desk: nothing beyond the edge of the screen, and no violation that axe knows of."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        look_at(page, closely=closely)


def test_public_pages(page: Page, live_server: Any, province: World) -> None:
    """Those met first, and two that refuse; all the others are looked at in `tests/architecture/test_pages.py`."""
    for address in ("/", f"/thu-tuc/{HOUSE}", "/kiem-tra/x", "/thu-tuc/9.999999"):
        page.goto(f"{live_server.url}{address}")
        check(page, closely=True)


def test_search_answers_while_typing_and_without_a_mouse(page: Page, live_server: Any, province: World) -> None:
    page.goto(live_server.url)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("xin giay phep xay nha")
    page.locator("#suggestions a").first.wait_for()
    check(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim?q=*")
    page.get_by_role("link", name="Cấp giấy phép xây dựng mới").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/thu-tuc/{HOUSE}")


def test_the_menu_of_a_phone_opens_without_script(browser: Browser, live_server: Any, province: World) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url)
    link = page.locator("#menu a", has_text="Kiểm tra giấy tờ")
    assert not link.is_visible()
    page.get_by_role("button", name="Mục").click()
    assert link.is_visible()
    context.close()


@pytest.mark.sweep
def test_a_case_from_the_procedure_page_to_its_code(
    page: Page, context: BrowserContext, live_server: Any, site: Client, full_draft: int, tmp_path: Path,
    drawings: Callable[[], Any],
) -> None:  # fmt: skip
    sign_in(context, site, live_server.url)
    file = tmp_path / "ban-ve.pdf"
    file.write_bytes(drawings().read())
    page.goto(f"{live_server.url}/thu-tuc/{HOUSE}")
    page.get_by_role("link", name="Nộp trực tuyến").click()
    check(page)
    page.get_by_role("button", name="Bắt đầu khai").click()
    page.get_by_label("Thửa đất số").fill("")
    with page.expect_response("**/luu"):
        page.get_by_label("Tờ bản đồ số").focus()
    page.locator("#saved", has_text="Đã lưu bản nháp").wait_for()
    page.get_by_role("button", name="Tiếp tục: giấy tờ").click()
    page.locator("#error-summary").wait_for()
    assert page.evaluate("document.activeElement.id") == "error-summary"
    check(page)
    page.locator("#error-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "land_parcel"
    page.keyboard.type("125")
    page.get_by_role("button", name="Tiếp tục: giấy tờ").click()
    page.wait_for_url("**/giay-to")
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_role("button", name="Bỏ tệp ban-ve.pdf").wait_for()
    check(page)
    page.get_by_role("link", name="Tiếp tục: xem lại").click()
    check(page)
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.get_by_text("Mã hồ sơ của bạn là").first.wait_for()
    check(page)
    page.goto(f"{live_server.url}/ho-so/")
    check(page)


@pytest.mark.sweep
def test_answering_a_supplement(
    page: Page, context: BrowserContext, live_server: Any, site: Client, submitted: str, province: World
) -> None:
    case = Case.objects.get(code=submitted)
    actions.request_supplement(
        case_id=case.pk, items=["Diện tích lô đất"], reason="Diện tích chưa khớp",
        actor=province.officer("one_stop_officer"), at=clock.now(),
    )  # fmt: skip
    sign_in(context, site, live_server.url)
    page.goto(f"{live_server.url}/ho-so/{submitted}")
    check(page)
    page.get_by_role("link", name="Bổ sung hồ sơ").click()
    check(page)
    page.get_by_role("button", name="Gửi bổ sung").click()
    page.locator("#error-summary", has_text="ít nhất một giấy tờ").wait_for()
    check(page)
    page.get_by_text("Sửa thông tin đã khai").click()
    page.get_by_label("Diện tích lô đất").fill("121,5")
    page.get_by_role("button", name="Gửi bổ sung").click()
    page.get_by_text("Đã gửi bổ sung").first.wait_for()
    assert Case.objects.get(code=submitted).answers["land_area"] == 121.5
