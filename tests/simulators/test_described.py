"""Every simulator held against its own OpenAPI description: the real application, every check of schemathesis that fits."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from tests.factories.described import Findings, explore
from tinhso.simulators.app import SIMULATORS, create_app
from tinhso.simulators.descriptions import description
from tinhso.simulators.signing.state import Phone

NAMES = [path.strip("/") for path in SIMULATORS]
for _kind in ("timestamp-query", "ocsp-request"):
    schemathesis.serializer.alias(f"application/{_kind}", "application/octet-stream")
# For people: the tester's and the payer's. They are no interface of the system that is simulated.
PAGES = {"/", "/admin", "/move", "/phone", "/profile", "/style.css", "/openapi.json", "/admin/file", "/admin/elsewhere"}
# One address for services that are told apart by the last part of the path.
OPEN = {("land", "/vbdlis/{service}"), ("national-portal", "/{service}")}
# These systems are as they are: they refuse within an answer of 200, by a code in the body, and take what they do not know.
EXCLUDED = ("negative_data_rejection", "positive_data_acceptance", "missing_required_header", "ignored_auth")
OPERATIONS = [
    {  # a SOAP fault travels with status 500
        "include-path-regex": "^/soap$", "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", 500]}},
    },
]  # fmt: skip
KEYS = {"token": {"bearer": "x"}, "id": {"api_key": "x"}, "secret": {"api_key": "x"}}


def _routes(routes: Any, below: str = "") -> Iterator[tuple[str, str]]:
    for one in routes:
        if isinstance(one, Mount):
            yield from _routes(one.routes, below + one.path)
        elif isinstance(one, Route) and below + one.path not in PAGES:
            yield from ((method, below + one.path) for method in (one.methods or ()) if method != "HEAD")


def _mounted(name: str) -> Starlette:
    (found,) = (one.app for one in create_app().routes if isinstance(one, Mount) and one.path == f"/{name}")
    assert isinstance(found, Starlette)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_a_simulator_serves_is_described_and_nothing_else(name: str) -> None:
    told = {
        (method.upper(), path)
        for path, item in description(name)["paths"].items()
        for method in item
        if method not in {"parameters", "summary"}
    }
    served = set(_routes(_mounted(name).routes))
    free = {path for one, path in OPEN if one == name}
    assert {one for one in served if one[1] not in free} <= told
    assert all(one in served or any(_fits(path, one[1]) for path in free) for one in told)


def _fits(template: str, path: str) -> bool:
    return path.rsplit("/", 1)[0] == template.rsplit("/", 1)[0]


def looked_at(name: str, **more: Any) -> Findings:
    """What a run against one simulator came to, among all of them, as they are served."""
    app = create_app()
    for one in app.routes:  # a phone that answers at once: version 1 of the signing interface waits for it
        if isinstance(one, Mount) and one.path == "/signing":
            one.app.state.signing.phone = Phone.CONFIRM  # type: ignore[attr-defined]  # an application of Starlette
    return explore(app, f"/{name}/openapi.json", asgi=True, excluded=EXCLUDED, operations=OPERATIONS, **more)


@pytest.mark.parametrize("name", ["population", "payment"])
def test_a_simulator_answers_as_described(name: str) -> None:
    found = looked_at(name, phases=["examples", "fuzzing"], examples=3)
    assert not found.failures, found.told()
    assert len(found.calls) >= 2


@pytest.mark.sweep
@pytest.mark.parametrize("name", NAMES)
def test_every_simulator_in_every_way(name: str) -> None:
    found = looked_at(name, phases=["examples", "coverage", "fuzzing"], examples=25)
    assert not found.failures, found.told()
