"""Zalo: renewing the token, a message of the official account, a registered template to a phone (ZNS).

Written after public clients; prices, windows and error numbers change, and change here only.
"""

from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from tinhso.apps.notifications.data import Outcome, Outgoing
from tinhso.kernel.errors import DomainError, Unavailable
from tinhso.kernel.outbound import trusted

_SECONDS = httpx.Timeout(10.0, connect=3.0)
# Numbers of errors: of the token, and of what no later try can mend.
TOKEN_ERRORS = {-216, -124, -155}
_BUSY = {-32, -100, -115}


class ZaloUnavailable(Unavailable):
    """Zalo không trả lời được lúc này; hệ thống sẽ thử lại."""


class ZaloTokenLost(DomainError):
    """Zalo không nhận mã đổi của tài khoản; phải cấp quyền lại."""

    status = 502


@dataclass(frozen=True, slots=True)
class Tokens:
    """A fresh pair; the refresh token works once."""

    access: str
    refresh: str
    seconds: int


def is_open() -> bool:
    """Whether an official account is set up."""
    return bool(settings.MESSAGING["zalo"]["app_id"])


def renew(refresh: str) -> Tokens:
    """A new pair of tokens for a refresh token that is used up by this.

    Raises:
        ZaloUnavailable: no answer; whether the token is used up is not known.
        ZaloTokenLost: it was not accepted.
    """
    known = settings.MESSAGING["zalo"]
    body = {"refresh_token": refresh, "app_id": known["app_id"], "grant_type": "refresh_token"}
    try:
        answer = httpx.post(
            f"{known['oauth_url']}/v4/oa/access_token", data=body, headers={"secret_key": known["secret"]},
            timeout=_SECONDS, trust_env=False, verify=trusted(),
        )  # fmt: skip
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ZaloUnavailable from error
    if not (isinstance(said, dict) and said.get("access_token") and said.get("refresh_token")):
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ZaloUnavailable
        raise ZaloTokenLost
    return Tokens(str(said["access_token"]), str(said["refresh_token"]), int(said.get("expires_in") or 3600))


def send(message: Outgoing, *, token: str, zns_price_vnd: int) -> Outcome:
    """A message in the chat where it is open, else the registered template to the phone."""
    if message.chat_user:
        return say(message.chat_user, message.text, token=token)
    if not (message.phone and message.template_id):
        return Outcome(taken=False, error="ngoài thời hạn trò chuyện, không có số điện thoại hoặc mẫu ZNS", final=True)
    body = {
        "phone": message.phone.removeprefix("+"), "template_id": message.template_id,
        "template_data": dict(message.parameters), "tracking_id": message.key,
    }  # fmt: skip
    url = f"{settings.MESSAGING['zalo']['zns_url']}/message/template"
    return _post(url, body, token=token, provider="zns", cost_vnd=zns_price_vnd)


def say(user: str, text: str, *, token: str) -> Outcome:
    """A message of the official account to one who has written lately (tin tư vấn)."""
    url = f"{settings.MESSAGING['zalo']['api_url']}/v3.0/oa/message/cs"
    return _post(
        url, {"recipient": {"user_id": user}, "message": {"text": text}}, token=token, provider="oa", cost_vnd=0
    )


def _post(url: str, body: dict[str, Any], *, token: str, provider: str, cost_vnd: int) -> Outcome:
    try:
        answer = httpx.post(
            url, json=body, headers={"access_token": token}, timeout=_SECONDS, trust_env=False, verify=trusted()
        )
        said = answer.json()
        code = int(said.get("error", -1))
    except (httpx.HTTPError, ValueError, AttributeError, TypeError):
        return Outcome(taken=False, provider=provider, error="Zalo không trả lời được")
    if code == 0:
        data = said.get("data") or {}
        number = str(data.get("msg_id") or data.get("message_id") or "")[:100]
        return Outcome(taken=True, provider=provider, provider_id=number, cost_vnd=cost_vnd)
    told = f"Zalo báo lỗi {code}: {str(said.get('message', ''))[:120]}"
    later = code in TOKEN_ERRORS or code in _BUSY or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
    return Outcome(taken=False, provider=provider, error=told, final=not later, stale_token=code in TOKEN_ERRORS)
