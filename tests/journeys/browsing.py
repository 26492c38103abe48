"""A person at a browser: what they do, and what every page they see must keep (accessible, quiet, within the screen).

The words of a message stand on its page twice, shown and for who listens: `get_by_text(...).first` waits for either.
"""

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser import CLOSELY, HIDDEN_FOCUS, look_at
from tests.factories.accounts import TOTP_SECRET
from tests.factories.world import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
_STATUS = re.compile(r"status of (\d{3})")


@dataclass
class Visitor:
    """One person's browser window. `complaints` is what the browser, or a page, found wrong on the way."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("requestfailed", self._lost)
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # A status is counted once, with its address, by `_answered`.
        if message.type in {"error", "warning"} and not _STATUS.search(message.text):
            self.complaints.append(f"console: {message.text}")

    def _lost(self, request: Request) -> None:
        # Aborted is what the page itself gave up: a suggestion overtaken by the next letter, a page turned into a download.
        if request.failure and "ERR_ABORTED" not in request.failure:
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"status {response.status}: {response.url}")

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(f"{self.address}{path}")

    def expect_refusal(self, status: int = 422) -> None:
        """The last act was refused on purpose: exactly one answer with this status, which is no complaint."""
        refused = [said for said in self.complaints if said.startswith(f"status {status}: ")]
        assert len(refused) == 1, self.complaints
        self.complaints.remove(refused[0])

    def look(self) -> None:
        """The page as it stands: nothing lies beyond the edge, nobody complained; in the sweep, axe finds nothing wrong."""
        page = self.page
        look_at(page, closely=CLOSELY)
        assert not self.complaints, f"{page.url}: {self.complaints}"
        self.looked_at.append(page.url.removeprefix(self.address))

    def photo(self, name: str) -> None:
        """A picture for whoever looks after the pages, where TINHSO_PHOTOS names a folder for them."""
        if folder := os.environ.get("TINHSO_PHOTOS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def answer(self, name: str, value: str | bool) -> None:
        """Give one answer of a form by the name of its input, and wait until the server has kept it."""
        with self.page.expect_response(lambda response: response.url.endswith("/luu")):
            self.put(name, value)

    def put(self, name: str, value: str | bool) -> None:
        """Fill one input and leave it, as a person does."""
        found = self.page.locator(f'[name="{name}"]:visible')
        kind = found.first.get_attribute("type")
        if kind == "radio":
            self.page.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind == "checkbox":
            found.check()
        elif found.evaluate("element => element.tagName") == "SELECT":
            found.select_option(str(value))
        else:
            found.fill(str(value))
            found.blur()

    # By keyboard only: these never touch the mouse.

    def press(self, *keys: str) -> None:
        """Press keys one after the other, once the page has all its scripts: until then single keys do nothing."""
        self.page.wait_for_load_state("load")
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type where the keyboard stands."""
        self.page.keyboard.type(text)

    def stands_on(self, selector: str) -> None:
        """The keyboard is on this element, on the screen, and one can see that it is."""
        self.page.locator(f":is({selector}):focus").wait_for(state="attached")
        self.shows_where_it_is()

    def tab_to(self, selector: str, *, most: int = 60) -> None:
        """Press Tab until the keyboard is there; every stop on the way must be seen."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            self.shows_where_it_is()
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{most} times Tab never reached {selector} on {self.page.url}")

    def shows_where_it_is(self) -> None:
        """One sees where the keyboard is."""
        hidden = self._stop()
        assert hidden is None, f"nothing shows where the keyboard is: {hidden}"

    def _stop(self) -> str | None:
        """None where the focused element is on the screen and marked, else its HTML. A mark may take a moment to fade in."""
        until = time.monotonic() + 1
        while (found := self.page.evaluate(HIDDEN_FOCUS)) is not None and time.monotonic() < until:
            time.sleep(0.05)
        return str(found) if found is not None else None


@dataclass
class Town:
    """The running product: opens browser windows for its people, and lets its background work happen."""

    address: str
    browse: Callable[..., BrowserContext]
    username: Callable[[str], str]
    session: Callable[[str], dict[str, str]]
    drain: Callable[[], int]

    def visitor(self, *, width: int = 1320, height: int = 900, **options: object) -> Visitor:
        """A fresh window with a memory of its own."""
        context = self.browse(viewport={"width": width, "height": height}, locale="vi-VN", **options)
        return Visitor(context.new_page(), self.address)

    def officer(self, role: str) -> Visitor:
        """An officer of the commune who is at work already."""
        here = self.visitor()
        cookies = [{"name": name, "value": value, "url": self.address} for name, value in self.session(role).items()]
        here.page.context.add_cookies(cookies)  # type: ignore[arg-type]  # the shape Playwright documents
        here.open("/can-bo/")
        return here

    def officer_signs_in(self, role: str) -> Visitor:
        """An officer of the commune who comes in the morning: password, authenticator, all by keyboard."""
        here = self.visitor()
        here.open("/can-bo/dang-nhap")
        here.look()
        here.page.get_by_label("Tên đăng nhập").focus()
        here.type(self.username(role))
        here.press("Tab")
        here.type(PASSWORD)
        here.press("Enter")
        here.page.wait_for_url("**/buoc-hai**")
        here.look()
        here.page.get_by_label("Mã xác thực").focus()
        here.type(code_of_the_moment())
        here.press("Enter")
        here.page.wait_for_url(re.compile(r"/can-bo/(viec/|$)"))
        return here


def code_of_the_moment() -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // 30)))
