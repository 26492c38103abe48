"""The counter by keyboard alone in a real browser, and a page of work on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import browser, look_at
from tests.factories.world import citizen, world
from tests.interfaces.workspace.conftest import Office
from tests.interfaces.workspace.test_counter import CARD, PAGE
from tinhso.apps.cases.models import Case

__all__ = ["browser"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def real_office(drain_jobs: Callable[[], int]) -> Office:
    return Office(world(departments=()), drain_jobs, citizen())


def enter(browser: Any, office: Office, role: str, address: str, *, width: int = 1320) -> Page:
    """A page of this officer, signed in, that fails the test on anything the console complains about."""
    cookies = office.browser(role).cookies
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="vi-VN")
    context.add_cookies([{"name": key, "value": morsel.value, "url": address} for key, morsel in cookies.items()])
    page: Page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def complaints_of(page: Page) -> list[str]:
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_a_case_is_taken_without_touching_the_mouse(browser: Any, real_office: Office, live_server: Any) -> None:
    page = enter(browser, real_office, "one_stop_officer", live_server.url)
    complaints = complaints_of(page)
    keys = page.keyboard
    page.goto(f"{live_server.url}/can-bo/viec/cho-tiep-nhan")
    keys.press("n")
    page.wait_for_url(f"**{PAGE}")
    assert page.evaluate("document.activeElement.id") == "card"
    keys.insert_text(CARD)
    keys.press("Enter")
    page.wait_for_selector("text=Đã điền từ thẻ")
    assert page.evaluate("document.activeElement.id") == "find-procedure"
    keys.type("tl")
    page.wait_for_selector("#hits button >> nth=0")
    page.wait_for_selector("#hits:not(:has(li:nth-child(6)))")
    keys.press("ArrowDown")
    while "trích lục" not in page.evaluate("document.activeElement.textContent").lower():
        keys.press("ArrowDown")
    keys.press("Enter")
    page.wait_for_selector("text=Phí và thời hạn")
    assert page.input_value("#field-full_name") == "Nguyễn Thị Ví Dụ"
    assert page.evaluate("document.activeElement.id").startswith("field-"), "the first question that is still open"
    page.evaluate("document.getElementById('field-copies').focus()")
    keys.type("2")
    keys.press("Tab")
    page.wait_for_selector("#money >> text=16.000")
    keys.press("Shift+Tab")
    keys.press("Enter")
    page.wait_for_selector("#error-summary")
    assert page.input_value("#field-copies") == "2", "what was typed stays when something is missing"
    assert not Case.objects.exists()
    assert not [text for text in complaints if "422" not in text]


def test_a_page_of_work_on_a_phone_passes_the_accessibility_checker(
    browser: Any, real_office: Office, live_server: Any
) -> None:
    """One of them; all are looked at in `tests/architecture/test_pages.py`."""
    case = real_office.at_kind("approval")
    page = enter(browser, real_office, "leader", live_server.url, width=390)
    complaints = complaints_of(page)
    page.goto(f"{live_server.url}/can-bo/ho-so/{case.code}")
    look_at(page)
    assert complaints == []
