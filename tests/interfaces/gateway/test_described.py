"""The gateway's own addresses held against their description: every check of schemathesis, the real application."""

import asyncio
from typing import Any

import pytest

from tests.factories.described import Findings, explore
from tests.factories.exchange import ASKER, PROVIDER, Stage

pytestmark = pytest.mark.django_db
_OURS = dict(zip(("instance", "memberClass", "memberCode", "subsystem"), PROVIDER.split("/"), strict=True))
_ASKER = dict(zip(("xRoadInstance", "memberClass", "memberCode", "subsystemCode"), ASKER.split("/"), strict=True))
# The protocol knows two statuses of refusal: 400 where the client has to mend something, 500 for all else (PR-REST 1.0,
# "no such service" too). That a 500 is a refusal and no breakdown is what its schema and its header X-Road-Error say.
_PROTOCOL = {"not_a_server_error": {"expected-statuses": ["2xx", 400, 500]}}
_REFUSED = {"expected-statuses": [400, 500]}


def through(stage: Stage) -> Any:
    """The application as it runs: called in its own loop, from a network it knows."""
    gateway = stage.application.gateway
    assert gateway is not None

    async def call(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        sent, asked = [], [await receive()]

        async def hear() -> Any:
            return asked.pop() if asked else {"type": "http.disconnect"}

        async def keep(message: Any) -> None:
            sent.append(message)

        near = {**scope, "client": ("127.0.0.1", 0), "raw_path": scope.get("raw_path") or scope["path"].encode()}
        run = asyncio.run_coroutine_threadsafe(stage.application(near, hear, keep), gateway._loop)
        await asyncio.wrap_future(run)
        for message in sent:
            await send(message)

    return call


def looked_at(stage: Stage, *, known: bool, **more: Any) -> Findings:
    """`known`: about what there is, by one who may; else about anything the description allows."""
    values: list[dict[str, Any]] = [
        {"include-path-regex": "^/r1/", "parameters": _OURS | {"X-Road-Client": ASKER, "serviceCode": "xac-nhan"}},
        {"include-path-regex": "^/asic", "parameters": _ASKER}, {"include-path-regex": "^/listClients", "parameters": {}},
    ]  # fmt: skip
    checks = _PROTOCOL | {
        "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 500]},  # a fitting name may be nobody's
        "negative_data_rejection": _REFUSED, "missing_required_header": _REFUSED,
    }  # fmt: skip
    operations = [one | {"checks": checks} for one in (values if known else [{"include-path-regex": "."}])]
    # A method that is not served is the client's mistake like any other there: 400, not 405.
    return explore(
        through(stage), "/openapi.json", asgi=True, operations=operations, excluded=("unsupported_method",), **more
    )


def test_what_the_gateway_says_of_itself_is_as_described(stage: Stage) -> None:
    found = looked_at(stage, known=True, phases=["fuzzing"], examples=2)
    assert not found.failures, found.told()
    assert len(found.calls) == 6  # all but the description itself, which was read
    answered = {label for label, statuses in found.statuses.items() if 200 in statuses}
    assert found.calls.keys() - answered <= {"GET /asic"}


@pytest.mark.sweep
@pytest.mark.parametrize("known", [True, False])
def test_in_every_way(stage: Stage, known: bool) -> None:
    found = looked_at(stage, known=known, phases=["examples", "coverage", "fuzzing"], examples=40)
    assert not found.failures, found.told()
