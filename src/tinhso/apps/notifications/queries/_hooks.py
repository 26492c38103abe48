"""Calls from outside: who sent them is proved on the raw bytes before anything in them is read as more than text."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from tinhso.apps.notifications import rules
from tinhso.apps.notifications.data import ChatEvent
from tinhso.apps.notifications.enums import ReportKind
from tinhso.apps.notifications.providers import zalo
from tinhso.lib.jsontext import read_json

LONGEST_CALL = 65_536
_USERS = (("sender", "id"), ("follower", "id"), ("user", "id"))


def read_zalo(raw: bytes, signature: str, *, at: datetime) -> ChatEvent | None:
    """A webhook of Zalo, or None: not for our application, too old, or not signed with our secret.

    The timestamp is that of the body, which the signature covers.
    """
    known = settings.MESSAGING["zalo"]
    said = _mapping(raw)
    stamp = str(said.get("timestamp", ""))
    if not zalo.is_open() or str(said.get("app_id")) != known["app_id"] or not rules.is_fresh(stamp, at=at):
        return None
    wanted = rules.mac_of(raw, app_id=known["app_id"], timestamp=stamp, secret=known["hook_secret"])
    if not rules.same_mac(signature, wanted):
        return None
    name = str(said.get("event_name", ""))
    user = next((str(found) for part, key in _USERS if (found := _part(said, part).get(key))), "")
    message = _part(said, "message")
    number = str(message.get("msg_id") or f"{name}:{user}:{stamp}")
    words = str(message.get("text") or "").replace("\x00", "")[:2_000]
    told, tracking = str(message.get("msg_id") or "")[:100], str(message.get("tracking_id") or "")[:100]
    return ChatEvent(name, user[:40], number[:100], words, told, tracking)


def read_report(gateway: str, raw: bytes, signature: str) -> tuple[str, ReportKind] | None:
    """(our key, what became of it) of a gateway's delivery report; None: not signed with that gateway's secret."""
    known = settings.MESSAGING["sms"].get(gateway)
    if (
        known is None
        or not known["url"]
        or not rules.same_mac(signature, rules.report_mac(raw, secret=known["secret"]))
    ):
        return None
    said = _mapping(raw)
    try:
        return str(UUID(str(said.get("request_id")))), ReportKind(str(said.get("status")))
    except ValueError:
        return None


def _mapping(raw: bytes) -> dict[str, Any]:
    try:
        said = read_json(raw)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}
