"""What the exchange tells of itself: who takes part, what is offered, what one may call, how it is described."""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from tinhso.apps.exchange import queries
from tinhso.apps.exchange.data import Registry, ServiceData, holds
from tinhso.interfaces.gateway.calls import Call
from tinhso.lib.xroad import ProtocolError, ServiceId

NAMES = frozenset({"listMethods", "allowedMethods", "getOpenAPI"})


def list_clients(registry: Registry, *, instance: str, on: date) -> bytes:
    """Members and subsystems of an instance, in the shape of `/listClients`.

    Raises:
        ProtocolError: the instance is not ours.
    """
    if instance and instance != registry.instance:
        raise ProtocolError("Client.BadRequest", f"Không có phiên bản X-Road «{instance}» ở đây")
    found: list[dict[str, Any]] = []
    for member in registry.members.values():
        if not holds(member.valid_from, member.valid_to, on):
            continue
        found.append({"id": _id("MEMBER", member.id), "name": member.name, "subsystem_name": None})
        found += [
            {"id": _id("SUBSYSTEM", one.id), "name": member.name, "subsystem_name": one.name}
            for one in registry.subsystems.values()
            if (one.id.member_class, one.id.member_code) == (member.id.member_class, member.id.member_code)
            and holds(one.valid_from, one.valid_to, on)
        ]
    return _json({"member": found})


def answer(call: Call, registry: Registry, on: date) -> Callable[[], bytes]:
    """What answers a metaservice call; it may ask the database, so it is run beside the event loop.

    Raises:
        ProtocolError: not asked with GET, or there is no such service.
    """
    if call.method != "GET" or call.target.path not in {"", "/"}:
        raise ProtocolError("Client.BadRequest", "Dịch vụ mô tả chỉ nhận GET, không có đường dẫn phía sau")
    provider, name = call.target.service.provider, call.target.service.service
    offered = registry.services_of(provider, on)
    if name == "getOpenAPI":
        return _description(call, {one.id.service: one for one in offered})
    if name == "allowedMethods":
        offered = [one for one in offered if registry.rights.get((call.client, one.id))]
        listed = [_listed(one, _allowed(registry, call, one.id, on)) for one in offered]
        listed = [one for one in listed if one["endpoint_list"]]
    else:
        listed = [_listed(one, one.endpoints) for one in offered]
    return partial(_json, {"service": listed})


def _description(call: Call, offered: dict[str, ServiceData]) -> Callable[[], bytes]:
    codes = parse_qs(call.query).get("serviceCode", [])
    if len(codes) != 1:
        raise ProtocolError("Client.BadRequest", "Phải nêu một serviceCode")
    service = offered.get(codes[0])
    if service is None:
        raise ProtocolError("Server.ServerProxy.UnknownService", f"Không có dịch vụ «{codes[0]}»")
    if not service.has_openapi:
        raise ProtocolError("Server.ServerProxy.ServiceFailed.InternalError", "Dịch vụ này không có mô tả OpenAPI")
    return lambda: _json(queries.openapi_of(service.id))


def _allowed(registry: Registry, call: Call, service: ServiceId, on: date) -> tuple[tuple[str, str], ...]:
    rights = registry.rights.get((call.client, service), ())
    return tuple((one.method, one.path) for one in rights if holds(one.valid_from, one.valid_to, on))


def _listed(service: ServiceData, endpoints: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {
        "member_class": service.id.member_class,
        "member_code": service.id.member_code,
        "subsystem_code": service.id.subsystem,
        "object_type": "SERVICE",
        "service_code": service.id.service,
        "service_type": service.kind.value,
        "xroad_instance": service.id.instance,
        "endpoint_list": [{"method": method, "path": path} for method, path in endpoints],
    }


def _id(kind: str, client: Any) -> dict[str, str]:
    found = {
        "xroad_instance": client.instance, "member_class": client.member_class, "member_code": client.member_code,
        "object_type": kind,
    }  # fmt: skip
    return found | ({"subsystem_code": client.subsystem} if client.subsystem else {})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
