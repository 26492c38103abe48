"""Templates and settings of messages: `content/messages/settings.yaml` and `content/messages/templates/<kind>.yaml`.

What a template may name depends on where its words go. A short message, a push and the chat pass through others' hands and
show on locked screens: they name the case, a day, the unit and the address of the page, and nothing else.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tinhso.apps.notifications.data import (
    GatewaySettings,
    Messages,
    MessageSettings,
    MessageTemplate,
    Wording,
    ZnsParameter,
)
from tinhso.apps.notifications.enums import Channel, NoticeKind, Topic
from tinhso.lib import sms
from tinhso.lib.schemas import breaches
from tinhso.lib.wording import WordingError, fill, places
from tinhso.lib.yamltext import load_yaml

FOLDER = Path("messages")
# Nothing personal: public on /tra-cuu, or on the wall of the office.
IMPERSONAL = frozenset({"code", "date", "unit", "link"})
ALLOWED: Mapping[str, frozenset[str]] = {
    "sms": IMPERSONAL,
    "zalo": IMPERSONAL,
    "zns": IMPERSONAL,
    "push": IMPERSONAL,
    "email": IMPERSONAL | {"words", "kind"},
}
# Longest value of each type of parameter a registered ZNS template may have.
ZNS_TYPES = {"text": 30, "code": 30, "date": 20, "status": 30, "link": 200, "number": 20}
ZNS_LONGEST = 400
PUSH_LONGEST = 180
SAMPLE = {
    "code": "H48.12-261008-0007", "date": "17:00 ngày 08/10/2026", "unit": "UBND phường Cẩm Thành",
    "link": "https://dichvucong.example.vn/tra-cuu?ma=H48.12-261008-0007", "kind": "Có kết quả",
    "words": "Cấp giấy phép xây dựng nhà ở riêng lẻ: Đã có kết quả, mời nhận.",
}  # fmt: skip
_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 1}
_MONEY = {"type": "integer", "minimum": 0}
_PER_CHANNEL = {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(Channel.values, _COUNT)}
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class MessagesError(ValueError):
    """The files of messages are wrong; the message names every problem, one a line."""


def schemas() -> dict[str, Any]:
    """JSON Schema of both kinds of files, for editors and for the check."""
    titled = {
        "type": "object", "additionalProperties": False, "required": ["title", "text"],
        "properties": {"title": _TEXT, "text": _TEXT},
    }  # fmt: skip
    zns = {
        "type": "object", "additionalProperties": False, "required": ["template_id", "text", "parameters"],
        "properties": {
            "template_id": {"type": "string", "pattern": r"^\d{4,12}$"}, "text": _TEXT,
            "parameters": {
                "type": "object", "additionalProperties": {
                    "type": "object", "additionalProperties": False, "required": ["value", "type"],
                    "properties": {"value": _TEXT, "type": {"enum": sorted(ZNS_TYPES)}},
                },
            },
        },
    }  # fmt: skip
    template = {
        "$schema": _DRAFT, "title": "Mẫu tin của một loại thông báo", "type": "object", "additionalProperties": False,
        "required": ["kind", "topic", "lives_hours", "channels"],
        "properties": {
            "kind": {"enum": NoticeKind.values}, "topic": {"enum": Topic.values}, "urgent": {"type": "boolean"},
            "optional": {"type": "boolean"}, "lives_hours": _COUNT, "basis": _TEXT,
            "channels": {
                "type": "object", "additionalProperties": False,
                "properties": {"email": titled, "push": titled, "sms": _TEXT, "zalo": _TEXT, "zns": zns},
            },
        },
    }  # fmt: skip
    return {"message-template.schema.json": template, "message-settings.schema.json": _settings_schema()}


def _settings_schema() -> dict[str, Any]:
    hour = {"type": "integer", "minimum": 0, "maximum": 24}
    gateway = {
        "type": "object", "additionalProperties": False, "required": ["key", "name", "price_vnd"],
        "properties": {"key": {"type": "string", "pattern": "^[a-z]$"}, "name": _TEXT, "price_vnd": _MONEY},
    }  # fmt: skip
    properties = {
        "version": {"const": 1}, "order": {"type": "array", "items": {"enum": Channel.values}, "uniqueItems": True},
        "sms": {
            "type": "object", "additionalProperties": False, "required": ["brand", "plain", "most_segments", "gateways"],
            "properties": {
                "brand": {"type": "string", "minLength": 1, "maxLength": 11}, "plain": {"type": "boolean"},
                "most_segments": _COUNT, "gateways": {"type": "array", "minItems": 1, "items": gateway},
            },
        },
        "zalo": {
            "type": "object", "additionalProperties": False, "required": ["window_hours", "zns_price_vnd"],
            "properties": {"window_hours": _COUNT, "zns_price_vnd": _MONEY},
        },
        "quiet": {
            "type": "object", "additionalProperties": False, "required": ["from", "to", "channels"],
            "properties": {
                "from": hour, "to": hour,
                "channels": {"type": "array", "items": {"enum": Channel.values}, "uniqueItems": True},
            },
        },
        "limits": {
            "type": "object", "additionalProperties": False,
            "required": ["recipient_day", "unit_day", "province_day", "dedupe_minutes", "tries", "codes_per_hour"],
            "properties": {
                "recipient_day": _PER_CHANNEL, "unit_day": _PER_CHANNEL, "province_day": _PER_CHANNEL,
                "dedupe_minutes": _COUNT, "tries": _COUNT, "codes_per_hour": _COUNT,
            },
        },
        "kept": {
            "type": "object", "additionalProperties": False, "required": ["chat_days", "notice_days"],
            "properties": {"chat_days": _COUNT, "notice_days": _COUNT},
        },
        "assumed": {"type": "boolean"},
    }  # fmt: skip
    return {
        "$schema": _DRAFT, "title": "Cài đặt tin nhắn", "type": "object", "additionalProperties": False,
        "required": ["version", "order", "sms", "zalo", "quiet", "limits", "kept"], "properties": properties,
    }  # fmt: skip


@lru_cache(maxsize=4)
def load_messages(root: Path) -> Messages:
    """Settings and templates.

    Raises:
        MessagesError: with every problem found.
    """
    problems: list[str] = []
    value = _read(root / FOLDER / "settings.yaml", "message-settings.schema.json", problems)
    templates = []
    for file in sorted((root / FOLDER / "templates").glob("*.yaml")):
        found = _read(file, "message-template.schema.json", problems)
        if found:
            if found["kind"] != file.stem:
                problems.append(f"{file.name}: tên tệp phải là {found['kind']}.yaml")
            templates.append(_template(found))
    if not problems:
        settings = _settings(value)
        problems += [
            f"thiếu mẫu tin cho {kind}" for kind in NoticeKind.values if kind not in {t.kind for t in templates}
        ]
        problems += [problem for template in templates for problem in _wrong(template, settings)]
    if problems:
        raise MessagesError("\n".join(problems))
    return Messages(settings, {template.kind: template for template in templates})


def check(root: Path) -> list[str]:
    """Every problem of the files as sentences; for `tinhso content check`."""
    if not (root / FOLDER).exists():
        return []
    try:
        load_messages(root)
    except MessagesError as error:
        return [f"{FOLDER}/{line}" for line in str(error).splitlines()]
    return []


def _wrong(template: MessageTemplate, settings: MessageSettings) -> Iterator[str]:
    """What is wrong with one kind's templates: a name that is not allowed, a message that is too long."""
    for channel, wording in template.wordings.items():
        place = f"templates/{template.kind}.yaml: {channel}"
        texts = [wording.title, wording.text, *(one.value for one in wording.parameters)]
        try:
            named = {name for text in texts for name in places(text)} - {one.name for one in wording.parameters}
        except WordingError as error:
            yield f"{place}: {error}"
            continue
        if named - ALLOWED[channel]:
            yield f"{place}: không được nêu {', '.join(sorted(named - ALLOWED[channel]))}"
            continue
        if channel == "zns":
            yield from _wrong_zns(place, wording)
            continue
        said = fill(wording.text, SAMPLE)
        if channel == "sms":
            said = sms.without_marks(said) if settings.sms_plain else said
            if (length := sms.measure(said)).segments > settings.sms_most_segments:
                yield f"{place}: dài {length.segments} tin ({length.units} ký tự), nhiều nhất {settings.sms_most_segments}"
        if channel == "push" and len(said) > PUSH_LONGEST:
            yield f"{place}: dài {len(said)} ký tự, nhiều nhất {PUSH_LONGEST}"


def _wrong_zns(place: str, wording: Wording) -> Iterator[str]:
    values = {one.name: fill(one.value, SAMPLE) for one in wording.parameters}
    for one in wording.parameters:
        if len(values[one.name]) > ZNS_TYPES[one.type]:
            yield f"{place}: {one.name} dài {len(values[one.name])} ký tự, kiểu {one.type} nhiều nhất {ZNS_TYPES[one.type]}"
    unknown = set(places(wording.text)) - values.keys()
    if unknown:
        yield f"{place}: mẫu nêu {', '.join(sorted(unknown))} mà không có tham số"
    elif len(fill(wording.text, values)) > ZNS_LONGEST:
        yield f"{place}: dài {len(fill(wording.text, values))} ký tự, nhiều nhất {ZNS_LONGEST}"


def _template(value: dict[str, Any]) -> MessageTemplate:
    return MessageTemplate(
        kind=NoticeKind(value["kind"]), topic=Topic(value["topic"]), urgent=bool(value.get("urgent")),
        optional=bool(value.get("optional")), lives_hours=value["lives_hours"], basis=value.get("basis", ""),
        wordings={channel: _wording(said) for channel, said in value["channels"].items()},
    )  # fmt: skip


def _wording(value: str | dict[str, Any]) -> Wording:
    if isinstance(value, str):
        return Wording(text=value.strip())
    parameters = value.get("parameters", {}).items()
    return Wording(
        text=value["text"].strip(), title=value.get("title", ""), template_id=value.get("template_id", ""),
        parameters=tuple(ZnsParameter(name, one["value"], one["type"]) for name, one in parameters),
    )  # fmt: skip


def _settings(value: dict[str, Any]) -> MessageSettings:
    short, limits, quiet = value["sms"], value["limits"], value["quiet"]
    return MessageSettings(
        order=tuple(Channel(one) for one in value["order"]),
        gateways=tuple(GatewaySettings(**one) for one in short["gateways"]), brand=short["brand"], sms_plain=short["plain"],
        sms_most_segments=short["most_segments"], zns_price_vnd=value["zalo"]["zns_price_vnd"],
        chat_window_hours=value["zalo"]["window_hours"], quiet_from=quiet["from"] * 60, quiet_to=quiet["to"] * 60,
        quiet_channels=frozenset(Channel(one) for one in quiet["channels"]), per_recipient_day=limits["recipient_day"],
        per_unit_day=limits["unit_day"], per_province_day=limits["province_day"], dedupe_minutes=limits["dedupe_minutes"],
        most_tries=limits["tries"], codes_per_hour=limits["codes_per_hour"],
        chat_days=value["kept"]["chat_days"], notice_days=value["kept"]["notice_days"],
    )  # fmt: skip


def _read(file: Path, schema: str, problems: list[str]) -> dict[str, Any]:
    if not file.exists():
        problems.append(f"{file.name}: không có tệp này")
        return {}
    value = load_yaml(file.read_text(encoding="utf-8"))
    found = [f"{file.name}: {breach[:300]}" for breach in breaches(schemas()[schema], value)]
    problems.extend(found)
    return {} if found else value
