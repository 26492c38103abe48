"""Every page of the URL map once, as somebody who may open it (mọi trang, mỗi trang một lần).

Addresses come from the resolver with the sample objects of `test_routes`, and from the links of the pages themselves where the
sample names nothing: a new page takes part by existing.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.architecture.furnished import Furnished
from tests.architecture.replay import named
from tests.architecture.test_routes import LEAVING, OFFICERS, Route, client_of, gate, routes

PEOPLE = ("anonymous", "owner", *OFFICERS)
_LINK = re.compile(r'\bhref="(/[^"#]*)"')


@dataclass(frozen=True)
class TouredPage:
    """An address that shows a page, its route, and who opens it."""

    role: str
    address: str
    route: str


def is_whole_page(answer: object) -> bool:
    """Whether an answer is a page of ours, not a part of one, a file or a redirect."""
    content = getattr(answer, "content", b"") if not getattr(answer, "streaming", False) else b""
    return getattr(answer, "status_code", 0) == 200 and content.lstrip()[:15].lower() == b"<!doctype html>"


def tour(place: Furnished) -> list[TouredPage]:
    """The pages people may open, each route once, by the first of them who may."""
    stage = place.stage
    found: dict[str, TouredPage] = {}
    for role in PEOPLE:
        client = client_of(role, stage, just_proved=True)
        waiting = [(route, route.address(stage.own)) for route in routes() if _is_open(route, role)]
        waiting += [*_known(place.told, role)]
        asked = set[str]()
        while waiting:
            route, address = waiting.pop(0)
            if route.path in found or address in asked:
                continue
            asked.add(address)
            answer = client.get(address)
            if is_whole_page(answer):
                found[route.path] = TouredPage(role, address, route.path)
                waiting += [one for one in _linked(answer.content.decode(), role) if one[0].path not in found]
            elif answer.streaming:
                list(answer.streaming_content)  # a file is sent to its end, and closed
    return list(found.values())


def _is_open(route: Route, role: str) -> bool:
    return not (route.is_api or gate(role, route) or route.path.startswith(LEAVING))


def _linked(text: str, role: str) -> Iterator[tuple[Route, str]]:
    return _known([html.unescape(link) for link in dict.fromkeys(_LINK.findall(text))], role)


def _known(addresses: Iterable[str], role: str) -> Iterator[tuple[Route, str]]:
    by_path = {route.path: route for route in routes()}
    for address in addresses:
        if (one := named(address)) is not None and _is_open(by_path[one.route], role):
            yield by_path[one.route], address
