"""Calling a service through our own gateway, as any X-Road client does (PR-REST 1.0).

What carries `X-Road-Error` is the exchange's own refusal; any other status is the provider's word. A call is tried a
second time only when nothing had been sent, or when asking twice is as good as once.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

import httpx

from tinhso.apps.exchange.data import RoadClosed
from tinhso.kernel.outbound import trusted

_MOST = 1_048_576
_CONNECT_SECONDS = 2.0
# Refusals after which a second try can help: the provider was not reached, or nobody had time.
_PASSING = frozenset(
    {
        "Server.ClientProxy.Overloaded",
        "Server.ServerProxy.NetworkError",
        "Server.ServerProxy.ServiceFailed.Busy",
    }
)


@dataclass(frozen=True, slots=True)
class RoadCall:
    """One call: what is asked of whom, by whom, for which case; `seconds` for all tries together."""

    service: str
    method: str
    path: str
    client: str
    user_id: str
    issue: str
    message_id: str
    body: bytes
    media_type: str
    accept: str
    seconds: float
    repeatable: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


@dataclass(frozen=True, slots=True)
class RoadAnswer:
    """What the provider said, whatever its status, and the ids under which the exchange logged it."""

    status: int
    content: bytes
    request_id: str
    request_hash: str
    tries: int
    media_type: str = ""


def call(base_url: str, given: RoadCall) -> RoadAnswer:
    """Ask. The message's id stays the same over the tries, so that the log shows them as one.

    Raises:
        RoadClosed: the gateway is not reached, refuses, does not answer in time, or answers something else.
    """
    until = time.monotonic() + given.seconds
    for tries in (1, 2):
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            return _once(base_url, given, seconds=left, tries=tries)
        except httpx.ConnectError as error:
            if tries == 2:
                raise RoadClosed("Client.GatewayUnreachable") from error
        except httpx.TimeoutException as error:
            raise RoadClosed("Client.Timeout") from error
        except httpx.HTTPError as error:
            if tries == 2 or not given.repeatable:
                raise RoadClosed("Client.BrokenOff") from error
        except RoadClosed as refusal:
            if tries == 2 or not given.repeatable or refusal.kind not in _PASSING:
                raise
    raise RoadClosed("Client.Timeout")


def _once(base_url: str, given: RoadCall, *, seconds: float, tries: int) -> RoadAnswer:
    headers = dict(given.headers) | {
        "X-Road-Client": given.client, "X-Road-Id": given.message_id, "X-Road-UserId": given.user_id,
        "X-Road-Issue": given.issue, "Content-Type": given.media_type, "Accept": given.accept,
    }  # fmt: skip
    address = f"{base_url}/r1/{given.service}{quote(given.path, safe='/')}{f'?{given.query}' if given.query else ''}"
    timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
    until = time.monotonic() + seconds
    with _client().stream(given.method, address, headers=headers, content=given.body, timeout=timeout) as answer:
        content = b""
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > _MOST:
                raise RoadClosed("Client.AnswerTooLarge")
            if time.monotonic() > until:
                raise RoadClosed("Client.Timeout")
    kind = answer.headers.get("x-road-error", "")
    if kind:
        raise RoadClosed(kind, content[:500].decode("utf-8", "replace"))
    if answer.headers.get("x-road-id") != given.message_id or answer.headers.get("x-road-service") != given.service:
        raise RoadClosed("Client.NotTheExchange")
    return RoadAnswer(
        answer.status_code, content, answer.headers.get("x-road-request-id", ""),
        answer.headers.get("x-road-request-hash", ""), tries, answer.headers.get("content-type", ""),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    """One for the process: making it reads every authority the world knows. Never through a proxy, for the gateway knows
    us by where we come from; and a fresh connection each time, for a kept one may have died unseen."""
    return httpx.Client(
        trust_env=False, follow_redirects=False, limits=httpx.Limits(max_keepalive_connections=0), verify=trusted()
    )
