"""Headers of the national document axis (Trục liên thông văn bản quốc gia) in its SDK's dialect: how they are signed.

Every logical header travels as `XroadVnpt-<name>`; system id and time go with them; the set as JSON is signed with
HMAC-SHA256 under the system's secret. Source: public clients of SDK 2.0.1.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tinhso.lib.jsontext import read_json

PREFIX = "XroadVnpt-"
VERSION = "3.0." + "201608"  # in two, because together they look like a code of a procedure
USER_AGENT = "JAVASDKAgent/1.0.0 XRoad/VPCP"
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_STAMP = "%d%m%YT%H%M%S%z"
_TOLERANCE = timedelta(minutes=15)


class SignatureError(ValueError):
    """Chữ ký của yêu cầu không đúng."""


def signed_headers(values: Mapping[str, str], *, system_id: str, secret: str, at: datetime) -> dict[str, str]:
    """The wire headers for these logical ones (`from`, `servicetype`, `messagetype`, `hash-file`)."""
    told = {"systemid": system_id, **values, "timestamp": at.astimezone(_ZONE).strftime(_STAMP)}
    signed = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    return {
        "User-Agent": USER_AGENT,
        f"{PREFIX}version": VERSION,
        **{f"{PREFIX}{name}": value for name, value in told.items()},
        f"{PREFIX}sign-header-key": ";".join(told),
        f"{PREFIX}sign-header": signed,
        f"{PREFIX}hash-header": _mac(signed, secret),
    }


def read_headers(headers: Mapping[str, str], *, secrets: Mapping[str, str], at: datetime) -> dict[str, str]:
    """The logical headers of a request, once the signature holds, by a known system, not long ago.

    Raises:
        SignatureError: unknown system, wrong signature, a header that differs from the signed one, too old.
    """
    known = {name.lower(): value for name, value in headers.items()}

    def given(name: str) -> str:
        return known.get(f"{PREFIX}{name}".lower(), "")

    signed = given("sign-header")
    try:
        told = {str(name): str(value) for name, value in read_json(signed).items()}
        sent_at = datetime.strptime(told["timestamp"], _STAMP).astimezone(UTC)
        secret = secrets[told["systemid"]]
    except (ValueError, KeyError, AttributeError) as error:
        raise SignatureError("unknown system, or headers that cannot be read") from error
    if not hmac.compare_digest(_mac(signed, secret), given("hash-header").lower()):
        raise SignatureError("the signature of the headers does not hold")
    if given("sign-header-key").split(";") != list(told) or any(given(name) != value for name, value in told.items()):
        raise SignatureError("a header differs from what was signed")
    if abs(at - sent_at) > _TOLERANCE:
        raise SignatureError("the request is too old, or the clocks differ")
    return told


def _mac(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
