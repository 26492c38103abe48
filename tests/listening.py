"""What a page says to who hears it, and what hands on a keyboard lose on it (`listening.js` tells how it is known)."""

import time
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page

EARS = (Path(__file__).parent / "listening.js").read_text(encoding="utf-8")
_HEARD = 'window[Symbol.for("heard")]'
_PATIENCE = 15.0  # seconds; a ticket asks every ten


def listen(context: BrowserContext) -> None:
    """Hear every page that is opened in this window from now on."""
    context.add_init_script(EARS)


def heard(page: Page) -> list[str]:
    """What this page has said since it was opened, in order."""
    return [words for _, words in page.evaluate(f"{_HEARD}.heard")]


def hears(page: Page, words: str, *, how: str = "") -> None:
    """Wait until the page says something with these words in it, `how`: as status, alert or focus."""
    until, said = time.monotonic() + _PATIENCE, []
    while time.monotonic() < until:
        try:
            said = page.evaluate(f"{_HEARD}.heard")
        except Error:  # the page is being left
            said = []
        if any(words in text and how in {"", kind} for kind, text in said):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{page.url} never said «{words}»{f' as {how}' if how else ''}, only {said}")


def lost_by_hands(page: Page) -> list[str]:
    """Where the keyboard was lost on this page, and where something else than a keyboard was used."""
    return list(page.evaluate(f"{_HEARD}.wrong"))
