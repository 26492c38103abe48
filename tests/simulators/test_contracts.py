"""Every service of the registry is described with examples, and its simulator answers them as described."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.simulators.serving import within
from tinhso.apps.exchange.content import load_registry
from tinhso.lib import openapi
from tinhso.lib.xroad.identifiers import path_matches
from tinhso.simulators import land
from tinhso.simulators.app import create_app
from tinhso.simulators.casebook import Stage
from tinhso.simulators.troubles import Trouble

ROOT = Path(__file__).resolve().parents[2] / "content"
MARK = "{simulators}"
# Where an example must be carried out, not refused: by the words of each system.
_REFUSALS = (
    ("Result", 0), ("statusCode", "01"), ("errorCode", "01"), ("errorCode", "401"), ("Status", "101"), ("Status", "401"),
)  # fmt: skip


def _services() -> Iterator[Any]:
    for member in load_registry(ROOT)["members"]:
        for subsystem in member["subsystems"]:
            for service in subsystem.get("services", []):
                if service["address"].startswith(MARK):
                    yield pytest.param(service, id=service["code"])


class _Asking:
    """Asks a simulator with the examples of a description, as a client with a token or session would."""

    def __init__(self, web: httpx.Client, service: dict[str, Any]) -> None:
        self.web, self.document = web, service["openapi"]
        self.base = service["address"].removeprefix(MARK)
        self.headers = {"dstcode": "VN:GOV:dvcqg"}
        self.session = ""

    def ask(self, one: openapi.Operation) -> httpx.Response:
        body = one.example_body
        if self.session and one.path != "/login":
            body = json.dumps(json.loads(body) | {"session": self.session})
        headers = self.headers | ({"Content-Type": one.media_type} if body else {})
        return self.web.request(one.method, self.base + one.example_path, content=body.encode(), headers=headers)

    def sign_in(self, one: openapi.Operation) -> None:
        told = self.ask(one).json()
        if "session" in told:
            self.session = told["session"]
        else:
            token = told["access_token"]
            self.headers |= {"Authorization": f"Bearer {token}", "access_token": token}

    def differences(self, one: openapi.Operation) -> list[str]:
        found = self.ask(one)
        return openapi.differences(
            self.document, method=one.method, path=one.example_path.partition("?")[0], status=found.status_code,
            media_type=found.headers.get("content-type", ""), body=found.content,
        )  # fmt: skip


@pytest.fixture(scope="module")
def web() -> httpx.Client:
    """Every simulator; the land office has the case already about which the tax office's example asks."""
    made = within(create_app())
    (land_office,) = (one.values[0] for one in _services() if one.id == "vbdlis")
    for operation in openapi.operations(land_office["openapi"]):
        _Asking(made, land_office).ask(operation)
    return made


@pytest.mark.parametrize("service", list(_services()))
def test_a_service_is_described_with_examples_that_are_right(service: dict[str, Any]) -> None:
    operations = openapi.operations(service["openapi"])
    for endpoint in service["endpoints"]:
        covered = [
            one for one in operations
            if endpoint["method"] in {"*", one.method} and path_matches(endpoint["path"], one.example_path.partition("?")[0])
        ]  # fmt: skip
        assert covered, endpoint
        assert all(one.example_path and (one.example_body or not one.body) for one in covered)
    for path, item in service["openapi"]["paths"].items():
        for operation in item.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                Draft202012Validator.check_schema(content["schema"])
                problems = [
                    error.message for error in Draft202012Validator(content["schema"]).iter_errors(content["example"])
                ]
                assert problems == [], path


@pytest.mark.parametrize("service", list(_services()))
def test_its_simulator_answers_as_described_with_and_without_a_token(
    web: httpx.Client, service: dict[str, Any]
) -> None:
    asking, operations = _Asking(web, service), openapi.operations(service["openapi"])
    assert {one.path: asking.differences(one) for one in operations} == {one.path: [] for one in operations}
    doors = [one for one in operations if one.path.rsplit("/", 1)[-1] in {"token", "login"}]
    for door in doors:
        asking.sign_in(door)
    for one in operations:
        assert asking.differences(one) == [], one.path
        answer = asking.ask(one)
        assert answer.status_code == 200, one.path
        if "json" in answer.headers["content-type"] and isinstance(answer.json(), dict) and "{" not in one.path:
            told = answer.json()
            assert not [pair for pair in _REFUSALS if told.get(pair[0], "") == pair[1]], (one.path, told)


def test_a_simulator_made_to_answer_wrongly_differs() -> None:
    (service,) = (one.values[0] for one in _services() if one.id == "thongbao-dat")
    app = land.create_app()
    held = app.state.land
    matter = held.held.take_in("H48.12-261001-0001", {}, again=False)
    held.held.move(matter.code, Stage.WORKING, "")
    (notice,) = (one for one in openapi.operations(service["openapi"]) if one.path.endswith("ThongBaoThue"))
    asking = _Asking(within(app), service | {"address": MARK})
    assert asking.differences(notice) == []
    held.troubles.trouble = Trouble.WRONG
    assert asking.differences(notice) == ["$.Data.ThongBaoThue[].SoTien: không đúng điều kiện «minimum»."]
