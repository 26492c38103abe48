"""Kinds of documents and the settings of vaults: `content/document_types/*.yaml`."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.vault.data import DocumentType, VaultSettings
from tinhso.lib.schemas import breaches

FOLDER = Path("document_types")
SETTINGS = "settings.yaml"
_TEXT = {"type": "string", "minLength": 1}
_PLACES = {"type": "array", "items": {"type": "string", "pattern": r"^[^/\s]+/[a-z0-9_]+$"}, "uniqueItems": True}
_COUNT = {"type": "integer", "minimum": 1}
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class DocumentTypesError(ValueError):
    """The list of document types is wrong; the message names every problem."""


def schemas() -> dict[str, Any]:
    """JSON Schema of both kinds of files, for editors and for the check."""
    kind = {
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "name"],
        "properties": {
            "code": {"type": "string", "pattern": r"^(KQ|QNG)\.[A-Z0-9]+\.\d{6}$"},
            "name": _TEXT,
            "field": _TEXT,
            "validity": {
                "type": "object",
                "additionalProperties": False,
                "required": ["months", "document"],
                "properties": {"months": _COUNT, "document": _TEXT, "article": _TEXT},
            },
            "results": _PLACES,
            "components": _PLACES,
            "assumed": {"type": "boolean"},
            "certified_copy": {"type": "boolean"},
        },
    }
    return {
        "document-types.schema.json": {
            "$schema": _DRAFT,
            "title": "Loại giấy tờ",
            "type": "object",
            "additionalProperties": False,
            "required": ["version", "source", "as_of", "types"],
            "properties": {
                "version": {"const": 1},
                "source": _TEXT,
                "as_of": {"type": "string", "format": "date"},
                "types": {"type": "array", "minItems": 1, "items": kind},
            },
        },
        "vault-settings.schema.json": {
            "$schema": _DRAFT,
            "title": "Cài đặt kho giấy tờ",
            "type": "object",
            "additionalProperties": False,
            "required": ["version", "remind_days", "share", "export_hours"],
            "properties": {
                "version": {"const": 1},
                "remind_days": {"type": "array", "items": {"type": "integer", "minimum": 0}, "uniqueItems": True},
                "share": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["days", "opens"],
                    "properties": {"days": _COUNT, "opens": _COUNT},
                },
                "export_hours": _COUNT,
                "assumed": {"type": "boolean"},
            },
        },
    }


@lru_cache(maxsize=4)
def load_types(root: Path) -> tuple[DocumentType, ...]:
    """Every kind of document, in the order of the files.

    Raises:
        DocumentTypesError: with all problems found, each with its file.
    """
    problems: list[str] = []
    found: list[DocumentType] = []
    places: set[str] = set()
    for file in sorted((root / FOLDER).glob("*.yaml")):
        if file.name == SETTINGS:
            continue
        value = _read(file, "document-types.schema.json", problems)
        for item in value.get("types", []) if not problems else []:
            kind = _kind(item)
            own = {f"kết quả {place}" for place in kind.results} | {f"thành phần {place}" for place in kind.components}
            problems += [f"{file.name}: {place} đã thuộc loại khác" for place in sorted(own & places)]
            if any(known.code == kind.code for known in found):
                problems.append(f"{file.name}: mã {kind.code} dùng hai lần")
            if not kind.national and not kind.assumed:
                problems.append(f"{file.name}: {kind.code} là mã tạm, phải ghi assumed: true")
            places |= own
            found.append(kind)
    if problems:
        raise DocumentTypesError("; ".join(problems))
    return tuple(found)


@lru_cache(maxsize=4)
def load_settings(root: Path) -> VaultSettings:
    """What the province has set.

    Raises:
        DocumentTypesError: with all problems found.
    """
    problems: list[str] = []
    value = _read(root / FOLDER / SETTINGS, "vault-settings.schema.json", problems)
    if problems:
        raise DocumentTypesError("; ".join(problems))
    return VaultSettings(
        remind_days=tuple(sorted(value["remind_days"], reverse=True)), share_days=value["share"]["days"],
        share_opens=value["share"]["opens"], export_hours=value["export_hours"],
    )  # fmt: skip


def _kind(item: dict[str, Any]) -> DocumentType:
    validity = item.get("validity") or {}
    return DocumentType(
        code=item["code"], name=item["name"], field=item.get("field", ""), national=item["code"].startswith("KQ."),
        validity_months=validity.get("months"), basis=" ".join(validity[k] for k in ("article", "document") if k in validity),
        results=frozenset(item.get("results", ())), components=frozenset(item.get("components", ())),
        assumed=bool(item.get("assumed")), certified_copy=bool(item.get("certified_copy")),
    )  # fmt: skip


def _read(file: Path, schema: str, problems: list[str]) -> dict[str, Any]:
    value = yaml.safe_load(file.read_text(encoding="utf-8"))
    plain = {**value, "as_of": str(value["as_of"])} if isinstance(value, dict) and "as_of" in value else value
    found = [f"{file.name}: {breach}" for breach in breaches(schemas()[schema], plain)]
    problems.extend(found)
    return {} if found else plain


def check(root: Path) -> list[str]:
    """Every problem of the files as sentences; for `tinhso content check`."""
    if not (root / FOLDER).exists():
        return []
    problems = []
    for read in (load_types, load_settings):
        try:
            read(root)
        except DocumentTypesError as error:
            problems.append(f"{FOLDER}: {error}")
    return problems
