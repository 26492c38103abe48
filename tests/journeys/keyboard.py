"""Somebody who has a keyboard and no pointing hand: the moves of an errand, each of them seen and none of them lost.

Only keys are pressed; nothing is found by clicking or by filling in what the keyboard has not been moved to.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.browsing import Visitor
from tests.listening import hears, listen, lost_by_hands

MOST = 150  # stops of one page
# What the element under the keyboard is called by who hears it.
_NAME = """() => {
  const here = document.activeElement, by = here.getAttribute("aria-labelledby");
  const told = by ? by.split(/\\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ") : "";
  const label = [...(here.labels ?? [])].map((one) => one.textContent).join(" ");
  if (here === document.body) return "";
  const name = told || here.getAttribute("aria-label") || label || here.textContent || here.value || "";
  return name.replace(/\\s+/g, " ").trim();
}"""


@dataclass
class Typist:
    """The hands of a visitor. Every stop of Tab must be seen; after every swap the keyboard must still be somewhere."""

    visitor: Visitor
    been: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        listen(self.visitor.page.context)
        # The browser asks us instead of the system from now on; told at the last moment, it might not have heard yet.
        self.page.on("filechooser", lambda _: None)
        if self.page.url != "about:blank":
            self.page.reload()  # so that this page is heard as well

    @property
    def page(self) -> Page:
        """What she has before her."""
        return self.visitor.page

    def open(self, path: str) -> None:
        """Type an address."""
        self.visitor.open(path)

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        self.visitor.press(*keys)

    def type(self, text: str) -> None:
        """Letters, where the keyboard is."""
        self.visitor.type(text)

    def hears(self, words: str, *, how: str = "") -> None:
        """What the page tells who cannot see it."""
        hears(self.page, words, how=how)

    def to(self, selector: str) -> None:
        """Tab on until the keyboard is there, unless it is: over the end of the page, if need be."""
        self._walk("Tab", lambda: self._is_on(selector))

    def back_to(self, selector: str) -> None:
        """Shift and Tab, the other way round."""
        self._walk("Shift+Tab", lambda: self._is_on(selector))

    def follow(self, words: str) -> None:
        """The link or button with these words, and Enter."""
        self._walk("Tab", lambda: words in str(self.page.evaluate(_NAME)) and self._is_on("a, button, summary"))
        self.press("Enter")

    def write(self, selector: str, text: str) -> None:
        """Go to a field, and write over what is in it."""
        self.to(selector)
        self.press("Control+a")
        self.type(text)

    def pick(self, selector: str, words: str) -> None:
        """Choose from a list: its first letters (a list takes no composed ones), then arrows."""
        self.to(selector)
        self.type("".join(takewhile(str.isascii, words)).strip())
        for _ in range(30):
            if str(self.page.evaluate("document.activeElement.selectedOptions?.[0]?.textContent.trim()")).startswith(
                words
            ):
                return
            self.press("ArrowDown")
        raise AssertionError(f"no {words} in {selector}")

    def choose(self, name: str, value: str) -> None:
        """One of a group of circles: Tab goes to the group, arrows walk in it."""
        self.to(f'[name="{name}"]')
        for _ in range(30):
            if self.page.evaluate("document.activeElement.checked && document.activeElement.value") == value:
                return
            if self.page.evaluate("document.activeElement.value") == value:
                self.press("Space")
            else:
                self.press("ArrowDown")
        raise AssertionError(f"no {value} in {name}")

    def tick(self, selector: str) -> None:
        """A box."""
        self.to(selector)
        self.press("Space")
        assert self.page.evaluate("document.activeElement.checked")

    def attach(self, selector: str, file: Path) -> None:
        """The dialog of files, which is the system's own, opened by a key."""
        self.to(selector)
        with self.page.expect_file_chooser() as asked:
            self.press("Space")
        asked.value.set_files(file)

    def look(self) -> None:
        """Everything a page must keep, and the hands have lost nothing."""
        self.visitor.look()
        lost = lost_by_hands(self.page)
        assert not lost, f"{self.page.url}: {lost}"
        self.been.append(self.page.url)

    def photo(self, name: str) -> None:
        """A picture of what she would see."""
        self.visitor.photo(name)

    def stands_on(self, selector: str) -> None:
        """Where the keyboard is now, seen."""
        self.visitor.stands_on(selector)

    def _is_on(self, selector: str) -> bool:
        return bool(self.page.evaluate("selector => document.activeElement.matches(selector)", selector))

    def _walk(self, key: str, there: Callable[[], bool]) -> None:
        for _ in range(MOST):
            if there():
                return
            self.page.keyboard.press(key)
            # Between the last stop and the first the keyboard is with the browser's own buttons.
            if not self._is_on("body"):
                self.visitor.shows_where_it_is()
        raise AssertionError(f"{MOST} times {key} led nowhere on {self.page.url}: last {self.page.evaluate(_NAME)}")
