"""The small province taking part in the exchange: two communes, each a member with a system; who asks, owns and operates."""

from datetime import date
from typing import Any

from tests.factories import snapshots
from tests.factories.exchange import AT, OWN, PROVIDER, SHARED, provincial
from tests.factories.world import World, officer, world
from tinhso.apps.exchange import actions
from tinhso.apps.exchange.enums import RequestKind
from tinhso.kernel.actor import SYSTEM
from tinhso.lib.xroad import ClientId, ServiceId, parse_client, parse_target

ON = date(2026, 3, 2)
NATIONAL = parse_target(f"{PROVIDER}/unwanted").service


class Place:
    """Two communes, each a member with a system; what the first one asks for."""

    def __init__(self, place: World) -> None:
        self.world = place
        self.client = self._client(place.commune.code)
        self.shared = self._service(place.other_commune.code)
        self.asker = place.officer("unit_admin")
        self.owner = place.officer("leader", place.other_commune)
        self.operator = officer("operator", place.province)

    def _client(self, code: str) -> ClientId:
        return parse_client(f"TEST/PROV/{code}/{OWN}")

    def _service(self, code: str) -> ServiceId:
        return parse_target(f"TEST/PROV/{code}/{OWN}/{SHARED}").service

    def asked(self, **more: Any) -> dict[str, Any]:
        return {
            "client": self.client, "service": self.shared, "kind": RequestKind.ON_DEMAND, "method": "GET",
            "path": "/people/*", "fields": ["status", "code"], "purpose": "Đối chiếu  hồ sơ",
            "document": "278/2025/NĐ-CP", "volume_per_day": 200, "valid_from": ON, "valid_to": date(2027, 3, 1),
            "actor": self.asker, "at": AT,
        } | more  # fmt: skip


def exchange_place() -> Place:
    """The place, made once a run."""
    return snapshots.remembered("place of the exchange", _place)


def _place() -> Place:
    found = world()
    actions.publish_registry(value=provincial(), actor=SYSTEM, at=AT)
    return Place(found)
