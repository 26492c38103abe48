"""Whether a call from outside is what it says: signatures on raw bytes, compared in constant time, old ones refused."""

import hashlib
import hmac
from datetime import datetime, timedelta

STALE = timedelta(minutes=10)


def mac_of(raw: bytes, *, app_id: str, timestamp: str, secret: str) -> str:
    """The mac of a Zalo webhook: SHA-256 over app id, raw body, timestamp and the secret of the official account."""
    return hashlib.sha256(app_id.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


def report_mac(raw: bytes, *, secret: str) -> str:
    """The mac of a gateway's delivery report: HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def same_mac(given: str, wanted: str) -> bool:
    """Whether two macs are the same, in constant time; `mac=` in front is allowed."""
    return hmac.compare_digest(given.strip().removeprefix("mac=").lower().encode(), wanted.encode())


def is_fresh(timestamp: str, *, at: datetime) -> bool:
    """Whether milliseconds since 1970 lie within ten minutes of now, to either side."""
    if not (timestamp.isdecimal() and len(timestamp) <= 16):
        return False
    return abs(at.timestamp() - int(timestamp) / 1000) <= STALE.total_seconds()
