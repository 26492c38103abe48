"""The browser of the tests: which one, started how, and how a page is looked at."""

from __future__ import annotations

import contextlib
import gzip
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from pytest_django.live_server_helper import LiveServer

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# The same browser without windows of its own draws the same pages for two thirds of the time.
_PROGRAMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = next((program for program in _PROGRAMS if program.exists()), _PROGRAMS[-1])
_AXE_ADDRESS = "/static/axe.js"  # on the servers of tests only
_SERVERS: set[str] = set()
_PACKED = (".css", ".js", ".svg", ".json", ".webmanifest")
# No screen and no way out: without these the browser looks for its maker's hosts at every start, and draws every page for
# an eye that follows its movements, which takes a third of the time of a page.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class _Shared:
    """One browser for modules that follow each other; closed before a test that wants none."""

    def __init__(self) -> None:
        self._open: contextlib.ExitStack | None = None
        self._browser: Browser | None = None

    def get(self, session: pytest.Session) -> Browser:
        if self._open is None or self._browser is None:
            self._open = contextlib.ExitStack()
            self._browser = self._open.enter_context(started())
            session.addfinalizer(self.close)
            if not session.config.pluginmanager.is_registered(self):
                session.config.pluginmanager.register(self)
        return self._browser

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Function) -> None:
        # The event loop of the browser's driver is in the way of whoever wants one of their own.
        if "browser" not in item.fixturenames:
            self.close()


_SHARED = _Shared()


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> Browser:
    """The running browser; each person gets a window with a memory of its own."""
    if "live_server" in request.fixturenames:
        _quicken(request.getfixturevalue("live_server"))
    return _SHARED.get(request.session)


def _quicken(server: LiveServer) -> None:
    """Let the server of the tests keep what a server in production keeps: static files and connections to the database."""
    serving = server.thread.httpd
    _SERVERS.add(server.url)
    if not isinstance(serving.get_app(), _Kept):
        serving.set_app(_Kept(serving.get_app()))
        # A thread serves all requests of one connection of a browser, and closes its own when the browser hangs up.
        connections.settings["default"]["CONN_MAX_AGE"] = None


class _Kept:
    """Static files out of memory, to be kept by browsers too: they do not change during a run. Axe is one of them.

    Texts are sent packed, as they lie on a server in production.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        script = (
            "200 OK",
            [("Content-Type", "text/javascript; charset=utf-8")],
            AXE.read_bytes() if AXE.exists() else b"",
        )
        self._answers: dict[str, tuple[str, list[tuple[str, str]], bytes]] = {_AXE_ADDRESS: script}
        self._packed: dict[str, bytes] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/static/") or environ["REQUEST_METHOD"] != "GET":
            return self._app(environ, start_response)
        if path not in self._answers:
            self._answers[path] = self._ask(environ)
        status, headers, body = self._answers[path]
        kept = [("Cache-Control", "max-age=86400, immutable")] if status.startswith("200") else []
        if status.startswith("200") and path.endswith(_PACKED) and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            if path not in self._packed:
                self._packed[path] = gzip.compress(body, 9)
            body = self._packed[path]
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            kept += [("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
        start_response(status, [*headers, *kept])
        return [body]

    def _ask(self, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            told.append((status, headers))
            return lambda _: None

        plain = {name: value for name, value in environ.items() if name not in {"HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"}}
        answer = self._app(plain, start)
        body = b"".join(answer)
        if close := getattr(answer, "close", None):
            close()
        status, headers = told[0]
        return status, [(name, value) for name, value in headers if name.lower() != "cache-control"], body


@contextlib.contextmanager
def started() -> Iterator[Browser]:
    """A browser of one's own; skips where there is none, or no accessibility checker."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    # Playwright runs an event loop in this thread, which makes Django think it is called from async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield running
            running.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


# Every rule on by itself, and the one of WCAG 2.2 that is not: buttons and links large enough to touch. Nothing of ours
# comes from elsewhere, so nothing has to be fetched before the rules run.
_OPTIONS: dict[str, Any] = {
    "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False,
}  # fmt: skip
# The rules that compare elements of a page with each other.
_OF_THE_WHOLE = [
    "accesskeys", "bypass", "heading-order", "landmark-no-duplicate-banner", "landmark-no-duplicate-contentinfo",
    "landmark-no-duplicate-main", "landmark-one-main", "landmark-unique", "page-has-heading-one",
]  # fmt: skip
# The rules that a theme can break: it changes colours and nothing else.
_OF_COLOURS = ["color-contrast", "link-in-text-block"]


def _only(rules: list[str]) -> dict[str, Any]:
    return {"resultTypes": ["violations"], "preload": False, "runOnly": {"type": "rule", "values": rules}}


_SHAPE = (ROOT / "tests" / "looking.js").read_text(encoding="utf-8")
_RUN = """([passed, options]) => {
  const all = window[Symbol.for("looked at")];
  const context = passed.length ? { exclude: passed.map((at) => all[at]) } : document;
  return axe.run(context, options).then((found) => found.violations);
}"""
# A bar that stays on the screen covers part of what is scrolled under it, which makes that too small to touch where it
# happens to stand. What is too small stays so in the middle of the screen.
_TOO_SMALL = """async ([nodes, options]) => {
  const [left, top] = [window.scrollX, window.scrollY], small = [];
  for (const node of nodes) {
    document.querySelector(node.target[0])?.scrollIntoView({ block: "center", behavior: "instant" });
    const again = await axe.run(document, options);
    const same = ({ target }) => String(target) === String(node.target);
    if (again.violations.some((one) => one.nodes.some(same))) small.push(node);
  }
  window.scrollTo({ left, top, behavior: "instant" });
  return small;
}"""
_LOAD = """(address) => "axe" in window || (address && navigator.onLine && new Promise((told) => {
  const script = document.createElement("script");
  script.src = address;
  script.onload = script.onerror = () => { script.remove(); told("axe" in window); };
  document.head.append(script);
}))"""
# HTML of the focused element where nothing shows that the keyboard is there; null where one sees it.
HIDDEN_FOCUS = """() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  // Some point of it lies on top: a bar stuck to the edge of the screen may not hide it whole.
  const middle = box.top + box.height / 2;
  const points = [0.02, 0.5, 0.98].map((part) => [box.left + box.width * part, middle]);
  points.push([box.left + box.width / 2, box.top + 2], [box.left + box.width / 2, box.bottom - 2]);
  const onScreen = points.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (element.contains(top) || (top.contains(element) && !top.contains(document.body)));
  });
  const marked = style.outlineStyle !== "none" || style.boxShadow !== "none";
  return onScreen && marked ? null : element.outerHTML.slice(0, 200);
}"""
# Whether errands put what they come upon to axe: every page of the URL map is put to it in the sweep, and this with it.
CLOSELY = os.environ.get("TINHSO_LOOK_CLOSELY") == "1"
_BUSY = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
_MOST_LEFT_OUT = 40  # parts; the checker compares every element with each of them


def look_at(page: Page, *, closely: bool = True, only_colours: bool = False) -> None:
    """The page as it stands: nothing lies beyond the edge of the screen, and, `closely`, nothing axe knows of is wrong.

    `only_colours`: the page has been looked at in another theme; what differs now are colours.

    Parts built and placed like parts that have passed in this run, at the same width, are not put to the checker again: it
    would find what it found before. Whether the page fits the screen depends on what is written on it: asked every time.
    """
    found = _shape_of(page)
    if found["busy"]:
        page.wait_for_load_state("load")
        # Neither asking, nor putting in what has come: half a change is nobody's page.
        expect(page.locator(_BUSY)).to_have_count(0)
        found = _shape_of(page)
    assert not found["wide"], f"{page.url} is too wide"
    if not closely:
        return
    keys, frame = found["keys"], f"frame {found['frame']}"
    _PASSED.learn()
    new = [key for key in {*keys, frame} if key not in _PASSED.keys]
    if not new:
        return
    parts = _passed_parts(keys, found["sizes"])
    if frame in new and sum(found["sizes"][part] for part in parts) < len(keys) / 2:
        parts = []  # one look at everything is shorter than one at most of it and one at the whole
    wrong = violations_of(page, passed=parts, whole=frame in new and not only_colours, only_colours=only_colours)
    assert not wrong, f"{page.url}: {wrong}"
    _PASSED.add(new)


def _shape_of(page: Page) -> dict[str, Any]:
    """What looking.js tells of the page; of the one that comes, where the page is being left."""
    for _ in range(3):
        page.wait_for_load_state("load")
        with contextlib.suppress(Error):
            return dict(page.evaluate(_SHAPE, _BUSY))
    return dict(page.evaluate(_SHAPE, _BUSY))


def violations_of(
    page: Page, *, passed: Sequence[int] = (), whole: bool = False, only_colours: bool = False
) -> list[tuple[str, list[str]]]:
    """What axe finds wrong with the page: rules and the elements that break them. `passed`: numbers of parts to leave out."""
    # From the page's own server a browser takes it compiled out of its memory. Elsewhere it is evaluated by the debugger,
    # so that the page's content policy stays in force for everything else.
    if not page.evaluate(_LOAD, _AXE_ADDRESS if page.url.startswith(tuple(_SERVERS)) else ""):
        session = page.context.new_cdp_session(page)
        session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8") + ";0"})
        session.detach()
    options = _only(_OF_COLOURS) if only_colours else _OPTIONS
    found = page.evaluate(_RUN, [list(passed), options]) if list(passed) != [0] else []
    if passed and whole:
        found += page.evaluate(_RUN, [[], _only(_OF_THE_WHOLE)])
    for one in found:
        if one["id"] == "target-size":
            one["nodes"] = page.evaluate(_TOO_SMALL, [one["nodes"], _only(["target-size"])])
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found if one["nodes"]]


def _passed_parts(keys: list[str], sizes: list[int]) -> list[int]:
    """The largest parts of which nothing has to be looked at: passed before, or one more row like a row further up."""
    parts, rows, at = [], set[str](), 0
    while at < len(keys):
        if keys[at] in _PASSED.keys or keys[at] in rows:
            parts.append(at)
            at += sizes[at]
        else:
            rows.add(keys[at])
            at += 1
    return sorted(parts, key=lambda part: -sizes[part])[:_MOST_LEFT_OUT]


class _Passed:
    """Keys of what has passed in this run; parallel workers tell each other through a file that goes with the run."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self._read = 0

    @property
    def _file(self) -> Path | None:
        place, run = os.environ.get("TINHSO_DATA_DIR"), os.environ.get("PYTEST_XDIST_TESTRUNUID")
        return Path(place) / f"looked-at-{run}" if place and run else None

    def learn(self) -> None:
        """Take in what others have added since."""
        if self._file is None or not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._read)
            # The last line may be half written; it is read the next time.
            text, ends, _ = file.read().rpartition(b"\n")
        self._read += len(text) + len(ends)
        self.keys.update(text.decode().split("\n"))

    def add(self, keys: Iterable[str]) -> None:
        """Remember, and tell the others."""
        self.keys.update(keys)
        if self._file is not None:
            with self._file.open("ab", buffering=0) as file:
                file.write("".join(f"{key}\n" for key in keys).encode())


_PASSED = _Passed()
