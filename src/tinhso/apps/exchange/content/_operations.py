"""How the exchange is run, as content: `content/exchange/operations.yaml`."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.exchange.content._registry import FOLDER
from tinhso.apps.exchange.data import Operations, Thresholds
from tinhso.apps.exchange.enums import RequestKind
from tinhso.lib.schemas import breaches
from tinhso.lib.worktime import Limit
from tinhso.lib.yamltext import load_yaml

FILE = FOLDER / "operations.yaml"
_TEXT = {"type": "string", "minLength": 1}


class OperationsContentError(ValueError):
    """The operations are wrong; the message names every problem."""


def operations_schema() -> dict[str, Any]:
    """JSON Schema of the operations, for editors and for the check."""
    count = {"type": "integer", "minimum": 1}
    request = _object(
        {"limit": _TEXT, "document": _TEXT, "article": _TEXT, "assumed": {"type": "array", "items": _TEXT}},
        ["limit", "document"],
    )
    kinds, thresholds = list(RequestKind.values), [field.name for field in fields(Thresholds)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Vận hành nền tảng chia sẻ dữ liệu",
        **_object(
            {
                "version": {"const": 1},
                "requests": _object(dict.fromkeys(kinds, request), kinds),
                "renewal_days": count,
                "lookups": _object({"unanswered_seconds": {"type": "integer", "minimum": 130}}, ["unanswered_seconds"]),
                "alarms": _object(dict.fromkeys(thresholds, count), thresholds),
                "statistics": _object({"licence": _TEXT, "licence_url": _TEXT}, ["licence", "licence_url"]),
            },
            ["version", "requests", "renewal_days", "lookups", "alarms", "statistics"],
        ),
    }


def load_operations(root: Path) -> Operations:
    """How the exchange is run: limits of requests, thresholds of alarms, the licence of its statistics.

    Raises:
        OperationsContentError: with all problems found.
    """
    try:
        value = load_yaml((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise OperationsContentError(f"không đọc được: {error}") from error
    problems = breaches(operations_schema(), value)
    if problems:
        raise OperationsContentError("; ".join(problems))
    try:
        limits = {RequestKind(kind): Limit.parse(one["limit"]) for kind, one in value["requests"].items()}
    except ValueError as error:
        raise OperationsContentError(f"requests: {error}") from error
    return Operations(
        limits=limits, documents={RequestKind(kind): one["document"] for kind, one in value["requests"].items()},
        renewal_days=value["renewal_days"], unanswered_seconds=value["lookups"]["unanswered_seconds"],
        thresholds=Thresholds(**value["alarms"]),
        licence=value["statistics"]["licence"], licence_url=value["statistics"]["licence_url"],
    )  # fmt: skip


def check_operations(root: Path) -> list[str]:
    """What is wrong with the operations."""
    if not (root / FILE).exists():
        return []
    try:
        load_operations(root)
    except OperationsContentError as error:
        return [f"{FILE}: {error}"]
    return []


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
