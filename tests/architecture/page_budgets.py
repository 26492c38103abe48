"""What a page may cost at most (ngân sách của một trang): the figures of `page_budgets.yaml`, and what exceeds them."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders

from tinhso.lib.yamltext import load_yaml

_FIGURES = load_yaml((Path(__file__).parent / "page_budgets.yaml").read_text(encoding="utf-8"))
_LINKED = re.compile(r'<(?:link|script|img|source)\b[^>]*?(?:href|src)="/static/([^"?#]+)"')
_OF_CSS = re.compile(r"""@font-face\s*{[^}]*url\(["']?([^"')]+\.woff2)""")
_OF_JS = re.compile(r"""(?m)^\s*(?:import|export)\b[^;"']*["'](\.{1,2}/[^"']+\.js)["']""")
_PACKED = (".css", ".js", ".svg")  # kept compressed by the server; fonts and pictures are compressed by nature
_A_KILOBYTE = 1000


@dataclass(frozen=True)
class Budget:
    """The most a page may ask of the database, weigh by itself, and bring with it: files, and kB of them over the wire."""

    queries: int
    html_kb: int
    files: int
    files_kb: int


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
