"""Push services of browsers (RFC 8030): a message sealed for one browser, with our proof of who sends."""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from tinhso.apps.notifications.data import Outcome, Outgoing
from tinhso.kernel.outbound import trusted
from tinhso.lib import webpush

_SECONDS = httpx.Timeout(8.0, connect=3.0)
_GONE = (404, 410)
_LIVES = "86400"


def sender_key() -> bytes:
    """Our key, made at first use and kept with the secrets."""
    return _key(Path(settings.MESSAGING["push_key"]))


@lru_cache(maxsize=2)
def _key(file: Path) -> bytes:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(webpush.new_key())
        try:
            file.hardlink_to(fresh)  # whoever was first has made it
        except FileExistsError:
            pass
        finally:
            fresh.unlink(missing_ok=True)
    return file.read_bytes()


def send(message: Outgoing, *, at: datetime) -> Outcome:
    """Send one message to one browser; a browser that is gone says so."""
    body = json.dumps({"title": message.title, "text": message.text, "link": message.link, "key": message.key})
    try:
        sealed = webpush.seal(
            body.encode(), p256dh=str(message.details.get("p256dh")), auth=str(message.details.get("auth"))
        )
    except ValueError as error:
        return Outcome(taken=False, provider="push", error=str(error), final=True, gone=True)
    place = urlsplit(message.address)
    headers = {
        "Authorization": webpush.proof(
            sender_key(), audience=f"{place.scheme}://{place.netloc}", contact=settings.MESSAGING["push_contact"], at=at
        ),
        "Content-Encoding": "aes128gcm", "TTL": _LIVES, "Topic": message.key.replace("-", "")[:32],
    }  # fmt: skip
    try:
        answer = httpx.post(
            message.address, content=sealed, headers=headers, timeout=_SECONDS, trust_env=False, verify=trusted()
        )
    except httpx.HTTPError:
        return Outcome(taken=False, provider="push", error="dịch vụ đẩy không trả lời")
    if answer.is_success:
        return Outcome(taken=True, provider="push", provider_id=answer.headers.get("location", "")[-100:])
    if answer.status_code in _GONE:
        return Outcome(taken=False, provider="push", error="trình duyệt đã hủy đăng ký", final=True, gone=True)
    client_fault = answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS
    return Outcome(taken=False, provider="push", error=f"dịch vụ đẩy báo {answer.status_code}", final=client_fault)
