"""`content/payouts/payouts.yaml`: programmes, banks, the file to the bank."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.payouts.data import Bank, CaseSource, PayoutRules, Programme
from tinhso.lib.schemas import breaches

FILE = Path("payouts/payouts.yaml")
COLUMNS = ("reference", "bank_bin", "account_number", "account_name", "amount_vnd", "content")
_WORDS = {"type": "string", "minLength": 1}
_LIST = {"type": "array", "items": _WORDS}
_FLAG = {"type": "boolean"}


class PayoutContentError(ValueError):
    """The file is wrong; the message names every problem."""


def _object(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def schemas() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for the check."""
    names = {"type": "object", "additionalProperties": _WORDS}
    source = {
        "procedure": _WORDS, "request": _WORDS, "grant": _LIST, "change": _LIST, "stop": _LIST, "answers": names,
        "result": names,
    }  # fmt: skip
    programme = {
        "key": {"type": "string", "pattern": "^[a-z_]{2,40}$"}, "name": _WORDS, "basis": _WORDS, "assumed": _FLAG,
        "from_cases": _object(list(source), source),
    }  # fmt: skip
    bank = {"bin": {"type": "string", "pattern": "^[0-9]{6}$"}, "name": _WORDS, "also": _LIST}
    file = {
        "separator": {"enum": [";", ",", "|", "\t"]},
        "columns": {"type": "array", "items": {"enum": list(COLUMNS)}, "uniqueItems": True, "minItems": 5},
        "assumed": _FLAG,
    }  # fmt: skip
    properties = {
        "version": {"const": 1},
        "programmes": {"type": "array", "minItems": 1, "items": _object(["key", "name", "basis"], programme)},
        "banks": {"type": "array", "minItems": 1, "items": _object(["bin", "name", "also"], bank)},
        "file": _object(["separator", "columns"], file),
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Chi trả không dùng tiền mặt"}
    return {"payouts.schema.json": head | _object(list(properties), properties)}


@lru_cache(maxsize=4)
def load(root: Path) -> PayoutRules:
    """The rules; read once a process.

    Raises:
        PayoutContentError: with all problems found.
    """
    try:
        value = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PayoutContentError(f"không đọc được: {error}") from error
    problems = breaches(schemas()["payouts.schema.json"], value)
    if not problems and len({one["key"] for one in value["programmes"]}) != len(value["programmes"]):
        problems = ["programmes: hai chương trình cùng khóa"]
    if problems:
        raise PayoutContentError("; ".join(problems))
    return PayoutRules(
        programmes={
            one["key"]: Programme(one["key"], one["name"], one["basis"], _source(one.get("from_cases")))
            for one in value["programmes"]
        },
        banks=tuple(Bank(one["bin"], one["name"], tuple(one["also"])) for one in value["banks"]),
        separator=value["file"]["separator"], columns=tuple(value["file"]["columns"]),
    )  # fmt: skip


def check(root: Path) -> list[str]:
    """What is wrong with the file, as sentences."""
    if not (root / FILE).exists():
        return []
    try:
        load(root)
    except PayoutContentError as error:
        return [f"{FILE}: {part}" for part in str(error).split("; ")]
    return []


def _source(value: dict[str, Any] | None) -> CaseSource | None:
    if value is None:
        return None
    return CaseSource(
        value["procedure"], value["request"], tuple(value["grant"]), tuple(value["change"]), tuple(value["stop"]),
        dict(value["answers"]), dict(value["result"]),
    )  # fmt: skip
