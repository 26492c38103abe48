"""How an event looks on the wire, how it is signed, how long to wait before the next try."""

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from tinhso.apps.subscriptions.data import FeedItem

# A receiver that has taken nothing for so long is paused, and somebody is told.
DEAD_AFTER = timedelta(days=3)
_FIRST_WAIT_S = 30
_LONGEST_WAIT_S = 3_600


def body_of(item: FeedItem) -> bytes:
    """The JSON that is sent and signed: the same bytes at every try and every replay."""
    told = {
        "id": item.id, "position": item.position, "type": item.type,
        "timestamp": item.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "subject": item.subject, "procedure": item.procedure, "data": item.data,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed_headers(item: FeedItem, body: bytes, *, at: datetime, sign: Callable[[bytes], bytes]) -> dict[str, str]:
    """Headers of one try (Standard Webhooks): id, time of this try, Ed25519 over `id.timestamp.body` as `v1a`."""
    stamp = str(int(at.timestamp()))
    signature = base64.b64encode(sign(f"{item.id}.{stamp}.".encode() + body)).decode()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": item.id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,{signature}",
    }


def wait_after(failures: int, *, spread: int) -> timedelta:
    """How long to wait after so many failures in a row: 30 s doubling up to an hour, a little apart for each receiver."""
    seconds = min(_FIRST_WAIT_S * 2 ** min(failures - 1, 12), _LONGEST_WAIT_S)
    return timedelta(seconds=seconds + seconds * (spread % 10) // 40)


def problem_of_url(url: str, *, plain_allowed: bool) -> str:
    """Why an address cannot take events; empty when it can. `plain_allowed`: HTTP without TLS is fine (demo, tests)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "Tên máy chủ hoặc cổng của địa chỉ không hợp lệ."
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        return "Địa chỉ phải bắt đầu bằng https:// và có tên máy chủ."
    if parts.scheme == "http" and not plain_allowed:
        return "Địa chỉ phải dùng https."
    if parts.username or parts.password or parts.fragment:
        return "Địa chỉ không được chứa tên đăng nhập, mật khẩu hay phần #."
    return ""


def is_reachable_address(address: IPv4Address | IPv6Address, *, inside_allowed: bool) -> bool:
    """Whether events may go to this network address: never to this machine itself or to what only a machine has.

    Private networks are allowed: agencies meet on the state's dedicated network.
    """
    if address.is_multicast or address.is_unspecified or address.is_reserved:
        return False
    return inside_allowed or not (address.is_loopback or address.is_link_local)


def is_subject(prefix: str) -> bool:
    """Whether a text can begin the subjects of a stream: `tinhso.events`."""
    return re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", prefix) is not None
