"""The looks at every page notice what they are for: words cut off, a lost keyboard, a page that does not say what it is."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import browser
from tests.screens import DESK, cut_when_enlarged, lost_by_keyboard, unsaid

__all__ = ["browser"]
pytestmark = pytest.mark.journey

PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Hồ sơ của tôi · Tỉnh Số</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body { margin: 8px; overflow-wrap: anywhere } .shut { width: 4rem; overflow: hidden; white-space: nowrap }
.bare:focus { outline: none } input:focus-within { outline: 2px solid }
.bar { position: fixed; inset: auto 0 0; height: 300px } .wide { width: 700px }</style></head><body>
<main><h1>Hồ sơ của tôi</h1><a href="/mot">Một</a> <button type="button">Hai</button> <input aria-label="Ngày" type="date">
<input type="radio" name="r" aria-label="a"><input type="radio" name="r" aria-label="b" checked>
<table><caption>Hồ sơ</caption><thead><tr><th scope="col">Mã</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>
<p id="text">Lời nói</p></main><div id="announce" role="status"></div></body></html>"""

# What is broken, which look finds it, and a word of what it says.
BROKEN: dict[str, tuple[Callable[[Page], list[str]], str]] = {
    "document.querySelector('#text').className = 'wide'": (cut_when_enlarged, "at 660 px: the page is 7"),
    "document.querySelector('h1').className = 'shut'": (cut_when_enlarged, "cut: <h1"),
    "document.querySelector('#text').className = 'bar'": (cut_when_enlarged, "bars take 300 of 450"),
    "document.querySelector('a').className = 'bare'": (lost_by_keyboard, "nothing shows the keyboard on <a"),
    "document.querySelector('button').tabIndex = 1": (lost_by_keyboard, "Tab"),
    "document.querySelector('a').onblur = (event) => setTimeout(() => event.target.focus())": (lost_by_keyboard, "Tab"),
    "document.querySelector('button').onfocus = () => document.querySelector('input').focus()": (
        lost_by_keyboard, "Tab passes by ['<button",
    ),
    "document.title = 'Tỉnh Số'": (unsaid, "does not name the page"),
    "document.querySelector('#announce').remove()": (unsaid, "announce"),
    "document.querySelector('caption').remove()": (unsaid, "a table without a name"),
    "document.querySelector('th').removeAttribute('scope')": (unsaid, "a table without headings"),
    "document.querySelector('input').ariaInvalid = 'true'": (unsaid, "is not tied to <input"),
    "document.querySelector('main').append(document.createElement('h1'))": (unsaid, "2 first headings"),
}  # fmt: skip


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_what_is_broken_is_found_and_nothing_else(page: Page) -> None:
    page.set_content(PAGE)
    assert [*cut_when_enlarged(page), *lost_by_keyboard(page), *unsaid(page)] == []
    for change, (look, word) in BROKEN.items():
        page.set_content(PAGE)
        page.evaluate(f"() => {{ {change} }}")
        found = look(page)
        assert any(word in line for line in found), (change, found)
