"""Every page of the URL map once, as somebody who may open it (mọi trang, mỗi trang một lần).

Addresses come from the resolver with the sample objects of `test_routes`, from what `furnished` tells, and from the links of
the pages themselves: a new page takes part by existing, and a route that answers nobody is missed (`Tour.missed`).
"""

import html
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.architecture.doors import AT_DOORS, enter
from tests.architecture.furnished import Furnished
from tests.architecture.replay import named
from tests.architecture.test_routes import OFFICERS, Route, gate, routes
from tinhso.interfaces.access.policy import walk

PEOPLE = ("anonymous", "owner", *OFFICERS, *AT_DOORS)
# Routes that show nobody a page, and what they do instead, though nobody of these people has seen them do it. That the view
# has no words in it that draw a page is asked of its source.
_A_FILE = "a file, whose bytes its own tests look at"
NO_PAGES = {
    "can-bo/cong-viec/don-vi": "leads on to the first unit of the officer",
    "can-bo/dang-nhap/khoa": "a question for the browser's keeper of keys; leads on",
    "can-bo/ho-so/<str:code>/kho/<uuid:uuid>": _A_FILE,
    "can-bo/ky-so/tai/<str:token>": f"{_A_FILE}: what a program of the officer's computer signs",
    "can-bo/thu-phi/khoan/<int:order_id>/chung-tu/<int:attempt_id>": _A_FILE,
    "dang-nhap/dinh-danh": "leads on to the national identity",
    "dang-nhap/dinh-danh/ket-qua": "leads on when the national identity sends somebody back",
    "ho-so/<str:code>/lien-thong/<str:key>": _A_FILE,
    "ho-so/<str:code>/nop-phi/<int:order_id>/chung-tu/<int:attempt_id>": _A_FILE,
    "kho-giay-to/da-xem": "leads on to where the page has moved",
    "kho-giay-to/tai-ve/<int:export_id>": _A_FILE,
    "nop-tien/<str:token>/bien-lai/<int:receipt_id>": _A_FILE,
    "nop-tien/<str:token>/tro-ve": "leads on to the line that was paid",
    "tai-len/<str:token>": "how far a file has come, for the script that sends it",
    "thanh-toan/tro-ve": "leads on to the case that was paid for",
}
_LINK = re.compile(r'\bhref="(/[^"#]*)"')
# Whoever draws a page calls the `page(` of an interface, or names a template that is no fragment.
_DRAWS = re.compile(r"\b\w*page\(|/[a-z]\w*\.html\"")


@dataclass(frozen=True)
class TouredPage:
    """An address that shows a page, its route, and who opens it."""

    role: str
    address: str
    route: str


@dataclass
class Tour:
    """The pages people may open; routes that answered with a file or a part of a page; routes to which one only sends."""

    pages: dict[str, TouredPage] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    sent_to: set[str] = field(default_factory=set)

    @property
    def missed(self) -> set[str]:
        """Routes for people where a page may be that has not been seen."""
        known = self.pages.keys() | self.sent_to | {path for path in self.parts if not draws_a_page(path)}
        return {one.path for one in routes() if not one.is_api} - known

    def take(self, one: TouredPage, answer: object) -> bool:
        """Note what an address answered; whether it is a page that was not seen before."""
        status = getattr(answer, "status_code", 0)
        if is_whole_page(answer):
            self.pages[one.route] = one
            return True
        if status in {200, 204}:
            self.parts.add(one.route)
        elif status == 405:
            self.sent_to.add(one.route)
        return False


def is_whole_page(answer: object) -> bool:
    """Whether an answer is a page of ours, not a part of one, a file or a redirect."""
    content = getattr(answer, "content", b"") if not getattr(answer, "streaming", False) else b""
    return getattr(answer, "status_code", 0) == 200 and content.lstrip()[:15].lower() == b"<!doctype html>"


def tour(place: Furnished) -> Tour:
    """The pages people may open, each route once, by the first of them who may."""
    found = Tour()
    for who in PEOPLE:
        visit = enter(who, place.stage)
        waiting = [*_known((*visit.told, *place.told), visit.role)]
        if who not in AT_DOORS:
            waiting += [(route, route.address(place.stage.own)) for route in routes() if _is_open(route, visit.role)]
        asked = set[str]()
        while waiting:
            route, address = waiting.pop(0)
            if route.path in found.pages or address in asked:
                continue
            asked.add(address)
            answer = visit.client.get(address)
            if found.take(TouredPage(who, address, route.path), answer):
                waiting += [
                    one for one in _linked(answer.content.decode(), visit.role) if one[0].path not in found.pages
                ]
            elif answer.streaming:
                list(answer.streaming_content)  # a file is sent to its end, and closed
    return found


def draws_a_page(path: str) -> bool:
    """Whether the view of a route has words in it that draw a page."""
    view = next(pattern.callback for found, pattern in walk() if found == path)
    return bool(_DRAWS.search(inspect.getsource(inspect.unwrap(view))))


def _is_open(route: Route, role: str) -> bool:
    return not (route.is_api or gate(role, route))


def _linked(text: str, role: str) -> Iterator[tuple[Route, str]]:
    return _known([html.unescape(link) for link in dict.fromkeys(_LINK.findall(text))], role)


def _known(addresses: Iterable[str], role: str) -> Iterator[tuple[Route, str]]:
    by_path = {route.path: route for route in routes()}
    for address in addresses:
        if (one := named(address)) is not None and _is_open(by_path[one.route], role):
            yield by_path[one.route], address
