"""Vaults over the API: scope and purpose, recorded before anything is told, refusals as problem+json."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import vaults
from tests.factories.world import World, world
from tests.interfaces.api.test_messages import machine
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.vault.enums import Standing
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db

PERSON = "051190000019"
WHY = "Xét hồ sơ vay vốn ưu đãi"


@pytest.fixture
def place() -> World:
    return world()


def asked(client: Client, **query: Any) -> Any:
    return client.get("/api/v1/vault/documents", {"holder": PERSON, "purpose": WHY, **query})


def test_a_system_lists_fetches_and_the_person_will_read_of_it(place: World) -> None:
    document = vaults.kept(PERSON, mark="a", unit_id=place.commune.id)
    vaults.kept(PERSON, mark="elsewhere")
    client = machine(place, "nganhang", "vault.read")
    answer = asked(client)
    assert answer.status_code == 200
    (item,) = answer.json()["items"]
    assert (item["id"], item["state"], item["sha256"]) == (str(document.uuid), "valid", document.sha256)
    (entry,) = entries_of(f"disclosure:vault:{document.holder_id}")
    assert (entry.payload["purpose"], entry.actor_kind) == (WHY, "machine")
    content = client.get(f"/api/v1/vault/documents/{document.uuid}/content", {"purpose": WHY})
    assert b"".join(content.streaming_content) == vaults.pdf("a")
    assert len(entries_of(f"disclosure:vault:{document.holder_id}")) == 2


def test_pages_go_on_behind_the_cursor(place: World) -> None:
    for mark in "abc":
        vaults.kept(PERSON, mark=mark, unit_id=place.commune.id)
    client = machine(place, "nganhang", "vault.read")
    first = asked(client, limit=2).json()
    second = asked(client, limit=2, cursor=first["next"]).json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]


@pytest.mark.parametrize(
    ("granted", "query", "status"),
    [("vault.read", {"purpose": "x"}, 422), ("vault.verify", {}, 403), ("case.view", {}, 403)],
)
def test_without_purpose_or_scope_nothing_is_told(
    place: World, granted: str, query: dict[str, str], status: int
) -> None:
    document = vaults.kept(PERSON, mark="a", unit_id=place.commune.id)
    answer = asked(machine(place, "nganhang", granted), **query)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert entries_of(f"disclosure:vault:{document.holder_id}") == []


def test_nobody_without_a_token(place: World) -> None:
    assert asked(Client()).status_code == 401


def test_whether_a_document_holds_is_told_without_telling_whose(place: World) -> None:
    document = vaults.kept(PERSON, mark="a", unit_id=place.commune.id)
    client = machine(place, "nganhang", "vault.verify")

    def verdict(**words: str) -> Any:
        return client.post("/api/v1/vault/verify", data=words, content_type="application/json")

    for words in ({"id": str(document.uuid)}, {"sha256": document.sha256.upper()}):
        answer = verdict(**words).json()
        assert (answer["known"], answer["holds"], answer["state"]) == (True, True, "valid")
        assert "Ví Dụ" not in str(answer)
    assert verdict(sha256="0" * 64).json()["known"] is False
    assert verdict().status_code == 404
    assert verdict(sha256="x").status_code == 422
    vaults.end(document=document, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=clock.now())
    assert verdict(id=str(document.uuid)).json()["holds"] is False
    assert machine(place, "khac", "case.view").post(
        "/api/v1/vault/verify", data={"sha256": "0" * 64}, content_type="application/json"
    ).status_code == 403  # fmt: skip
