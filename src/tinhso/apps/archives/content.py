"""`content/archives/archives.yaml`: when closed cases go to the archive and how long they are kept."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.archives.data import ArchiveRules, RetentionRule
from tinhso.apps.archives.enums import AccessMode, Maintenance
from tinhso.lib.schemas import breaches

FILE = Path("archives/archives.yaml")
_YEARS = {"01": 0, "02": 70, "03": 50, "04": 30, "05": 20, "06": 10}
_COUNT = {"type": "integer", "minimum": 1}
_WORDS = {"type": "string", "minLength": 1}
_FLAG = {"type": "boolean"}


class ArchiveContentError(ValueError):
    """The file is wrong; the message names every problem."""


def schemas() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for the check."""
    rule = {
        "type": "object",
        "additionalProperties": False,
        "required": ["maintenance", "mode", "basis"],
        "properties": {
            "fields": {"type": "array", "minItems": 1, "items": _WORDS},
            "maintenance": {"enum": list(Maintenance.values)},
            "years": _COUNT,
            "mode": {"enum": list(AccessMode.values)},
            "basis": _WORDS,
            "assumed": _FLAG,
        },
    }
    return {
        "archives.schema.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Nộp lưu và thời hạn lưu trữ",
            "type": "object",
            "additionalProperties": False,
            "required": ["version", "legal_basis", "submit", "at_unit", "archive", "retention"],
            "properties": {
                "version": {"const": 1},
                "legal_basis": {"type": "array", "minItems": 1},
                "submit": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["closed_days", "most_files"],
                    "properties": {"closed_days": _COUNT, "most_files": _COUNT, "assumed": _FLAG},
                },
                "at_unit": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["years", "document"],
                    "properties": {"years": _COUNT, "document": _WORDS, "assumed": _FLAG},
                },
                "archive": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name", "code"],
                    "properties": {"name": _WORDS, "code": _WORDS, "assumed": _FLAG},
                },
                "retention": {"type": "array", "minItems": 1, "items": rule},
            },
        }
    }


@lru_cache(maxsize=4)
def load(root: Path) -> ArchiveRules:
    """The rules; read once a process.

    Raises:
        ArchiveContentError: with all problems found.
    """
    try:
        value = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ArchiveContentError(f"không đọc được: {error}") from error
    problems = breaches(schemas()["archives.schema.json"], value)
    if not problems:
        problems = _problems(value["retention"])
    if problems:
        raise ArchiveContentError("; ".join(problems))
    return ArchiveRules(
        closed_days=value["submit"]["closed_days"], most_files=value["submit"]["most_files"],
        unit_years=value["at_unit"]["years"], archive_name=value["archive"]["name"],
        archive_code=value["archive"]["code"], retention=tuple(_rule(one) for one in value["retention"]),
    )  # fmt: skip


def check(root: Path) -> list[str]:
    """What is wrong with the file, as sentences."""
    if not (root / FILE).exists():
        return []
    try:
        load(root)
    except ArchiveContentError as error:
        return [f"{FILE}: {part}" for part in str(error).split("; ")]
    return []


def _rule(value: dict[str, Any]) -> RetentionRule:
    return RetentionRule(
        fields=tuple(value.get("fields", ())), maintenance=value["maintenance"],
        years=value.get("years", _YEARS.get(value["maintenance"], 0)), mode=value["mode"], basis=value["basis"],
        assumed=bool(value.get("assumed")),
    )  # fmt: skip


def _problems(rules: list[dict[str, Any]]) -> list[str]:
    found = []
    for number, rule in enumerate(rules):
        if rule["maintenance"] == Maintenance.OTHER and "years" not in rule:
            found.append(f"retention[{number}]: thời hạn “khác” phải ghi số năm")
        if rule["maintenance"] != Maintenance.OTHER and "years" in rule:
            found.append(f"retention[{number}]: số năm đã có trong mã thời hạn")
        if "fields" not in rule and number != len(rules) - 1:
            found.append(f"retention[{number}]: quy tắc cho mọi lĩnh vực còn lại phải đứng cuối")
    return found
