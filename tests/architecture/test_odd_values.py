"""What an address or a form may carry that no page of ours sends: a sentence or a page comes of it, never an error.

The names are those the code asks for, so that a new one is tried without being named here. They are sent together, each with
another odd value, and change places until each name has carried each value.
"""

import ast
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from django.db import transaction
from django.test import Client

from tests.architecture.test_routes import LEAVING, OFFICERS, Route, Stage, client_of, gate, routes, stage
from tinhso.interfaces.access.policy import walk

__all__ = ["stage"]

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tinhso" / "interfaces"
# The first and the last day there is, numbers without end, digits of another script, what no database stores, much of it.
ODD = {
    "nothing": "", "first day": "0001-01-01", "last day": "9999-12-31", "last day as typed": "31/12/9999",
    "first month": "0001-01", "last month": "12/9999", "first moment": "0001-01-01T00:00+14:00",
    "last moment": "9999-12-31T23:59:59-12:00", "first year": "1", "long number": "9" * 30, "longer number": "9" * 5000,
    "past the database": str(2**63), "below zero": "-1", "a power": "²", "other digits": "٣²", "without end": "inf",
    "no number": "NaN", "much of a number": "1e400", "no text": "a\0b", "half a pair": "\ud800", "byte": "\udcff",
    "much": "ạ" * 10_000, "JSON": '{"a": [1, null]}', "a list in JSON": "[" * 300, "HTML": '<script>"&\'</script>',
    "a template": "{{ a }}{% b %}%s%(c)s", "a path": "../../etc/passwd", "a line": "a\r\nb: c", "a wildcard": "%_\\",
}  # fmt: skip
VALUES = list(ODD.values())
_SAID = {*range(200, 500), 503}
_BODIES = (
    b"", b"null", b"[]", b'"a"', b"{", b"\xff", b"[" * 100_000, b'{"a": 1e999}', b'{"a": NaN}', b'{"a": "\\ud800"}',
    b'{"\\u0000": "\\u0000"}', b"9" * 5000,
)  # fmt: skip


@cache
def names(module: str) -> tuple[str, ...]:
    """Every name that the code beside this module, or shared by its audience, may ask a request for."""
    folder = SOURCE.parents[1].joinpath(*module.split(".")).parent
    if SOURCE not in folder.parents:
        return ()  # a library's view reads its own forms
    files = {*folder.glob("*.py"), *SOURCE.joinpath(folder.relative_to(SOURCE).parts[0]).glob("*.py")}
    found: set[str] = set()
    for file in files:
        found |= _asked(file)
    return tuple(sorted(found))


@cache
def _asked(file: Path) -> frozenset[str]:
    return frozenset(_names_in(ast.parse(file.read_text(encoding="utf-8"))))


def _names_in(tree: ast.AST) -> Iterator[str]:
    """Names in `….get("a")`, `request.POST["a"]`, `text_of(request.POST, "a")` and of the fields of forms."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            by_name = isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "getlist", "pop"}
            of_request = any(_is_of_request(argument) for argument in node.args[:1])
            if by_name or of_request:
                yield from _texts(node.args)
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith((".POST", ".GET")):
            yield from _texts([node.slice])
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and "Field" in ast.unparse(node.value.func)
        ):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            yield from _texts(node.value.elts)  # names are often asked for in a loop


def _is_of_request(node: ast.expr) -> bool:
    """`request`, `request.POST`, `request.GET`."""
    inner = node.value if isinstance(node, ast.Attribute) else node
    return isinstance(inner, ast.Name) and inner.id == "request"


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 40:
            yield node.value


@cache
def _modules() -> dict[str, str]:
    return {path: pattern.callback.__module__ for path, pattern in walk()}


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


def _sent(route: Route, turn: int) -> str:
    """Each name once, some several times, each with another value than in the turn before."""
    asked = names(_modules()[route.path])
    pairs = [(name, VALUES[(number + turn) % len(VALUES)]) for number, name in enumerate(asked)]
    pairs += [
        (name, VALUES[(2 * number + turn) % len(VALUES)]) for number, name in enumerate(asked) if number % 5 == turn % 5
    ]
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _who_may(route: Route) -> str:
    """Somebody behind the gate: a leader, who sees most, wherever one may."""
    behind = (role for role in ("leader", "owner", *OFFICERS, "machine", "anonymous") if not gate(role, route))
    return next(behind, "anonymous")


class _People:
    """Browsers of the roles; whoever was signed out by what she was asked to send signs in again."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.clients = stage, dict[str, Client]()

    def of(self, role: str) -> Client:
        if role not in self.clients:
            self.clients[role] = client_of(role, self.stage, just_proved=True)
        return self.clients[role]


def _wrong(ask: Callable[[], Any], what: str) -> list[str]:
    """What is wrong with the answer; whatever it changed, or left broken behind it, is undone."""
    before = transaction.savepoint()
    try:
        answer = ask()
        if answer.streaming:
            list(answer.streaming_content)
        elif b"Traceback (most recent call last)" in answer.content:
            return [f"{what}: shows where in the code it broke"]
        broke = getattr(answer, "exc_info", None)
        # 503 is a sentence: a service of somebody else does not answer here.
        return [f"{what}: {answer.status_code} {broke and broke[1]!r}"] if answer.status_code not in _SAID else []
    finally:
        transaction.savepoint_rollback(before)
        transaction.set_rollback(False)


def _tried(people: _People, chosen: list[Route], turn: int) -> list[str]:
    wrong: list[str] = []
    for route in chosen:
        client, address, sent = people.of(_who_may(route)), route.address(people.stage.own), _sent(route, turn)
        form = "application/x-www-form-urlencoded"
        wrong += _wrong(partial(client.get, f"{address}?{sent}"), f"get {route.path}")
        wrong += _wrong(partial(client.post, address, sent, content_type=form), f"post {route.path}")
        if route.is_api:
            body = _BODIES[turn % len(_BODIES)]
            for method in (client.post, client.put, client.patch):
                asked = partial(method, address, body, content_type="application/json")
                wrong += _wrong(asked, f"{body[:20]!r} to {route.path}")
    return wrong


def _to_try() -> list[Route]:
    return [route for route in routes() if not route.path.startswith(LEAVING) and not gate(_who_may(route), route)]


def test_the_names_are_found() -> None:
    asked = {path: set(names(module)) for path, module in _modules().items()}
    assert {"ma"} <= asked["tra-cuu"]
    assert {"ma", "doi-chieu"} <= asked["nop-tien"]
    assert {"thang"} <= asked["can-bo/tin-nhan/chi-phi"]
    assert len(set().union(*asked.values())) > 300


@pytest.mark.sweep
@pytest.mark.parametrize("turn", range(len(VALUES)))
def test_no_value_ends_in_an_error(turn: int, stage: Stage) -> None:
    wrong = _tried(_People(stage), _to_try(), turn)
    assert not wrong, "\n".join(wrong)


def test_no_value_ends_in_an_error_where_strangers_write(stage: Stage) -> None:
    """The cheap case of it: some pages that anybody may send to."""
    chosen = [route for route in _to_try() if route.path in {"tra-cuu", "nop-tien", "kiem-tra", "can-bo/"}]
    assert len(chosen) >= 3
    for turn in range(0, len(VALUES), 4):
        wrong = _tried(_People(stage), chosen, turn)
        assert not wrong, "\n".join(wrong)


@pytest.mark.sweep
@pytest.mark.parametrize("odd", ODD)
def test_no_address_ends_in_an_error(odd: str, stage: Stage) -> None:
    """The same values in the place of a code, as far as an address can hold them."""
    people, wrong = _People(stage), []
    sample = {**stage.own, **{name: "«»" for name, value in stage.own.items() if isinstance(value, str)}}
    for route in _to_try():
        if "«»" in route.address(sample):
            address = quote(route.address(sample), safe="/«»").replace("«»", _quoted(ODD[odd][:4000]))
            wrong += _wrong(partial(people.of(_who_may(route)).get, address), route.path)
    assert not wrong, "\n".join(wrong)


@pytest.mark.sweep
@pytest.mark.parametrize("number", [0, 2**31, 2**63 - 1, 2**63, 10**30])
def test_no_number_in_an_address_ends_in_an_error(number: int, stage: Stage) -> None:
    """In the place of a row's number, also of rows no table can hold; with a form, even where JSON is taken."""
    people, wrong = _People(stage), []
    sample = {**stage.own, **{name: number for name, value in stage.own.items() if isinstance(value, int)}}
    tried = [route for route in _to_try() if route.address(sample) != route.address(stage.own)]
    assert len(tried) > 90
    for route in tried:
        client, address = people.of(_who_may(route)), route.address(sample)
        wrong += _wrong(partial(client.get, address), f"get {route.path}")
        wrong += _wrong(partial(client.post, address, {"a": "1"}), f"post {route.path}")
    assert not wrong, "\n".join(wrong)
