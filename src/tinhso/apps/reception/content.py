"""What the province decides about offline slips: `content/reception/offline.yaml`, with its source or the mark `assumed`."""

import re
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.reception.data import OfflineRules

FILE = Path("reception/offline.yaml")
_LIMIT = re.compile(r"([1-9]\d{0,2}) (calendar_day|clock_hour)")
_RULE_KEYS = {"limit", "document", "article", "assumed"}


class ReceptionContentError(ValueError):
    """The file of offline rules is wrong; the message names every problem."""


def schemas() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for the check."""
    rule = {
        "type": "object",
        "additionalProperties": False,
        "required": ["limit", "document"],
        "properties": {
            "limit": {"type": "string", "pattern": f"^{_LIMIT.pattern}$"},
            "document": {"type": "string", "minLength": 1},
            "article": {"type": "string"},
            "assumed": {"type": "boolean"},
        },
    }
    return {
        "offline-rules.schema.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Phiếu tiếp nhận tạm khi mất mạng",
            "type": "object",
            "additionalProperties": False,
            "required": ["version", "trusted_for"],
            "properties": {"version": {"const": 1}, "trusted_for": rule},
        }
    }


def load(root: Path) -> OfflineRules:
    """The rules.

    Raises:
        ReceptionContentError: with all problems found.
    """
    try:
        value = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ReceptionContentError(f"không đọc được: {error}") from error
    rule = value.get("trusted_for") if isinstance(value, dict) else None
    if not isinstance(rule, dict) or value.get("version") != 1 or value.keys() - {"version", "trusted_for"}:
        raise ReceptionContentError("phải có đúng `version: 1` và nhóm `trusted_for`")
    problems = [f"trusted_for.{key}: không có khóa này" for key in sorted(rule.keys() - _RULE_KEYS)]
    found = _LIMIT.fullmatch(str(rule.get("limit", "")))
    if found is None:
        problems.append("trusted_for.limit: phải như «5 calendar_day» hoặc «48 clock_hour»")
    if not isinstance(rule.get("document"), str) or not rule["document"].strip():
        problems.append("trusted_for.document: thiếu văn bản làm căn cứ")
    if problems or found is None:
        raise ReceptionContentError("; ".join(problems))
    amount = int(found[1])
    trusted = timedelta(days=amount) if found[2] == "calendar_day" else timedelta(hours=amount)
    return OfflineRules(
        trusted_for=trusted, words=f"{amount} {'ngày' if found[2] == 'calendar_day' else 'giờ'}",
        document=rule["document"], article=str(rule.get("article", "")), assumed=bool(rule.get("assumed", False)),
    )  # fmt: skip


def check(root: Path) -> list[str]:
    """What is wrong with the rules; for `tinhso content check`."""
    if not (root / FILE).exists():
        return []
    try:
        load(root)
    except ReceptionContentError as error:
        return [f"{FILE}: {error}"]
    return []


@lru_cache(maxsize=4)
def offline_rules(root: Path) -> OfflineRules:
    """The rules of a content folder, read once a process."""
    return load(root)
