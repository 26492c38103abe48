"""Everything one side can name, for the other side to ask for: what pages of A say is harvested, and replayed as B.

Addresses come from the URL map and from the pages themselves, so that a new address takes part by existing.
"""

import html
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve

# What an address says besides which object it is about: words of a vocabulary, numbers of pages.
VOCABULARY = {"slug", "verb", "key", "kind", "service", "gateway", "rest", "owner_kind", "number", "position"}
# What everybody may read who may open the page at all: the catalogue, the tree of offices, what is published, how far a case
# is by its code. That nothing of A shows there is asked all the same.
COMMON = re.compile(
    r"(thu-tuc|danh-muc|api/v1/procedures|kiosk/<int:unit_id>$|bang-goi|dat-lich|can-bo/don-vi/<|can-bo/chia-se-du-lieu"
    r"|can-bo/chu-ky-so/anh|tra-cuu|phan-anh/tra-cuu)"
)
# Whoever holds the code or the link may look: that it cannot be guessed is the right, and what it shows is tested with it.
CAPABILITIES = re.compile(
    r"(kiem-tra/<|KT/<|api/v1/verification|chia-se/<|danh-gia/<|so-thu-tu/<|kiosk/<int:unit_id>/so|thong-bao/thoi-nhan"
    r"|can-bo/ky-so/|phan-anh/<str:code>$|api/v1/petitions)"
)
UNKNOWN_NUMBER = 987_654_321
_ENOUGH = 12  # pages of one kind: the same list in all its orders names nothing new
_LINK = re.compile(r'(?:href|src|action|hx-(?:get|post|put|delete)|data-[a-z-]*url)="(/[^"#]*)"')
_JSON_LINK = re.compile(r'"(?:https?://testserver)?(/[a-z][^"\s]*)"')
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_FIELD = re.compile(r"<(?:input|button|select|textarea)\b([^>]*)>(?:([^<]*)</textarea>)?", re.DOTALL)
_MARKS = re.compile(
    r'csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": ?"\w+"|csrf[^>]{0,40}content="\w+"|nonce="[^"]+"|name="khoa" value="\w+"'
)
_IDENTIFIER = re.compile(r"H\d\d\.[\d.]+-\d{6}-\d{4,}|PA-\d{6}-\d{5}-\d{5}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}")
_READABLE = ("text/", "application/json", "application/problem+json", "application/xml", "application/javascript")


@dataclass(frozen=True)
class Named:
    """One address of a page, and the route it falls under."""

    address: str
    route: str
    values: tuple[tuple[str, Any], ...]

    @property
    def objects(self) -> dict[str, Any]:
        """Which objects it is about."""
        return {name: value for name, value in self.values if name not in VOCABULARY}


def named(address: str) -> Named | None:
    """What an address of ours means; None for one that means nothing."""
    parts = urlsplit(address)
    try:
        match = resolve(unquote(parts.path))
    except Resolver404:
        return None
    return Named(address, match.route, tuple(sorted(match.kwargs.items()))) if match.route else None


@dataclass(frozen=True)
class Form:
    """A form of a page with what it was filled with."""

    action: str
    values: tuple[tuple[str, str], ...]


@dataclass
class Harvest:
    """What pages told: addresses, forms, identifiers."""

    addresses: dict[str, Named] = field(default_factory=dict)
    forms: set[Form] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)

    def objects(self) -> dict[str, set[Any]]:
        """The values met under each name of a part of an address."""
        found: dict[str, set[Any]] = defaultdict(set)
        for one in self.addresses.values():
            for name, value in one.objects.items():
                found[name].add(value)
        return found


def harvest(client: Client, starts: Iterable[str], *, most: int, skip: Callable[[Named], bool]) -> Harvest:
    """Open pages from the starts on, following what they link to, and keep all that they name."""
    found, waiting, seen, opened = Harvest(), list(dict.fromkeys(starts)), set[str](), Counter[str]()
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        one = named(address)
        if one is None or address in seen or skip(one) or opened[one.route] >= _ENOUGH:
            continue
        seen.add(address)
        opened[one.route] += 1
        text = read(client.get(address))
        found.addresses[address] = one
        found.identifiers |= set(_IDENTIFIER.findall(text))
        links = [html.unescape(link) for link in (*_LINK.findall(text), *_JSON_LINK.findall(text))]
        waiting += [link for link in dict.fromkeys(links) if link not in seen]
        found.forms |= set(_forms(text, address))
        for link in links:
            if (other := named(link)) is not None:
                found.addresses.setdefault(link, other)
    return found


def _forms(text: str, page: str) -> Iterator[Form]:
    for attributes, inside in _FORM.findall(text):
        told = dict(_ATTRIBUTE.findall(attributes))
        action = html.unescape(told.get("action") or told.get("hx-post") or page)
        values = []
        for field_attributes, words in _FIELD.findall(inside):
            given = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(field_attributes)}
            if given.get("name") and given["name"] != "csrfmiddlewaretoken" and given.get("type") != "file":
                values.append((given["name"], given.get("value") or html.unescape(words) or "1"))
        yield Form(action, tuple(values))


def read(answer: Any) -> str:
    """The text of an answer; a file that is no text is read to its end and told by its size."""
    whole: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not answer.get("Content-Type", "text/").startswith(_READABLE):
        return f"«{len(whole)} bytes»"
    return whole.decode(errors="replace")


def plain(text: str, address: str) -> str:
    """A page without what was asked for, and without the marks every page carries anew."""
    one = named(address)
    asked = [str(value) for value in (one.objects.values() if one else ())]
    asked += [value for _, value in parse_qsl(urlsplit(address).query) if _IDENTIFIER.fullmatch(value)]
    parts = [address, urlsplit(address).path, *(value for value in asked if len(value) > 4)]
    for part in sorted(set(parts), key=len, reverse=True):
        for spelled in {part, quote(part, safe=""), html.escape(part)}:
            text = text.replace(spelled, "«asked»")
    return _MARKS.sub("", text)


def twin(one: Named, *, only: str = "") -> str:
    """The same address about things that do not exist (of one part only, if it is named)."""
    path, _, query = one.address.partition("?")
    for name, value in one.objects.items():
        if not only or name == only:
            path = path.replace(f"/{quote(str(value))}", f"/{_absent(value)}")
    kept = [(name, str(_absent(v)) if _IDENTIFIER.fullmatch(v) else v) for name, v in parse_qsl(query)]
    return path + (f"?{urlencode(kept)}" if kept else "")


def _absent(value: Any) -> Any:
    text = str(value)
    if isinstance(value, int):
        return UNKNOWN_NUMBER
    if re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", text):
        return "00000000-0000-4000-8000-000000000000"
    if text.startswith("PA-"):
        return "PA-990101-00000-00000"
    if re.match(r"H\d\d\.", text):
        return "H48.99-990101-9999"
    return re.sub(r"[0-9]", "0", re.sub(r"[a-zA-Z]", "z", text))


def mixed(theirs: Named, own: Named) -> list[str]:
    """For an address of several parts: one part of theirs within what is one's own."""
    if len(theirs.objects) < 2:
        return []
    found = []
    for name, value in theirs.objects.items():
        path = own.address.partition("?")[0]
        mine = own.objects.get(name)
        if mine is not None and mine != value:
            found.append(path.replace(f"/{quote(str(mine))}", f"/{quote(str(value))}"))
    return found


def told(text: str, address: str, *, own: Harvest, theirs: Harvest, secrets: Iterable[str]) -> list[str]:
    """What of A stands in an answer to B, apart from what B asked for."""
    secret = [word for word in secrets if word in text]
    secret += [code for code in theirs.identifiers - own.identifiers if code in text and code not in address]
    return secret


def wrong_answer(
    client: Client, one: Named, asked: str, absent: str, *, own: Harvest, theirs: Harvest, secrets: Iterable[str] = ()
) -> str:
    """What is wrong with how B is answered; empty when nothing is."""
    answer = client.get(asked)
    text = read(answer)
    if answer.status_code >= 500:
        return f"{asked}: {answer.status_code}"
    if CAPABILITIES.match(one.route):
        return ""
    if secret := told(plain(text, asked), asked, own=own, theirs=theirs, secrets=secrets):
        return f"{asked}: shows {secret}"
    if COMMON.match(one.route) or absent == asked:
        return ""
    nobodys = client.get(absent)
    if answer.status_code != nobodys.status_code:
        return f"{asked}: {answer.status_code}, and {nobodys.status_code} for what does not exist"
    theirs_plain, nobodys_plain = plain(text, asked), plain(read(nobodys), absent)
    return "" if theirs_plain == nobodys_plain else f"{asked}: {_difference(theirs_plain, nobodys_plain)}"


def _difference(one: str, other: str) -> str:
    lines = zip(one.splitlines(), other.splitlines(), strict=False)
    for a, b in lines:
        if a != b:
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
            at = max(0, same - 20)
            return f"«{a[at : at + 100]}» and «{b[at : at + 100]}»"
    return "lengths differ"


def replayed(
    client: Client, open_to: set[str], *, own: Harvest, theirs: Harvest, secrets: Iterable[str] = (),
    skip: tuple[str, ...] = (), everywhere: bool = True,
) -> tuple[int, list[str]]:  # fmt: skip
    """Ask as B for all that A's pages named and B's did not; how many were asked, and what was wrong."""
    asked, wrong = 0, []
    by_route = {one.route: one for one in own.addresses.values()}
    for address, one in theirs.addresses.items():
        if address in own.addresses or one.route not in open_to or one.route.startswith(skip):
            continue
        asked += 1
        wrong.append(wrong_answer(client, one, address, twin(one), own=own, theirs=theirs, secrets=secrets))
        for inner in mixed(one, by_route[one.route]) if one.route in by_route else []:
            if (meant := named(inner)) is not None:
                name = next(n for n, v in meant.objects.items() if v == one.objects.get(n))
                wrong.append(
                    wrong_answer(client, meant, inner, twin(meant, only=name), own=own, theirs=theirs, secrets=secrets)
                )
    for address in _elsewhere(open_to, theirs, own) if everywhere else ():
        if (meant := named(address)) is not None and meant.route in open_to:
            asked += 1
            wrong.append(wrong_answer(client, meant, address, twin(meant), own=own, theirs=theirs, secrets=secrets))
    return asked, [line for line in wrong if line]


def _elsewhere(open_to: set[str], theirs: Harvest, own: Harvest) -> list[str]:
    """Each value of A's in every address of the URL map that takes a value of that name, whether a page linked there or not."""
    foreign = {name: sorted(values - own.objects()[name], key=str) for name, values in theirs.objects().items()}
    found = []
    for route in sorted(open_to):
        names = _parts(route)
        if len(names) == 1:
            found += [route.replace(part, str(value)) for part, name in names for value in foreign.get(name, [])]
    return [f"/{address}" for address in found if f"/{address}" not in theirs.addresses]


def _parts(route: str) -> list[tuple[str, str]]:

    return [(m[0], m[1]) for m in re.finditer(r"<(?:\w+:)?(\w+)>", route)]


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside is forgotten; within the transaction of a test, where actions run as outermost."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT replayed")
    try:
        yield
    finally:
        connection.needs_rollback = False
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT replayed")


def writes() -> dict[str, tuple[int, int]]:
    """How many rows of each table were changed or deleted in this transaction so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables WHERE n_tup_upd + n_tup_del > 0"
        )
        return {name: (changed, deleted) for name, changed, deleted in cursor.fetchall()}


def rows_of(table: str) -> set[str]:
    """Every row of a table, as text."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - a table of ours
        return {row[0] for row in cursor.fetchall()}
