"""Gateways of short messages: one JSON call, the same `request_id` sent again is the same message there.

A gateway that surely did not take the message (no connection, 429, 503) is left for the next one at once. Where it may have
taken it (time ran out, a server's error) the same gateway is asked again with the same number, and only after some tries the
next: otherwise one person would get two messages.
"""

from collections.abc import Sequence

import httpx
from django.conf import settings

from tinhso.apps.notifications.data import GatewaySettings, Outcome, Outgoing
from tinhso.kernel.outbound import trusted
from tinhso.lib import sms

_SECONDS = httpx.Timeout(10.0, connect=3.0)
_LOYAL_TRIES = 3
_REFUSED = (400, 404, 422)


def is_open() -> bool:
    """Whether any gateway is set up."""
    return any(one["url"] for one in settings.MESSAGING["sms"].values())


def send(message: Outgoing, *, gateways: Sequence[GatewaySettings], brand: str) -> Outcome:
    """Send one message by the first gateway that takes it."""
    usable = [one for one in gateways if settings.MESSAGING["sms"].get(one.key, {}).get("url")]
    if not usable:
        return Outcome(taken=False, error="chưa khai báo cổng tin nhắn", final=True)
    error = ""
    for gateway in _ordered(usable, message):
        outcome = _try(message, gateway, brand)
        if outcome is None:
            error = f"{gateway.name} không nhận kết nối"
            continue
        return outcome
    return Outcome(taken=False, error=error)


def _ordered(usable: Sequence[GatewaySettings], message: Outgoing) -> list[GatewaySettings]:
    """The one that may have the message first, until it has been asked often enough."""
    known = next((one for one in usable if one.key == message.last_provider), None)
    if known is None:
        return list(usable)
    others = [one for one in usable if one is not known]
    return [known] if message.attempts <= _LOYAL_TRIES or not others else [*others, known]


def _try(message: Outgoing, gateway: GatewaySettings, brand: str) -> Outcome | None:
    """What one gateway made of it; None: it surely has not taken it."""
    known = settings.MESSAGING["sms"][gateway.key]
    body = {"request_id": message.key, "brand": brand, "phone": message.address, "text": message.text}
    headers = {"Authorization": f"Bearer {known['secret']}"}
    try:
        answer = httpx.post(
            f"{known['url']}/messages", json=body, headers=headers, timeout=_SECONDS, trust_env=False, verify=trusted()
        )
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return None
    except httpx.HTTPError:
        return Outcome(taken=False, provider=gateway.key, error=f"{gateway.name} không trả lời kịp")
    if answer.status_code in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        return None
    try:
        said = answer.json()
    except ValueError:
        said = None
    if answer.is_success and isinstance(said, dict) and said.get("message_id"):
        segments = sms.measure(message.text).segments
        return Outcome(
            taken=True, provider=gateway.key, provider_id=str(said["message_id"])[:100], segments=segments,
            cost_vnd=segments * gateway.price_vnd,
        )  # fmt: skip
    if answer.status_code in _REFUSED and isinstance(said, dict):
        reason = str(said.get("error") or answer.status_code)[:120]
        return Outcome(taken=False, provider=gateway.key, error=f"{gateway.name}: {reason}", final=True)
    return Outcome(taken=False, provider=gateway.key, error=f"{gateway.name} báo lỗi {answer.status_code}")
