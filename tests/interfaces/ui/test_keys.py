"""The keyboard of the workspace, on the gallery page: lists, shortcuts, palette, and turning single keys off."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import browser

__all__ = ["browser"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Any, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1320, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    found: list[str] = []
    opened.on("pageerror", lambda error: found.append(str(error)))
    opened.goto(f"{live_server.url}/thanh-phan/can-bo")
    # The example of an error summary takes the focus, as a real one does.
    opened.evaluate("document.activeElement.blur()")
    yield opened
    context.close()
    assert found == []


def row_of_cursor(page: Page) -> int:
    return int(page.evaluate("[...document.querySelectorAll('tr[data-row]')].findIndex(r => r.matches('.cursor'))"))


def test_j_and_k_walk_the_list_and_enter_opens(page: Page) -> None:
    page.keyboard.press("j")
    assert row_of_cursor(page) == 0
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert row_of_cursor(page) == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**#r2")
    for _ in range(20):
        page.keyboard.press("j")
    assert row_of_cursor(page) == 5


def test_the_cursor_follows_the_focus(page: Page) -> None:
    page.locator("tr[data-row] a").nth(3).focus()
    assert row_of_cursor(page) == 3
    page.keyboard.press("j")
    assert row_of_cursor(page) == 4


def test_keys_do_nothing_while_a_person_types(page: Page) -> None:
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("jjj?")
    assert page.locator("#find").input_value() == "jjj?"
    assert row_of_cursor(page) == -1
    assert not page.locator("#shortcuts").is_visible()


def test_the_list_of_shortcuts_turns_single_keys_off_for_good(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_label("Dùng phím tắt một chữ trên máy này").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert row_of_cursor(page) == -1
    page.reload()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert row_of_cursor(page) == -1


def test_the_palette_goes_anywhere_without_diacritics(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("tra ket")
    options = page.locator("#palette").get_by_role("option")
    expect(options).to_have_text(["Trả kết quả"])
    page.keyboard.press("Escape")
    assert not page.locator("#palette").is_visible()


def test_enter_before_the_list_has_come_goes_there_when_it_comes(page: Page) -> None:
    held: list[Route] = []
    page.route("**/palette*.js", lambda route: held.append(route))
    page.evaluate(
        "document.querySelectorAll('#side a').forEach((link) => { link.href = `#${link.textContent.trim()}` })"
    )
    page.keyboard.press("Control+k")
    page.keyboard.type("tra ket")
    page.keyboard.press("Enter")
    page.wait_for_timeout(50)
    assert page.locator("#palette").get_by_role("option").count() == 0, "it was held back"
    held[0].continue_()
    page.wait_for_url(lambda address: "#" in address)
