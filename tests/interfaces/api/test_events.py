"""Events over the API: read from a position, subscribe, replay, and the key that checks a signature."""

import base64

import pytest
from django.test import Client

from tests.factories.cases import CaseMaker
from tests.factories.subscriptions import follower, publish
from tests.factories.world import World, world
from tinhso.apps.exchange.actions import make_missing_keys
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def place() -> World:
    return world()


def client_with(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def api(place: World) -> Client:
    return client_with(follower(place.province.id)[1])


def test_the_feed_is_read_page_by_page_and_filtered(api: Client, place: World) -> None:
    case = CaseMaker(place).at("received")
    end = publish()
    seen, after = [], 0
    while True:
        page = api.get("/api/v1/events", {"after": after, "limit": 1}).json()
        seen += page["items"]
        after = page["next"]
        if not page["more"]:
            break
    assert ([one["position"] for one in seen], after) == (list(range(1, end + 1)), end)
    assert {one["subject"] for one in seen} == {case.code}
    received = api.get("/api/v1/events", {"type": "case.received"}).json()
    assert [one["type"] for one in received["items"]] == ["case.received"]
    assert case.due_at
    assert received["items"][0]["data"]["due_at"] == case.due_at.isoformat().replace("+00:00", "Z")
    assert (received["next"], api.get("/api/v1/events", {"after": end}).json()["items"]) == (end, [])


def test_who_may_not_follow_events_is_told(place: World) -> None:
    assert Client().get("/api/v1/events").status_code == 401
    reader = client_with(follower(place.province.id, name="khac", granted=("case.view",))[1])
    assert reader.get("/api/v1/events", {"after": "-1"}).status_code == 422
    assert reader.get("/api/v1/subscriptions/9").status_code == 404


def test_a_subscription_from_first_to_last(api: Client, place: World) -> None:
    body = {"name": "Phần mềm của sở", "url": "https://phan-mem.example/su-kien", "units": [place.commune.code]}
    made = api.post("/api/v1/subscriptions", body, content_type=JSON)
    assert made.status_code == 201, made.json()
    told = made.json()
    address = f"/api/v1/subscriptions/{told['id']}"
    assert (told["status"], told["units"], told["waiting"]) == ("active", [place.commune.code], 0)

    CaseMaker(place).at("received")
    end = publish()
    assert api.get(address).json()["waiting"] == end
    assert api.post(f"{address}/replay", {"after": end}, content_type=JSON).json()["position"] == end
    assert api.post(f"{address}/replay", {"after": end + 1}, content_type=JSON).status_code == 422
    assert api.post(f"{address}/resume").json()["status"] == "active"
    assert [one["id"] for one in api.get("/api/v1/subscriptions").json()["items"]] == [told["id"]]
    assert api.delete(address).status_code == 204
    assert api.delete(address).status_code == 409
    for wrong, path in (({"url": "javascript:x"}, "url"), ({"units": ["H00"]}, "units"), ({"types": ["x"]}, "types")):
        refused = api.post("/api/v1/subscriptions", {**body, **wrong}, content_type=JSON)
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, path)


def test_anybody_may_fetch_the_key_and_the_types(client: Client, db: None) -> None:
    assert client.get("/api/v1/events/keys").json() == {"keys": []}
    make_missing_keys(actor=SYSTEM, at=clock.now())
    (key,) = client.get("/api/v1/events/keys").json()["keys"]
    assert (key["algorithm"], len(base64.b64decode(key["public_key"]))) == ("ed25519", 32)
    types = client.get("/api/v1/events/types").json()["types"]
    assert "case.received" in types
    assert "case.note_written" not in types
