"""`content/mail/mail.yaml`: domains, how addresses are made, shared boxes, lists, terms."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.directory.enums import PostRank
from tinhso.apps.mailboxes.data import ListRule, MailRules, SharedRule
from tinhso.apps.mailboxes.enums import SenderRule
from tinhso.lib.schemas import breaches

FILE = Path("mail/mail.yaml")
_RANKS = {rank.name.lower(): rank for rank in PostRank}
_OF = ("agency", "division", "province")
_WORDS = {"type": "string", "minLength": 1}
_KEYS = {"type": "array", "items": {"type": "string", "pattern": "^[a-z_]{2,60}$"}, "uniqueItems": True}
_DAYS = {"type": "integer", "minimum": 0, "maximum": 36_500}
_MEGABYTES = {"type": "integer", "minimum": 10, "maximum": 1_000_000}
_DOMAIN = {"type": "string", "pattern": r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"}
_PATTERN = {"type": "string", "maxLength": 60, "pattern": r"^([a-z0-9.-]|\{(given|family|initials|full|unit|n)\})+$"}
_KEY = {"type": "string", "pattern": "^[a-z_]{2,40}$"}


class MailContentError(ValueError):
    """The file is wrong; the message names every problem."""


def _object(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def schemas() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for the check."""
    shared = {
        "key": _KEY, "name": _WORDS, "address": _PATTERN, "posts": _KEYS, "roles": _KEYS, "quota_mb": _MEGABYTES,
    }  # fmt: skip
    lists = {
        "key": _KEY, "name": _WORDS, "address": _PATTERN, "posts": _KEYS, "roles": _KEYS,
        "of": {"type": "array", "items": {"enum": list(_OF)}, "minItems": 1, "uniqueItems": True},
        "ranks": {"type": "array", "items": {"enum": list(_RANKS)}, "uniqueItems": True},
        "senders": {"enum": SenderRule.values},
    }  # fmt: skip
    closed = {"forward_days": _DAYS, "keep_days": _DAYS, "reserve_days": _DAYS}
    domains = {"type": "array", "items": _DOMAIN, "minItems": 1, "uniqueItems": True}
    properties = {
        "version": {"const": 1}, "assumed": {"type": "boolean"}, "domains": domains, "person": _PATTERN,
        "units": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[a-z0-9]{1,30}$"}},
        "reserved": {"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9.-]+$"}},
        "operators": {"type": "array", "items": {"type": "string", "format": "email"}},
        "shared": {"type": "array", "items": _object(["key", "name", "address", "quota_mb"], shared)},
        "lists": {"type": "array", "items": _object(["key", "name", "address", "of", "senders"], lists)},
        "quota_mb": _MEGABYTES, "alias_days": _DAYS, "closed": _object(list(closed), closed),
        "official_domains": {**domains, "minItems": 0},
        "app_passwords": {"type": "integer", "minimum": 1, "maximum": 50}, "basis": {"type": "array", "items": _WORDS},
    }  # fmt: skip
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Thư điện tử công vụ"}
    required = [key for key in properties if key not in {"assumed", "operators", "basis"}]
    return {"mail.schema.json": head | _object(required, properties)}


@lru_cache(maxsize=4)
def load(root: Path) -> MailRules:
    """The rules; read once a process.

    Raises:
        MailContentError: with all problems found.
    """
    try:
        value = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise MailContentError(f"không đọc được: {error}") from error
    problems = breaches(schemas()["mail.schema.json"], value) or _problems(value)
    if problems:
        raise MailContentError("; ".join(problems))
    return MailRules(
        domains=tuple(value["domains"]), person=value["person"], units=dict(value["units"]),
        reserved=frozenset(value["reserved"]), operators=tuple(value.get("operators") or ()),
        shared=tuple(_shared(one) for one in value["shared"]), lists=tuple(_list(one) for one in value["lists"]),
        quota_mb=value["quota_mb"], alias_days=value["alias_days"], forward_days=value["closed"]["forward_days"],
        keep_days=value["closed"]["keep_days"], reserve_days=value["closed"]["reserve_days"],
        official_domains=tuple(value["official_domains"]), app_passwords=value["app_passwords"],
    )  # fmt: skip


def check(root: Path) -> list[str]:
    """What is wrong with the file, as sentences."""
    if not (root / FILE).exists():
        return []
    try:
        load(root)
    except MailContentError as error:
        return [f"{FILE}: {part}" for part in str(error).split("; ")]
    return []


def _problems(value: dict[str, Any]) -> list[str]:
    keyed = [*value["shared"], *value["lists"]]
    found = []
    if len({one["key"] for one in keyed}) != len(keyed):
        found.append("shared, lists: hai mục cùng khóa")
    found += [
        f"{one['key']}: cần nêu posts hoặc roles" for one in value["shared"] if not one.keys() & {"posts", "roles"}
    ]
    patterns = [("person", value["person"]), *((one["key"], one["address"]) for one in keyed)]
    found += [
        f"{key}: mẫu địa chỉ cần có {{n}} để phân biệt người trùng" for key, text in patterns if "{n}" not in text
    ]
    found += [
        f"{one['key']}: mẫu địa chỉ của đơn vị không có {mark}"
        for one in keyed
        for mark in re.findall(r"\{(?:given|family|initials|full)\}", one["address"])
    ]
    if value["closed"]["forward_days"] > value["closed"]["keep_days"]:
        found.append("closed: thời gian chuyển tiếp dài hơn thời gian giữ thư")
    return found


def _shared(value: dict[str, Any]) -> SharedRule:
    return SharedRule(
        value["key"], value["name"], value["address"], frozenset(value.get("posts", ())), frozenset(value.get("roles", ())),
        value["quota_mb"],
    )  # fmt: skip


def _list(value: dict[str, Any]) -> ListRule:
    agencies, divisions, province = (kind in value["of"] for kind in _OF)
    return ListRule(
        value["key"], value["name"], value["address"], agencies, divisions, province, frozenset(value.get("posts", ())),
        frozenset(_RANKS[rank] for rank in value.get("ranks", ())), frozenset(value.get("roles", ())),
        SenderRule(value["senders"]),
    )  # fmt: skip
