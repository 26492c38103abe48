"""Data sources as content: `content/exchange/sources.yaml`."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.exchange.content._registry import FILE, FOLDER, RegistryContentError, load_registry
from tinhso.apps.exchange.data import DataSource, SourceField
from tinhso.apps.exchange.enums import Dialect, SourceKind, SubjectOf
from tinhso.lib.schemas import breaches
from tinhso.lib.xroad.identifiers import path_matches
from tinhso.lib.yamltext import load_yaml

SOURCES = FOLDER / "sources.yaml"
FACTS = ("personal_id", "full_name", "birth_date", "tax_code")
FORMS = ("compact_date", "slash_date", "iso_date", "upper")
KINDS = ("text", "name", "date", "choice", "address")
PARTS = ("province_code", "commune_code", "detail")
_TEXT = {"type": "string", "minLength": 1}
_KEY = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
_WORDS = {"type": "object", "additionalProperties": {"type": "string"}}


class SourcesContentError(ValueError):
    """The sources are wrong; the message names every problem."""


def sources_schema() -> dict[str, Any]:
    """JSON Schema of the sources, for editors and for the check."""
    given = _object(
        {
            "key": _KEY, "label": _TEXT, "path": _TEXT, "kind": {"enum": list(KINDS)}, "form": {"enum": list(FORMS)},
            "values": _WORDS, "labels": _WORDS,
            "parts": {"type": "object", "propertyNames": {"enum": list(PARTS)}, "additionalProperties": _TEXT},
        },
        ["key", "label", "path"],
    )  # fmt: skip
    asked = {
        "anyOf": [
            {"enum": list(FACTS)},
            _object({"fact": {"enum": list(FACTS)}, "form": {"enum": list(FORMS)}}, ["fact"]),
        ]
    }
    source = _object(
        {
            "key": _KEY, "name": _TEXT, "holder": _TEXT, "service": _TEXT, "method": {"enum": ["GET", "POST"]},
            "path": {"type": "string", "pattern": "^/"}, "dialect": {"enum": list(Dialect.values)},
            "kind": {"enum": list(SourceKind.values)}, "about": {"enum": list(SubjectOf.values)},
            "asks": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(FACTS)}},
            "request": {"type": "object", "additionalProperties": asked},
            "gives": {"type": "array", "items": given}, "match": _object({"path": _TEXT, "value": _TEXT}, ["path", "value"]),
            "echo": _TEXT, "not_found": {"type": "array", "items": {"type": "integer", "minimum": 400, "maximum": 499}},
            "document": _TEXT, "article": _TEXT, "purpose": _TEXT, "seconds": {"type": "number", "minimum": 1, "maximum": 60},
            "repeatable": {"type": "boolean"}, "is_public": {"type": "boolean"},
            "assumed": {"type": "array", "items": _TEXT},
        },
        ["key", "name", "holder", "service", "method", "path", "dialect", "kind", "about", "asks", "document", "purpose"],
    )  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Nguồn dữ liệu",
        **_object(
            {"version": {"const": 1}, "asks_as": _TEXT, "sources": {"type": "array", "items": source}},
            ["version", "asks_as", "sources"],
        ),
    }


def load_sources(root: Path) -> tuple[str, dict[str, DataSource]]:
    """The subsystem that asks, and the sources by key.

    Raises:
        SourcesContentError: with all problems found.
    """
    if not (root / SOURCES).exists():
        return "", {}
    try:
        value = _plain(load_yaml((root / SOURCES).read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SourcesContentError(f"không đọc được: {error}") from error
    problems = breaches(sources_schema(), value) or list(_wrong(value["sources"]))
    if problems:
        raise SourcesContentError("; ".join(problems))
    return value["asks_as"], {one["key"]: _source(one) for one in value["sources"]}


def check_sources(root: Path) -> list[str]:
    """What is wrong with the sources, also against the registry: the service and a right to it must be there."""
    try:
        asks_as, sources = load_sources(root)
        registry = load_registry(root) if sources else {}
    except SourcesContentError as error:
        return [f"{SOURCES}: {error}"]
    except RegistryContentError:  # told by the check of the registry itself
        return []
    client = f"agencies/{asks_as}"
    return [
        f"{SOURCES}: {source.key}: {FILE} không cho {client} gọi {source.service}"
        for source in sources.values()
        if not any(_allows(right, source, client) for right in registry["rights"])
    ]


def _allows(right: dict[str, Any], source: DataSource, client: str) -> bool:
    return bool(
        right["clients"] == client
        and right["service"] == source.service
        and right.get("method", "*") in {"*", source.method}
        and path_matches(right.get("path", "/**"), source.path)
    )


def _wrong(sources: list[dict[str, Any]]) -> Iterator[str]:
    keys = [one["key"] for one in sources]
    yield from (f"{key}: khai hai lần" for key in sorted(set(keys)) if keys.count(key) > 1)
    for one in sources:
        if one["kind"] == SourceKind.VERIFY and one["dialect"] == Dialect.JSON and "match" not in one:
            yield f"{one['key']}: nguồn xác thực phải khai match"
        if one["kind"] == SourceKind.LOOK_UP and not one.get("gives"):
            yield f"{one['key']}: nguồn tra cứu phải khai gives"
        if one["dialect"] == Dialect.JSON and not one.get("request"):
            yield f"{one['key']}: phải khai request"
        named = [item["fact"] if isinstance(item, dict) else item for item in one.get("request", {}).values()]
        yield from (
            f"{one['key']}: request dùng «{fact}» không có trong asks" for fact in named if fact not in one["asks"]
        )
        for given in one.get("gives", []):
            if given.get("kind") == "address" and not given.get("parts"):
                yield f"{one['key']}.{given['key']}: địa chỉ phải khai parts"


def _source(value: dict[str, Any]) -> DataSource:
    request = {
        place: (item["fact"], item.get("form", "")) if isinstance(item, dict) else (item, "")
        for place, item in value.get("request", {}).items()
    }
    match = value.get("match", {"path": "", "value": ""})
    return DataSource(
        key=value["key"], name=value["name"], holder=value["holder"], service=value["service"], method=value["method"],
        path=value["path"], dialect=Dialect(value["dialect"]), kind=SourceKind(value["kind"]),
        about=SubjectOf(value["about"]), asks=tuple(value["asks"]), request=request,
        gives=tuple(SourceField(**item) for item in value.get("gives", [])), match=(match["path"], match["value"]),
        echo=value.get("echo", ""), not_found=tuple(value.get("not_found", [])), document=value["document"],
        article=value.get("article", ""), purpose=value["purpose"], seconds=float(value.get("seconds", 8)),
        repeatable=value.get("repeatable", False), is_public=value.get("is_public", False),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
