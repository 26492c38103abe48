"""The registry as content: `content/exchange/registry.yaml`, with OpenAPI descriptions beside it."""

from collections.abc import Iterator
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.exchange.enums import Connection, ServiceKind, SubjectAt, SubjectOf
from tinhso.lib.schemas import breaches
from tinhso.lib.xroad import IdentifierError
from tinhso.lib.xroad.identifiers import decode, parse_target
from tinhso.lib.yamltext import load_yaml

FOLDER = Path("exchange")
FILE = FOLDER / "registry.yaml"
AGENCIES = "agencies/"
_TEXT = {"type": "string", "minLength": 1}
_CODE = {"type": "string", "pattern": r"^[A-Za-z0-9'()+,.=_-]{1,60}$"}
_SERVER = {"type": "string", "pattern": "^[^/ ]+(/[^/ ]+){3}$", "maxLength": 255}
_PATH = {"type": "string", "pattern": "^/"}
_WAYS = [one.value for one in Connection if one is not Connection.SERVER]
_DAY = {"type": "string", "format": "date"}
_METHODS = ["*", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


class RegistryContentError(ValueError):
    """The registry is wrong; the message names every problem."""


def registry_schema() -> dict[str, Any]:
    """JSON Schema of the registry, for editors and for the check."""
    service = _service_schema()
    subsystem = _object(
        {
            "code": _CODE, "name": _TEXT, "connection": {"enum": _WAYS},
            "networks": {"type": "array", "items": _TEXT}, "services": {"type": "array", "items": service},
        },
        ["code", "name"],
    )  # fmt: skip
    subsystems = {"type": "array", "minItems": 1, "items": subsystem}
    member = _object(
        {
            "class": _CODE, "code": _CODE, "name": _TEXT, "server": _SERVER, "valid_from": _DAY, "valid_to": _DAY,
            "subsystems": subsystems,
        },
        ["class", "code", "name", "valid_from", "subsystems"],
    )  # fmt: skip
    server = _object(
        {
            "code": _SERVER, "address": {"type": "string", "pattern": r"^https://[^/\s]+$"},
            "timeout_s": {"type": "integer", "minimum": 1, "maximum": 600},
            "at_once": {"type": "integer", "minimum": 1, "maximum": 10_000}, "valid_from": _DAY, "valid_to": _DAY,
        },
        ["code", "address", "valid_from"],
    )  # fmt: skip
    agencies = _object(
        {"class": _CODE, "valid_from": _DAY, "subsystems": subsystems}, ["class", "valid_from", "subsystems"]
    )
    right = _object(
        {
            "clients": {"anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}]}, "service": _TEXT,
            "method": {"enum": _METHODS}, "path": _PATH, "document": _TEXT, "article": _TEXT, "purpose": _TEXT,
            "fields": {"type": "array", "items": _TEXT, "uniqueItems": True},
            "quota_per_day": {"type": "integer", "minimum": 1}, "valid_from": _DAY, "valid_to": _DAY,
            "assumed": {"type": "array", "items": _TEXT},
        },
        ["clients", "service", "document", "purpose", "fields", "valid_from"],
    )  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Danh bạ chia sẻ dữ liệu",
        **_object(
            {
                "version": {"const": 1},
                "instance": _CODE,
                "agencies": agencies,
                "servers": {"type": "array", "items": server},
                "members": {"type": "array", "items": member},
                "rights": {"type": "array", "items": right},
            },
            ["version", "instance", "members", "rights"],
        ),
    }


def _service_schema() -> dict[str, Any]:
    yes_or_no = {"type": "boolean"}
    subject = _object(
        {"about": {"enum": list(SubjectOf.values)}, "in": {"enum": list(SubjectAt.values)}, "at": _TEXT},
        ["about", "in", "at"],
    )
    endpoint = _object(
        {"method": {"enum": _METHODS}, "path": _PATH, "safe": yes_or_no, "subject": subject}, ["method", "path"]
    )
    return _object(
        {
            "code": _CODE, "name": _TEXT, "kind": {"enum": list(ServiceKind.values)}, "address": _TEXT,
            "timeout_s": {"type": "integer", "minimum": 1, "maximum": 600},
            "at_once": {"type": "integer", "minimum": 1, "maximum": 10_000},
            "openapi": _TEXT, "endpoints": {"type": "array", "minItems": 1, "items": endpoint},
            "bodies_days": {"type": "integer", "minimum": 0, "maximum": 30},
            "mandatory": yes_or_no, "published": yes_or_no, "valid_from": _DAY, "valid_to": _DAY,
        },
        ["code", "name", "kind", "endpoints"],
    )  # fmt: skip


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def load_registry(root: Path) -> dict[str, Any]:
    """The registry's value, OpenAPI descriptions read in; dates as text (`2025-07-01`).

    Raises:
        RegistryContentError: with all problems found.
    """
    try:
        value = _plain(load_yaml((root / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise RegistryContentError(f"không đọc được: {error}") from error
    problems = breaches(registry_schema(), value)
    if not problems:
        problems = [*_wrong_members(value, root), *_wrong_rights(value)]
    if problems:
        raise RegistryContentError("; ".join(problems))
    assert isinstance(value, dict)  # noqa: S101 - the schema has said so
    return value


def check_registry(root: Path) -> list[str]:
    """What is wrong with the registry."""
    if not (root / FILE).exists():
        return []
    try:
        load_registry(root)
    except RegistryContentError as error:
        return [f"{FILE}: {error}"]
    return []


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _wrong_members(value: dict[str, Any], root: Path) -> list[str]:
    problems = []
    seen = set()
    agencies = [value["agencies"]] if "agencies" in value else []
    servers = [one["code"] for one in value.get("servers", [])]
    problems += [f"máy chủ {code} khai hai lần" for code in sorted(set(servers)) if servers.count(code) > 1]
    for member in [*agencies, *value["members"]]:
        key = (member["class"], member.get("code", AGENCIES))
        if key in seen:
            problems.append(f"thành viên {key} khai hai lần")
        seen.add(key)
        is_here = "server" not in member
        if not is_here and member["server"] not in servers:
            problems.append(f"{key}: danh bạ không khai máy chủ {member['server']}")
        codes = [subsystem["code"] for subsystem in member["subsystems"]]
        problems += [f"{key}: hệ thống {code} khai hai lần" for code in set(codes) if codes.count(code) > 1]
        for subsystem in member["subsystems"]:
            told_of = [*_wrong_subsystem(subsystem, root), *_wrong_place(subsystem, is_here)]
            problems += [f"{key}/{subsystem['code']}: {told}" for told in told_of]
    return problems


def _wrong_subsystem(subsystem: dict[str, Any], root: Path) -> list[str]:
    problems = []
    for text in subsystem.get("networks", []):
        try:
            ip_network(text)
        except ValueError:
            problems.append(f"«{text}» không phải một mạng")
    if subsystem.get("connection") == Connection.NETWORK and not subsystem.get("networks"):
        problems.append("kết nối từ mạng nội bộ phải khai networks")
    codes = [service["code"] for service in subsystem.get("services", [])]
    problems += [f"dịch vụ {code} khai hai lần" for code in set(codes) if codes.count(code) > 1]
    for service in subsystem.get("services", []):
        try:
            decode(service["code"])
            if "openapi" in service:
                service["openapi"] = _plain(load_yaml((root / FOLDER / service["openapi"]).read_text(encoding="utf-8")))
        except (IdentifierError, OSError, ValueError, yaml.YAMLError) as error:
            problems.append(f"{service['code']}: {error}")
    return problems


def _wrong_place(subsystem: dict[str, Any], is_here: bool) -> Iterator[str]:
    """What is served here says how it connects and where it answers; what lies behind another server does not."""
    services = subsystem.get("services", [])
    if is_here:
        if "connection" not in subsystem:
            yield "phải khai connection: network, token hoặc certificate"
        yield from (f"dịch vụ {one['code']} phải khai address" for one in services if "address" not in one)
        return
    if "connection" in subsystem or "networks" in subsystem:
        yield "hệ thống ở sau máy chủ khác không khai connection, networks"
    yield from (f"dịch vụ {one['code']} ở sau máy chủ khác không khai address" for one in services if "address" in one)


def _wrong_rights(value: dict[str, Any]) -> list[str]:
    problems = []
    offered = {
        f"{value['instance']}/{member['class']}/{member['code']}/{subsystem['code']}/{service['code']}"
        for member in value["members"]
        for subsystem in member["subsystems"]
        for service in subsystem.get("services", [])
    }
    own = {AGENCIES + subsystem["code"] for subsystem in value.get("agencies", {}).get("subsystems", [])}
    for number, right in enumerate(value["rights"], 1):
        try:
            parse_target(right["service"])
        except IdentifierError as error:
            problems.append(f"rights[{number}]: {error}")
            continue
        if right["service"] not in offered:
            problems.append(f"rights[{number}]: danh bạ không có dịch vụ {right['service']}")
        clients = right["clients"]
        if isinstance(clients, str) and clients not in own:
            problems.append(f"rights[{number}]: các cơ quan không có hệ thống {clients}")
        if right.get("valid_to", right["valid_from"]) < right["valid_from"]:
            problems.append(f"rights[{number}]: hết hiệu lực trước khi có hiệu lực")
    return problems
