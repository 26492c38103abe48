"""Time limits of petitions: `content/petitions/limits.yaml`, dated, each with its source or the mark that it is assumed."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.petitions.data import LimitRule, PetitionLimits, SendingRules
from tinhso.lib.worktime import Limit, LimitError
from tinhso.lib.yamltext import load_yaml

FILE = Path("petitions/limits.yaml")
_RULES = ("refuse", "ask", "answer", "publish", "wait")
_SENDING = ("account_a_day", "network_a_day", "contact_a_day", "most_files")

_COUNT = {"type": "integer", "minimum": 1}
_RULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["limit", "document"],
    "properties": {
        "limit": {"type": "string", "pattern": r"^(\d+ (working_day|calendar_day|working_hour)|same_day)$"},
        "document": {"type": "string", "minLength": 1},
        "article": {"type": "string"},
        "assumed": {"type": "boolean"},
    },
}


class PetitionContentError(ValueError):
    """The file of limits is wrong; the message names every problem."""


def schemas() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for the check."""
    return {
        "petition-limits.schema.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Thời hạn xử lý phản ánh, kiến nghị",
            "type": "object",
            "additionalProperties": False,
            "required": ["version", "limits", "sending"],
            "properties": {
                "version": {"const": 1},
                "limits": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["effective_from", *_RULES, "most_forwards"],
                        "properties": {
                            "effective_from": {"type": "string", "format": "date"},
                            **dict.fromkeys(_RULES, _RULE),
                            "most_forwards": _COUNT,
                        },
                    },
                },
                "sending": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": [*_SENDING],
                    "properties": {**dict.fromkeys(_SENDING, _COUNT), "assumed": {"type": "boolean"}},
                },
            },
        }
    }


def load(root: Path) -> tuple[tuple[PetitionLimits, ...], SendingRules]:
    """The limits, the earliest first, and the rules of sending.

    Raises:
        PetitionContentError: with all problems found.
    """
    try:
        value = load_yaml((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PetitionContentError(f"không đọc được: {error}") from error
    problems = _misshapen(value)
    if problems:
        raise PetitionContentError("; ".join(problems))
    limits: list[PetitionLimits] = []
    for item in value["limits"]:
        try:
            limits.append(_read(item))
        except LimitError as error:
            problems.append(str(error))
    limits.sort(key=lambda entry: entry.effective_from)
    if len({entry.effective_from for entry in limits}) != len(limits):
        problems.append("hai khối cùng ngày hiệu lực")
    if problems:
        raise PetitionContentError("; ".join(problems))
    return tuple(limits), SendingRules(**{name: value["sending"][name] for name in _SENDING})


def check(root: Path) -> list[str]:
    """What is wrong with the limits; for `tinhso content check`."""
    if not (root / FILE).exists():
        return []
    try:
        load(root)
    except PetitionContentError as error:
        return [f"{FILE}: {error}"]
    return []


def limits_on(root: Path, day: date) -> PetitionLimits:
    """The limits for what is sent on a day; before the first entry, the first."""
    limits, _ = _loaded(root)
    held = [entry for entry in limits if entry.effective_from <= day]
    return held[-1] if held else limits[0]


def sending_rules(root: Path) -> SendingRules:
    """How much may be sent."""
    return _loaded(root)[1]


@lru_cache(maxsize=4)
def _loaded(root: Path) -> tuple[tuple[PetitionLimits, ...], SendingRules]:
    return load(root)


def _misshapen(value: Any) -> list[str]:
    """Where the value does not fit, by hand: the product carries no schema validator."""
    if not isinstance(value, dict) or value.get("version") != 1:
        return ["phải là một nhóm khóa có `version: 1`"]
    problems = _keys(value, {"version", "limits", "sending"}, "")
    limits = value.get("limits")
    if not isinstance(limits, list) or not limits:
        problems.append("limits: phải có ít nhất một khối")
        limits = []
    for number, item in enumerate(limits, 1):
        where = f"limits[{number}]"
        problems += _keys(item, {"effective_from", *_RULES, "most_forwards"}, where)
        if not isinstance(item, dict):
            continue
        if not isinstance(item.get("effective_from"), date):
            problems.append(f"{where}.effective_from: phải là một ngày")
        problems += _counts(item, ("most_forwards",), where)
        for key in _RULES:
            problems += _rule(item.get(key), f"{where}.{key}")
    sending = value.get("sending")
    problems += _keys(sending, {*_SENDING}, "sending", optional={"assumed"})
    return problems + (_counts(sending, _SENDING, "sending") if isinstance(sending, dict) else [])


def _rule(value: Any, where: str) -> list[str]:
    problems = _keys(value, {"limit", "document"}, where, optional={"article", "assumed"})
    if not isinstance(value, dict):
        return problems
    return problems + [
        f"{where}.{key}: phải là chữ" for key in ("limit", "document") if not isinstance(value.get(key), str)
    ]


def _keys(value: Any, expected: set[str], where: str, *, optional: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    if not isinstance(value, dict):
        return [f"{where}: phải là một nhóm khóa"]
    prefix = f"{where}." if where else ""
    missing = [f"{prefix}{key}: thiếu" for key in sorted(expected - value.keys())]
    return missing + [f"{prefix}{key}: không có khóa này" for key in sorted(value.keys() - expected - optional)]


def _counts(value: dict[str, Any], keys: tuple[str, ...], where: str) -> list[str]:
    wrong = [key for key in keys if type(value.get(key)) is not int or value[key] < 1]
    return [f"{where}.{key}: phải là số nguyên từ 1" for key in wrong]


def _read(item: dict[str, Any]) -> PetitionLimits:
    rules = {
        key: LimitRule(
            limit=Limit.parse(item[key]["limit"]), document=item[key]["document"], article=item[key].get("article", ""),
            assumed=bool(item[key].get("assumed", False)),
        )
        for key in _RULES
    }  # fmt: skip
    return PetitionLimits(effective_from=item["effective_from"], most_forwards=item["most_forwards"], **rules)
