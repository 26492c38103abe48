"""`content/collections/collections.yaml`: who collects, what, and who owes less."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.collections.data import Body, CollectionRules, Exemption, FeeKind
from tinhso.apps.collections.enums import BodyKind
from tinhso.lib.schemas import breaches

FILE = Path("collections/collections.yaml")
_WORDS = {"type": "string", "minLength": 1}
_KEY = {"type": "string", "pattern": "^[a-z][a-z0-9_]{1,39}$"}
_FLAG = {"type": "boolean"}


class CollectionContentError(ValueError):
    """The file is wrong; the message names every problem."""


def _object(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def schemas() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for the check."""
    kinds = {"enum": BodyKind.values}
    body = {"key": _KEY, "name": _WORDS, "kind": kinds, "unit": _WORDS, "assumed": _FLAG}
    exemption = {
        "key": _KEY, "name": _WORDS, "percent": {"type": "integer", "minimum": 1, "maximum": 100}, "basis": _WORDS,
        "assumed": _FLAG,
    }  # fmt: skip
    fee = {
        "key": _KEY, "name": _WORDS, "bodies": {"type": "array", "minItems": 1, "items": kinds}, "basis": _WORDS,
        "exemptions": {"type": "array", "items": _KEY}, "part_from_vnd": {"type": "integer", "minimum": 1000},
        "remind_days": {"type": "array", "items": {"type": "integer", "minimum": -60, "maximum": 60}}, "assumed": _FLAG,
    }  # fmt: skip
    properties = {
        "version": {"const": 1},
        "bodies": {"type": "array", "items": _object(["key", "name", "kind", "unit"], body)},
        "exemptions": {"type": "array", "items": _object(["key", "name", "percent", "basis"], exemption)},
        "fees": {
            "type": "array", "minItems": 1,
            "items": _object(["key", "name", "bodies", "basis", "exemptions", "remind_days"], fee),
        },
    }  # fmt: skip
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Thu theo danh sách"}
    return {"collections.schema.json": head | _object(list(properties), properties)}


@lru_cache(maxsize=4)
def load(root: Path) -> CollectionRules:
    """The rules; read once a process.

    Raises:
        CollectionContentError: with all problems found.
    """
    try:
        value = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CollectionContentError(f"không đọc được: {error}") from error
    problems = breaches(schemas()["collections.schema.json"], value)
    if not problems:
        for part in ("bodies", "exemptions", "fees"):
            keys = [one["key"] for one in value[part]]
            problems += [f"{part}: {key} khai hai lần" for key in sorted({key for key in keys if keys.count(key) > 1})]
        known = {one["key"] for one in value["exemptions"]}
        problems += [
            f"fees: {one['key']} nêu diện miễn, giảm chưa khai {key}"
            for one in value["fees"]
            for key in one["exemptions"]
            if key not in known
        ]
    if problems:
        raise CollectionContentError("; ".join(problems))
    return CollectionRules(
        bodies={one["key"]: Body(one["key"], one["name"], one["kind"], one["unit"]) for one in value["bodies"]},
        fees={
            one["key"]: FeeKind(
                one["key"], one["name"], frozenset(one["bodies"]), one["basis"], tuple(one["exemptions"]),
                one.get("part_from_vnd"), tuple(one["remind_days"]),
            )
            for one in value["fees"]
        },
        exemptions={
            one["key"]: Exemption(one["key"], one["name"], one["percent"], one["basis"]) for one in value["exemptions"]
        },
    )  # fmt: skip


def check(root: Path) -> list[str]:
    """What is wrong with the file, as sentences."""
    if not (root / FILE).exists():
        return []
    try:
        load(root)
    except CollectionContentError as error:
        return [f"{FILE}: {part}" for part in str(error).split("; ")]
    return []
