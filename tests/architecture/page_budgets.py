"""What a page may cost at most (ngân sách của một trang): the figures of `page_budgets.yaml`, and what exceeds them."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from playwright.sync_api import Page

from tinhso.lib.yamltext import load_yaml

_FIGURES = load_yaml((Path(__file__).parent / "page_budgets.yaml").read_text(encoding="utf-8"))
_LINKED = re.compile(r'<(?:link|script|img|source)\b[^>]*?(?:href|src)="/static/([^"?#]+)"')
_OF_CSS = re.compile(r"""@font-face\s*{[^}]*url\(["']?([^"')]+\.woff2)""")
# What is imported when it is wanted (`import(…)`) is no part of opening a page.
_OF_JS = re.compile(r"""(?m)^\s*(?:import|export)\b(?!\s*\()[^;"']*["'](\.{1,2}/[^"']+\.js)["']""")
_PACKED = (".css", ".js", ".svg")  # kept compressed by the server; fonts and pictures are compressed by nature
_A_KILOBYTE = 1000
# The browser's own book: the page and all it brought, as sent, whether or not it lay in the cache by now. What a page asks for
# after it stands (a list that follows a case) is no part of the visit; nor is a picture it leaves until it stands, which a
# browser may ask for a moment before or after. 300 bytes are what the browser itself counts for a head.
_ASKED_FOR = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const later = new Set([...document.querySelectorAll("img[loading=lazy]")].map((one) => one.src));
  const brought = performance.getEntriesByType("resource")
    .filter((one) => one.startTime < page.loadEventStart && !later.has(one.name));
  const all = [page, ...brought];
  return [all.length, all.reduce((sum, one) => sum + one.encodedBodySize + 300, 0)];
}"""
# What swaps parts of a page: 17 kB, loaded by pages with something to swap and by no others.
_SWAPPED = re.compile(r"\shx-(?:get|post|put|patch|delete)=")
_SWAPS = re.compile(r'<script\b[^>]*\bsrc="[^"]*/htmx-')
_FORGET = "navigator.serviceWorker?.getRegistrations().then((all) => Promise.all(all.map((one) => one.unregister())))"


@dataclass(frozen=True)
class Budget:
    """The most a page may ask of the database, weigh by itself, and bring with it: files, and kB of them over the wire.

    `requests` and `wire_kb` are what a browser makes of it that comes for the first time.
    """

    queries: int
    html_kb: int
    files: int
    files_kb: int
    requests: int
    wire_kb: int


def budget_of(route: str) -> Budget:
    """The figures of a route; the usual ones where it names none."""
    usual = _FIGURES["usual"]["officers" if route.startswith("can-bo") else "citizens"]
    return Budget(**{**usual, **_FIGURES["pages"].get(route, {})})


def over_budget(route: str, answer: Any, *, queries: int) -> list[str]:
    """What an answer costs beyond its budget. A file has no weight here: people ask for it."""
    allowed = budget_of(route)
    spent: dict[str, float] = {"queries": queries - _FIGURES["room"]["queries"]}
    if answer.get("Content-Type", "").startswith("text/html"):
        brought = files_of(answer.content.decode())
        spent["html_kb"] = len(answer.content) / _A_KILOBYTE
        spent["files"] = len(brought)
        spent["files_kb"] = sum(map(weight, brought)) / _A_KILOBYTE
        return [*_beyond(allowed, spent), *amiss_in_swaps(route, answer.content.decode())]
    return _beyond(allowed, spent)


def amiss_in_swaps(route: str, text: str) -> list[str]:
    """Whether a page has parts to swap and nothing that swaps them, or, at a citizen's, the other way round.

    Officers go from list to list with it in their cache: there it is part of the frame.
    """
    swapped, swaps = bool(_SWAPPED.search(text)), bool(_SWAPS.search(text))
    if swapped and not swaps and "<html" in text:
        return ["has parts to swap, and brings nothing that swaps them: {% block swaps %}"]
    if swaps and not swapped and not route.startswith(("can-bo", "thanh-phan/can-bo")):
        return ["brings what swaps parts, and has none to swap: {% block swaps %}"]
    return []


def over_wire(route: str, page: Page) -> list[str]:
    """What the browser has asked for until the page stood, beyond the budget; as if nothing had been in its cache.

    A page that keeps another for the time without a line is made to forget it: what comes from there has no weight on the wire.
    """
    requests, weight_of_all = page.evaluate(_ASKED_FOR)
    page.evaluate(_FORGET)
    found = _beyond(budget_of(route), {"requests": requests, "wire_kb": weight_of_all / _A_KILOBYTE})
    return [*found, *amiss_in_swaps(route, page.content())]


def _beyond(allowed: Budget, spent: dict[str, float]) -> list[str]:
    return [
        f"{name}: {value:.0f} where the budget is {getattr(allowed, name)}"
        for name, value in spent.items()
        if value > getattr(allowed, name)
    ]


def files_of(text: str) -> set[str]:
    """Every file of ours that opening a page loads: what it links, and what these import."""
    found: set[str] = set()
    for name in _LINKED.findall(text):
        if not name.endswith((".webmanifest", ".map")):
            found |= _with_imports(name)
    return found


@cache
def _with_imports(name: str) -> frozenset[str]:
    found = {name}
    for other in _imports(name):
        if other not in found:
            found |= _with_imports(other)
    return frozenset(found)


def _imports(name: str) -> Iterator[str]:
    pattern = _OF_CSS if name.endswith(".css") else _OF_JS if name.endswith(".js") else None
    for found in pattern.findall(_content(name).decode()) if pattern else ():
        yield (Path("/") / name).parent.joinpath(found).resolve().as_posix().removeprefix("/")


@cache
def weight(name: str) -> int:
    """Bytes over the wire. Fonts count whole, though a browser fetches only those whose letters occur."""
    content = _content(name)
    return len(gzip.compress(content, 9)) if name.endswith(_PACKED) else len(content)


def _content(name: str) -> bytes:
    place = finders.find(name)
    assert isinstance(place, str), f"no file /static/{name}"
    return Path(place).read_bytes()
