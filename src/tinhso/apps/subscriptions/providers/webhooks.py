"""Sends one signed event to a system's address. Nothing is followed, nothing of the answer is kept but its status."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import httpx

from tinhso.apps.subscriptions.data import DeliveryFailed
from tinhso.kernel.outbound import trusted

_ANSWER_SECONDS = 8.0
_CONNECT_SECONDS = 4.0
_GONE = 410
MayReach = Callable[[IPv4Address | IPv6Address], bool]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: the address that was looked at is the one that is used, whatever the name says a moment later."""

    url: str
    host: str
    name: str


def resolve(url: str, *, may_reach: MayReach) -> Target:
    """The network address behind a URL.

    Raises:
        DeliveryFailed: the name is not known, or leads to where nothing may be sent.
    """
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise DeliveryFailed(f"Không tìm thấy máy chủ «{name}».") from error
    address = ip_address(found[0][4][0])
    if not may_reach(address):
        raise DeliveryFailed(f"Không gửi đến địa chỉ mạng {address}.")
    place = f"[{address}]" if address.version == 6 else str(address)
    return Target(urlunsplit((parts.scheme, f"{place}:{port}", parts.path or "/", parts.query, "")), parts.netloc, name)


class Webhook:
    """A connection to one address, for a run of events."""

    def __init__(self, url: str, *, may_reach: MayReach) -> None:
        self._target = resolve(url, may_reach=may_reach)
        timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False, verify=trusted())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def send(self, body: bytes, headers: dict[str, str]) -> None:
        """One event; returns when the receiver has answered that it has it (2xx).

        Raises:
            DeliveryFailed: no answer in time, or another one.
        """
        named = {"Host": self._target.host, "User-Agent": "TinhSo-Webhooks/1", **headers}
        extensions = {"sni_hostname": self._target.name}
        try:
            with self._client.stream(
                "POST", self._target.url, content=body, headers=named, extensions=extensions
            ) as answer:
                status = answer.status_code
        except httpx.HTTPError as error:
            raise DeliveryFailed(f"Không nối được hoặc không trả lời kịp ({type(error).__name__}).") from error
        if status == _GONE:
            raise DeliveryFailed("Hệ thống nhận báo không nhận nữa (410).", is_gone=True)
        if not 200 <= status < 300:
            raise DeliveryFailed(f"Hệ thống nhận trả lời {status}.")
