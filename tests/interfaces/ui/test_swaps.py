"""What a swap leaves behind: words for who hears the page, and the keyboard where it was; with htmx itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser import browser
from tests.listening import heard, hears, listen, lost_by_hands

__all__ = ["browser"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
ROOM = '<section id="room" aria-label="Phòng"><button id="{id}" type="button" {more}>Bỏ</button></section>'
ASKS = 'hx-get="/part" hx-target="#room" hx-swap="outerHTML"'
_SEEN = """() => {
  const { top, bottom } = document.getElementById("here").getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight + 8;
}"""


@pytest.fixture
def page(browser: Any, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 800, "height": 500})
    listen(context)
    page = context.new_page()
    page.goto(f"{live_server.url}/tim")
    page.wait_for_load_state("load")
    yield page
    context.close()


def put(page: Page, html: str, *answers: str) -> None:
    """A part of a page that asks the server, and what the server will say, in turn."""
    left = list(answers)

    def answer(route: Route) -> None:
        route.fulfill(body=left.pop(0) if len(left) > 1 else left[0], content_type="text/html")

    page.route("**/part*", answer)
    # The page has put the keyboard on its own summary of errors; it is taken off first, so that nothing of it is lost here.
    page.locator("body > a").first.focus()
    page.evaluate(
        "html => { const main = document.querySelector('main'); main.innerHTML = html; htmx.process(main); }", html
    )


def test_what_stood_on_something_that_went_stands_on_what_is_named_and_left(page: Page) -> None:
    new = '<section id="room" aria-label="Phòng"><p data-announce="Đã bỏ một tệp"></p><button>Khác</button></section>'
    put(page, ROOM.format(id="", more=ASKS), new)
    page.keyboard.press("Tab")
    page.locator("#room button").focus()
    page.keyboard.press("Enter")
    hears(page, "Đã bỏ một tệp", how="status")
    assert page.evaluate("document.activeElement.id") == "room"
    assert lost_by_hands(page) == []


def test_what_comes_again_by_its_name_keeps_the_keyboard(page: Page) -> None:
    put(
        page,
        ROOM.format(id="", more=f'name="_remove" value="1" {ASKS}'),
        ROOM.format(id="", more='name="_remove" value="1"'),
    )
    page.locator("#room button").focus()
    page.keyboard.press("Enter")
    page.locator("#room:not(.htmx-request) button:not([hx-get])").wait_for()
    page.wait_for_function("() => document.activeElement.name === '_remove'")


def test_what_asks_again_and_again_says_only_what_is_new(page: Page) -> None:
    part = '<p id="room" hx-get="/part" hx-trigger="ask" hx-swap="outerHTML" data-announce="{}" data-announce-change="x">{}</p>'
    put(
        page,
        part.format("Đang ký", 0),
        part.format("Đang ký", 1),
        part.format("Đang ký", 2),
        part.format("Đã ký xong", 3),
    )
    for number in (1, 2, 3):
        page.evaluate("htmx.trigger('#room', 'ask')")
        page.locator("#room:not(.htmx-settling, .htmx-added)", has_text=str(number)).wait_for()
        page.wait_for_timeout(60)
    hears(page, "Đã ký xong", how="status")
    assert heard(page).count("Đang ký") == 1


def test_a_question_that_comes_in_above_pushes_nothing_off_the_screen(page: Page) -> None:
    tall = '<div id="above" hx-swap-oob="true"><p>' + "<br>" * 60 + "</p></div>"
    asks = '<input id="here" aria-label="Câu trả lời" hx-get="/part" hx-swap="none" hx-trigger="change">'
    # The browser holds on to the first thing it shows, which is above what comes in.
    put(page, f'<p>{"<br>" * 30}</p><div id="above"></div>{asks}', tall)
    page.locator("#here").focus()
    page.keyboard.type("x")
    page.wait_for_function(_SEEN)
    page.evaluate("document.getElementById('here').dispatchEvent(new Event('change', { bubbles: true }))")
    page.locator("#above p").wait_for()
    page.wait_for_timeout(100)
    page.wait_for_function(_SEEN)
    assert page.evaluate("document.activeElement.id") == "here"
