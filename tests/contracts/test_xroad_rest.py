"""The X-Road message protocol for REST as any client sees it: nothing is known of the server but its address.

Against another server: `XROAD_URL=https://… XROAD_CLIENT=inst/class/member/subsystem XROAD_SERVICE=…/service XROAD_PATH=/x
pytest tests/contracts/test_xroad_rest.py`; the client must be allowed to GET and POST that service. Without them, our gateway.
"""

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core.management import call_command

from tests.factories.exchange import ASKER, SERVICE, exchange

pytestmark = pytest.mark.django_db


@dataclass
class Endpoint:
    """A server to talk to."""

    url: str
    client: str
    service: str
    path: str
    http: httpx.Client

    @property
    def provider(self) -> str:
        return self.service.rsplit("/", 1)[0]

    def ask(
        self, address: str | None = None, *, method: str = "GET", headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        target = address if address is not None else self.service + self.path
        named = {"X-Road-Client": self.client} | (headers or {})
        return self.http.request(method, f"{self.url}/r1/{target}", headers=named, **more)


@pytest.fixture(scope="module")
def endpoint(django_db_setup: None, django_db_blocker: Any) -> Iterator[Endpoint]:
    outside = os.environ.get("XROAD_URL")
    if outside:
        with httpx.Client(timeout=60) as http:
            yield Endpoint(
                outside.rstrip("/"), os.environ["XROAD_CLIENT"], os.environ["XROAD_SERVICE"], os.environ.get("XROAD_PATH", ""),
                http,
            )  # fmt: skip
        return
    with django_db_blocker.unblock():
        try:
            with exchange() as stage:
                yield Endpoint(stage.url, ASKER, SERVICE, "/echo", stage.http)
        finally:
            call_command("flush", verbosity=0, interactive=False)


def _is_refused(found: httpx.Response, prefix: str, *, status: int) -> bool:
    told = found.json()
    kind = found.headers["x-road-error"]
    return (
        found.status_code == status
        and told["type"] == kind
        and kind.startswith(prefix)
        and set(told) == {"type", "message", "detail"}
    )


def test_an_answer_names_client_service_and_ids(endpoint: Endpoint) -> None:
    found = endpoint.ask(headers={"X-Road-Id": "contract-1"})
    assert "x-road-error" not in found.headers
    assert found.headers["x-road-client"] == endpoint.client
    assert found.headers["x-road-service"] == endpoint.service
    assert found.headers["x-road-id"] == "contract-1"
    assert UUID(found.headers["x-road-request-id"])


def test_ids_are_made_and_differ(endpoint: Endpoint) -> None:
    first, second = endpoint.ask(), endpoint.ask()
    assert first.headers["x-road-id"] != second.headers["x-road-id"]
    assert first.headers["x-road-request-id"] != second.headers["x-road-request-id"]


def test_the_request_hash_is_sha512_and_follows_the_body(endpoint: Endpoint) -> None:
    hashes = [
        base64.b64decode(endpoint.ask(method="POST", content=body).headers["x-road-request-hash"], validate=True)
        for body in (b"a", b"b")
    ]
    assert [len(one) for one in hashes] == [64, 64]
    assert hashes[0] != hashes[1]


def test_what_a_client_says_of_the_hash_is_not_believed(endpoint: Endpoint) -> None:
    found = endpoint.ask(headers={"X-Road-Request-Hash": "bGll"})
    assert found.headers.get("x-road-request-hash") != "bGll"


@pytest.mark.parametrize("client", ["", "x", "x/y", "a/b/c/d/e", "a/b/%", "a//c", "a/b/c:d"])
def test_a_client_that_is_none_is_the_clients_fault(endpoint: Endpoint, client: str) -> None:
    assert _is_refused(endpoint.ask(headers={"X-Road-Client": client}), "Client.", status=400)


def test_no_client_is_the_clients_fault(endpoint: Endpoint) -> None:
    assert _is_refused(endpoint.http.get(f"{endpoint.url}/r1/{endpoint.service}"), "Client.", status=400)


def test_an_address_without_a_service_is_the_clients_fault(endpoint: Endpoint) -> None:
    assert _is_refused(endpoint.ask(endpoint.provider), "Client.", status=400)


def test_an_unknown_client_member_and_service_are_told_apart(endpoint: Endpoint) -> None:
    instance = endpoint.client.split("/", 1)[0]
    stranger = endpoint.ask(headers={"X-Road-Client": f"{instance}/GOV/no-such-member/x"})
    assert _is_refused(stranger, "Server.ClientProxy.UnknownMember", status=500)
    assert _is_refused(endpoint.ask(f"{instance}/GOV/no-such-member/x/y"), "Server.", status=500)
    assert _is_refused(endpoint.ask(f"{endpoint.provider}/no-such-service"), "Server.", status=500)


def test_percent_encoding_makes_no_difference_to_an_identifier(endpoint: Endpoint) -> None:
    encoded = "/".join("".join(f"%{byte:02X}" for byte in part.encode()) for part in endpoint.service.split("/"))
    found = endpoint.ask(encoded + endpoint.path)
    assert ("x-road-error" in found.headers, found.headers["x-road-service"]) == (False, endpoint.service)


def test_methods_of_a_provider_are_listed(endpoint: Endpoint) -> None:
    for name in ("listMethods", "allowedMethods"):
        found = endpoint.ask(f"{endpoint.provider}/{name}")
        assert (found.status_code, found.headers["content-type"].split(";")[0]) == (200, "application/json")
        listed = {one["service_code"]: one for one in found.json()["service"]}
        one = listed[endpoint.service.rsplit("/", 1)[1]]
        assert "/".join(
            one[key] for key in ("xroad_instance", "member_class", "member_code", "subsystem_code", "service_code")
        ) == endpoint.service  # fmt: skip
        assert (one["object_type"], one["service_type"] in {"REST", "OPENAPI"}) == ("SERVICE", True)
        assert all({"method", "path"} <= set(point) for point in one["endpoint_list"])


def test_a_description_is_given(endpoint: Endpoint) -> None:
    code = endpoint.service.rsplit("/", 1)[1]
    listed = endpoint.ask(f"{endpoint.provider}/listMethods").json()["service"]
    if next(one for one in listed if one["service_code"] == code)["service_type"] != "OPENAPI":
        pytest.skip("the service has no description")
    found = endpoint.ask(f"{endpoint.provider}/getOpenAPI?serviceCode={code}")
    assert json.loads(found.content)["openapi"].startswith("3.")
    assert "x-road-error" in endpoint.ask(f"{endpoint.provider}/getOpenAPI?serviceCode=no-such").headers
    assert "x-road-error" in endpoint.ask(f"{endpoint.provider}/getOpenAPI").headers


def test_clients_are_listed(endpoint: Endpoint) -> None:
    instance = endpoint.client.split("/", 1)[0]
    found = endpoint.http.get(f"{endpoint.url}/listClients", params={"xRoadInstance": instance})
    names = {
        "/".join(one["id"].get(key, "") for key in ("xroad_instance", "member_class", "member_code", "subsystem_code"))
        for one in found.json()["member"]
    }
    assert {endpoint.client, endpoint.provider} <= names
    assert {one["id"]["object_type"] for one in found.json()["member"]} == {"MEMBER", "SUBSYSTEM"}


def test_headers_of_our_own_pass_and_those_of_the_way_do_not(endpoint: Endpoint) -> None:
    found = endpoint.ask(headers={"Connection": "X-Of-The-Way", "X-Of-The-Way": "1", "Accept": "text/plain"})
    assert "x-road-error" not in found.headers
    assert "x-of-the-way" not in found.headers


@pytest.mark.parametrize(
    ("name", "value"), [("X-Road-UserId", "VN051090000001"), ("X-Road-Issue", "H48.12-261001-0007")]
)
def test_the_officer_and_the_case_may_be_named(endpoint: Endpoint, name: str, value: str) -> None:
    assert "x-road-error" not in endpoint.ask(headers={name: value}).headers


def test_the_service_is_named_as_the_path_says_below_its_own_path_and_query(endpoint: Endpoint) -> None:
    found = endpoint.ask(f"{endpoint.service}{endpoint.path}?a=%C3%A2&b=/x")
    assert found.headers["x-road-service"] == endpoint.service


def test_one_id_may_come_twice_and_is_told_back(endpoint: Endpoint) -> None:
    first = endpoint.ask(headers={"X-Road-Id": "contract-same"})
    again = endpoint.ask(headers={"X-Road-Id": "contract-same"})
    assert (first.headers["x-road-id"], again.headers["x-road-id"]) == ("contract-same", "contract-same")
    assert first.headers["x-road-request-id"] != again.headers["x-road-request-id"]


def test_a_metaservice_takes_get_alone(endpoint: Endpoint) -> None:
    assert "x-road-error" in endpoint.ask(f"{endpoint.provider}/listMethods", method="POST", content=b"x").headers


def test_clients_of_another_instance_are_not_listed_as_ours(endpoint: Endpoint) -> None:
    found = endpoint.http.get(f"{endpoint.url}/listClients", params={"xRoadInstance": "NO-SUCH"})
    assert found.status_code >= 400 or found.json()["member"] == []


def test_evidence_is_not_given_of_what_never_was(endpoint: Endpoint) -> None:
    names = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")
    params = dict(zip(names, endpoint.client.split("/"), strict=True)) | {"queryId": "contract-no-such-message"}
    found = endpoint.http.get(f"{endpoint.url}/asic", params=params)
    assert found.status_code >= 400
    assert endpoint.http.get(f"{endpoint.url}/asic").status_code == 400
