"""What the simulated gateways, Zalo and push service remember; in memory."""

import base64
import hashlib
import hmac
import itertools
import json
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from threading import Lock
from typing import Any

SECRET = "demo-secret-not-for-production"  # noqa: S105 - fictional people only
APP_ID = "1000000000000000001"
OA_ID = "3000000000000000001"
WINDOW_SECONDS = 48 * 3600
TOKEN_SECONDS = 25 * 3600


class Behaviour(StrEnum):
    """How a service behaves."""

    WELL = "well"
    SLOW = "slow"
    DOWN = "down"
    WRONG = "wrong"  # takes the message, then answers with an error
    REFUSING = "refusing"
    MUTE = "mute"  # takes messages and reports nothing


SERVICES = {"sms-a": "Cổng tin nhắn A", "sms-b": "Cổng tin nhắn B", "zalo": "Zalo", "push": "Dịch vụ đẩy"}


@dataclass
class Sms:
    """One short message at a gateway."""

    gateway: str
    request_id: str
    message_id: str
    phone: str
    brand: str
    text: str
    at: datetime
    report: str = ""


@dataclass
class Chat:
    """One line of a conversation."""

    from_person: bool
    text: str
    at: datetime
    kind: str = "chat"


@dataclass
class State:
    """Everything, with one lock."""

    app_url: str = ""
    behaviour: dict[str, Behaviour] = field(default_factory=lambda: dict.fromkeys(SERVICES, Behaviour.WELL))
    sms: dict[tuple[str, str], Sms] = field(default_factory=dict)
    chats: dict[str, list[Chat]] = field(default_factory=lambda: defaultdict(list))
    last_from: dict[str, datetime] = field(default_factory=dict)
    zns: dict[str, dict[str, Any]] = field(default_factory=dict)
    pushed: list[dict[str, Any]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    renewals: int = 0
    revoked: set[str] = field(default_factory=set)
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    lock: Lock = field(default_factory=Lock)

    def take_sms(self, gateway: str, body: dict[str, Any]) -> tuple[Sms, bool]:
        """A message taken in, and whether it is new: the same request is the same message."""
        with self.lock:
            key = (gateway, str(body["request_id"]))
            if key in self.sms:
                return self.sms[key], False
            number = f"{gateway}-{next(self.numbers):06d}"
            held = Sms(gateway, key[1], number, str(body["phone"]), str(body["brand"]), str(body["text"]), now())
            self.sms[key] = held
            return held, True

    def issue(self, kind: str) -> str:
        """A token only we could have made; it stays good when the simulator is started again."""
        body = base64.urlsafe_b64encode(
            json.dumps({"k": kind, "n": secrets.token_hex(8), "t": now().timestamp()}).encode()
        ).decode()
        return f"{body}.{_sign(body)}"

    def knows(self, token: str, kind: str) -> bool:
        """Whether a token is one of ours, of this kind, and neither old nor revoked."""
        body, _, mac = token.rpartition(".")
        if not body or not hmac.compare_digest(mac, _sign(body)) or token in self.revoked:
            return False
        said = json.loads(base64.urlsafe_b64decode(body))
        return said["k"] == kind and (kind == "refresh" or now().timestamp() - said["t"] < TOKEN_SECONDS)

    def renew(self, refresh: str) -> tuple[str, str] | None:
        """A new pair for a refresh token, which works once; the words of the demonstration's first right work always."""
        with self.lock:
            if refresh != FIRST_REFRESH and (refresh in self.used or not self.knows(refresh, "refresh")):
                return None
            self.used.add(refresh)
            self.renewals += 1
            return self.issue("access"), self.issue("refresh")

    def say(self, user: str, text: str, *, kind: str = "chat") -> str:
        """The official account writes to a person."""
        with self.lock:
            self.chats[user].append(Chat(False, text, now(), kind))
            return f"oa-{next(self.numbers):06d}"

    def hear(self, user: str, text: str) -> str:
        """A person writes to the official account; returns the message's number."""
        with self.lock:
            self.chats[user].append(Chat(True, text, now()))
            self.last_from[user] = now()
            return f"msg-{secrets.token_hex(6)}"

    def is_open(self, user: str) -> bool:
        """Whether the person has written within the window."""
        last = self.last_from.get(user)
        return last is not None and (now() - last).total_seconds() < WINDOW_SECONDS


FIRST_REFRESH = "demo-first-refresh"


def now() -> datetime:
    """The simulator's own clock."""
    return datetime.now(UTC)  # noqa: TID251 - a system of its own


def hook(
    user: str, text: str, number: str, *, event: str = "user_send_text", at: datetime | None = None
) -> tuple[bytes, str]:
    """A webhook's raw body and its signature header."""
    stamp = str(int((at or now()).timestamp() * 1000))
    body: dict[str, Any] = {"app_id": APP_ID, "event_name": event, "recipient": {"id": OA_ID}, "timestamp": stamp}
    if event in {"follow", "unfollow"}:
        body |= {"oa_id": OA_ID, "follower": {"id": user}}
    else:
        body |= {"sender": {"id": user}, "message": {"text": text, "msg_id": number}}
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    mac = hashlib.sha256(APP_ID.encode() + raw + stamp.encode() + SECRET.encode()).hexdigest()
    return raw, f"mac={mac}"


def receipt_hook(number: str, tracking: str = "", *, to: str = "", at: datetime | None = None) -> tuple[bytes, str]:
    """The webhook that tells that a message of the official account, or a ZNS, has reached the handset; and its signature."""
    stamp = str(int((at or now()).timestamp() * 1000))
    message = {"msg_id": number, "delivery_time": stamp} | ({"tracking_id": tracking} if tracking else {})
    body = {
        "app_id": APP_ID, "event_name": "user_received_message", "timestamp": stamp, "sender": {"id": OA_ID},
        "recipient": {"id": to}, "message": message,
    }  # fmt: skip
    raw = json.dumps(body, separators=(",", ":")).encode()
    mac = hashlib.sha256(APP_ID.encode() + raw + stamp.encode() + SECRET.encode()).hexdigest()
    return raw, f"mac={mac}"


def _sign(body: str) -> str:
    return hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()
