"""`content/receipts/receipts.yaml`: the form of receipts, and from which day what holds."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.receipts.data import Issuer, Mode, ReceiptRules
from tinhso.lib.schemas import breaches

FILE = Path("receipts/receipts.yaml")
_WORDS = {"type": "string", "minLength": 1}
_FLAG = {"type": "boolean"}
_ISSUER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["provider", "tax_code", "letters"],
    "properties": {
        "provider": _WORDS,
        "tax_code": {"type": "string"},
        "letters": {"type": "string", "pattern": "^[A-Z]{2,4}$"},
        "assumed": _FLAG,
    },
}


class ReceiptContentError(ValueError):
    """The file is wrong; the message names every problem."""


def schemas() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for the check."""
    mode = {
        "type": "object",
        "additionalProperties": False,
        "required": ["effective_from", "units", "paper", "basis"],
        "properties": {
            "effective_from": {},
            "units": {"type": "array", "items": _WORDS},
            "paper": _FLAG,
            "basis": _WORDS,
            "assumed": _FLAG,
        },
    }
    properties = {
        "version": {"const": 1},
        "legal_basis": {"type": "array", "minItems": 1},
        "template": {
            "type": "object",
            "additionalProperties": False,
            "required": ["code", "name", "typst"],
            "properties": {"code": _WORDS, "name": _WORDS, "typst": _WORDS, "assumed": _FLAG},
        },
        "series_format": {"type": "string", "pattern": "{letters}.*{year}"},
        "digits": {"type": "integer", "minimum": 4, "maximum": 10},
        "modes": {"type": "array", "minItems": 1, "items": mode},
        "default_issuer": _ISSUER,
        "issuers": {"type": "object", "additionalProperties": _ISSUER},
    }
    return {
        "receipts.schema.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Biên lai điện tử",
            "type": "object",
            "additionalProperties": False,
            "required": list(properties),
            "properties": properties,
        }
    }


@lru_cache(maxsize=4)
def load(root: Path) -> ReceiptRules:
    """The rules; read once a process.

    Raises:
        ReceiptContentError: with all problems found.
    """
    try:
        value = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ReceiptContentError(f"không đọc được: {error}") from error
    problems = breaches(schemas()["receipts.schema.json"], value)
    if not problems:
        days = [mode["effective_from"] for mode in value["modes"]]
        problems = [] if days == sorted(set(days)) else ["modes: phải xếp theo ngày, không trùng ngày"]
        if not (root / value["template"]["typst"]).exists():
            problems.append(f"template.typst: không có tệp {value['template']['typst']}")
    if problems:
        raise ReceiptContentError("; ".join(problems))
    return ReceiptRules(
        template_code=value["template"]["code"], template_name=value["template"]["name"],
        typst=value["template"]["typst"], series_format=value["series_format"], digits=value["digits"],
        modes=tuple(Mode(m["effective_from"], tuple(m["units"]), m["paper"], m["basis"]) for m in value["modes"]),
        issuers={code: _issuer(one) for code, one in value["issuers"].items()},
        default_issuer=_issuer(value["default_issuer"]),
        basis=tuple(f"{one['document']}" for one in value["legal_basis"]),
    )  # fmt: skip


def check(root: Path) -> list[str]:
    """What is wrong with the file, as sentences."""
    if not (root / FILE).exists():
        return []
    try:
        load(root)
    except ReceiptContentError as error:
        return [f"{FILE}: {part}" for part in str(error).split("; ")]
    return []


def _issuer(value: dict[str, Any]) -> Issuer:
    return Issuer(value["provider"], value["tax_code"], value["letters"])
