"""The look at a page of every browser test: what has passed is left out, what is broken afterwards is found all the same."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import Browser, browser, look_at

__all__ = ["browser"]
pytestmark = pytest.mark.journey

PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Trang</title>
<style>
a { display: inline-block; padding: 12px }
.pale { color: #bbb }
.tiny { padding: 0; width: 8px; height: 8px; overflow: hidden }</style></head><body>
<nav aria-label="Chính"><a href="/mot">Một</a></nav><nav aria-label="Phụ"><a href="/hai">Hai</a></nav>
<main><h1>Trang</h1><h2>Danh sách</h2>
<table><thead><tr><th scope="col">Số</th><th scope="col">Tên</th></tr></thead>
<tbody><tr><td>1</td><td>Lan</td></tr><tr><td>2</td><td>Mai</td></tr><tr><td>3</td><td>Cúc</td></tr></tbody></table>
<form><label for="name">Tên</label> <input id="name" autocomplete="name">
<button type="button">Gửi</button></form><p>Lời <a href="/ba">dẫn</a></p><img alt="Dấu" src="data:,"></main></body></html>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that has been looked at, and passed."""
    context = browser.new_context(viewport={"width": 777, "height": 600})
    opened = context.new_page()
    opened.set_content(PAGE)
    look_at(opened)
    yield opened
    context.close()


BROKEN = {
    "color-contrast": "document.querySelector('tbody tr:last-child td:last-child').className = 'pale'",
    "label": "document.querySelector('label').htmlFor = 'other'",
    "button-name": "document.querySelector('button').textContent = ''",
    "image-alt": "document.querySelector('img').removeAttribute('alt')",
    "landmark-unique": "document.querySelectorAll('nav')[1].ariaLabel = 'Chính'",
    "heading-order": "document.querySelector('h2').outerHTML = '<h3>Danh sách</h3>'",
    "page-has-heading-one": "document.querySelector('h1').remove()",
    "region": "document.body.append(document.querySelector('p'))",
    "document-title": "document.title = ' '",
    "html-has-lang": "document.documentElement.removeAttribute('lang')",
    "td-headers-attr": "document.querySelector('tbody tr:last-child td').setAttribute('headers', 'nowhere')",
    "target-size": "document.querySelector('nav').innerHTML = '<a class=tiny href=/>x</a><a class=tiny href=/y>y</a>'",
}


def test_what_is_broken_after_a_page_has_passed_is_found(page: Page) -> None:
    for rule, change in BROKEN.items():
        page.set_content(PAGE)
        page.evaluate(change)
        with pytest.raises(AssertionError, match=rule):
            look_at(page)
    with pytest.raises(AssertionError, match=rule):
        look_at(page)  # what has not passed is not remembered


UNDER_A_BAR = """size => {
  const bar = '<a href="/muc" style="padding: 20px; width: 400px">Mục</a>';
  const box = `display: block; margin: 0; width: ${size}px; height: ${size}px`;
  const boxes = [1, 2, 3].map((n) => `<div><input type="checkbox" aria-label="${n}" style="${box}"></div>`);
  const far = '<div style="height: 900px"></div>';
  document.querySelector("nav").innerHTML = bar;
  document.querySelector("nav").style = "position: sticky; top: 0; background: #fff; z-index: 9";
  document.querySelector("main").insertAdjacentHTML("beforeend", far + boxes.join("") + far);
  window.scrollTo(0, document.querySelector("input[type=checkbox]").getBoundingClientRect().top - 50);
}"""


def test_what_a_bar_covers_by_chance_is_not_too_small_and_what_is_stays(page: Page) -> None:
    page.evaluate(UNDER_A_BAR, 18)
    with pytest.raises(AssertionError, match="target-size"):
        look_at(page)
    page.set_content(PAGE)
    page.evaluate(UNDER_A_BAR, 26)
    before = page.evaluate("window.scrollY")
    look_at(page)
    assert page.evaluate("window.scrollY") == before > 0


def test_a_page_too_wide_is_found_whatever_passed(page: Page) -> None:
    page.evaluate("document.querySelector('td').textContent = 'x'.repeat(500)")
    with pytest.raises(AssertionError, match="too wide"):
        look_at(page)


def test_other_words_on_a_page_that_passed_are_not_looked_at_again(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.browser.violations_of", lambda *args, **kwargs: [("asked again", [])])
    page.evaluate("document.querySelector('td').textContent = '12'")
    page.evaluate("document.querySelector('tbody').insertAdjacentHTML('beforeend', '<tr><td>4</td><td>Trúc</td></tr>')")
    look_at(page)
    page.evaluate("document.querySelector('td').className = 'other'")
    with pytest.raises(AssertionError, match="asked again"):
        look_at(page)
