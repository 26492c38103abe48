"""How lines of the message log become leaves, seals, and evidence; tokens of small clients; what deserves an alarm."""

import base64
import hashlib
import io
import secrets
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tinhso.apps.exchange.data import Thresholds
from tinhso.apps.exchange.enums import AlarmKind
from tinhso.lib.canonical import canonical_json
from tinhso.lib.histogram import percentile_ms
from tinhso.lib.merkle import leaf_hash

TOKEN_MARK = "tsx_"  # noqa: S105 - what every token begins with, not one of them
_MIME = b"application/vnd.etsi.asic-e+zip"
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ASiCManifest xmlns="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
    '<SigReference URI="META-INF/timestamp.tst" MimeType="application/vnd.etsi.timestamp-token"/>'
    '<DataObjectReference URI="seal.json" MimeType="application/json">'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    "<ds:DigestValue>{digest}</ds:DigestValue></DataObjectReference></ASiCManifest>\n"
)


def new_token() -> str:
    """A fresh token, 256 bits."""
    return TOKEN_MARK + secrets.token_urlsafe(32)


def token_digest(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


_LATER = frozenset({"subject"})


def line_bytes(line: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a line of the log: every column takes part, so that a change of any of them shows."""
    # A column that came later takes no part while it is empty: lines sealed before it stay what they were.
    return canonical_json(
        {name: _plain(value) for name, value in line.items() if name not in _LATER or value is not None}
    )


def line_leaf(line: Mapping[str, Any]) -> bytes:
    """Leaf hash of a line."""
    return leaf_hash(line_bytes(line))


def seal_bytes(
    *, number: int, first_id: int, last_id: int, size: int, root: bytes, previous_head: bytes, sealed_at: datetime
) -> bytes:
    """The canonical bytes of a seal: what is signed, stamped, and covered by the next seal."""
    return canonical_json(
        {
            "number": number, "first_id": first_id, "last_id": last_id, "size": size, "root": root.hex(),
            "previous": previous_head.hex(), "sealed_at": sealed_at.astimezone(UTC).isoformat(),
        }
    )  # fmt: skip


def stamped_bytes(seal: bytes) -> bytes:
    """What the time-stamp authority attests: the manifest that names the seal's digest (ETSI EN 319 162-1)."""
    return _MANIFEST.format(digest=base64.b64encode(hashlib.sha256(seal).digest()).decode()).encode()


def container(
    *, line: bytes, seal: bytes, signature: bytes, proof: Sequence[tuple[str, bytes]], stamp: bytes | None,
    heads: Mapping[str, bytes], certificates: Mapping[str, str],
) -> bytes:  # fmt: skip
    """The evidence of one line as an ASiC-E container: the line, its seal, the way between them, keys, time stamp."""
    files: dict[str, bytes] = {
        "message.json": line,
        "seal.json": seal,
        "seal.sig": signature,
        "proof.json": canonical_json([[side, sibling.hex()] for side, sibling in proof]),
        **dict(heads),
        **{f"certificates/{name}.pem": pem.encode() for name, pem in certificates.items()},
    }
    if stamp is not None:
        files["META-INF/ASiCManifest.xml"] = stamped_bytes(seal)
        files["META-INF/timestamp.tst"] = stamp
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # The type comes first and bare, so that a look at the first bytes tells what the file is.
        archive.writestr(_entry("mimetype"), _MIME, zipfile.ZIP_STORED)
        for name, content in files.items():
            archive.writestr(_entry(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the same evidence, the same bytes


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


# A message the other side finds fault with is a dead letter after so many tries; one that nobody took, after days: a
# receiver that is down is nobody's fault, and everything must be there when it is back.
MOST_REFUSALS = 5
LONGEST_SILENCE = timedelta(hours=72)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)


def is_dead(*, refusals: int, failing_for: timedelta) -> bool:
    """Whether a message that failed again waits for a person from now on (thư chết)."""
    return refusals >= MOST_REFUSALS or failing_for >= LONGEST_SILENCE


def pause_before(attempt: int) -> timedelta:
    """How long to wait after try number `attempt`: half a minute, doubled each time, at most a quarter of an hour."""
    doublings = min(max(attempt - 1, 0), 10)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def outbox_stream(position: int) -> str:
    """The stream of what is decided about a message that goes out."""
    return f"outbox:{position}"


_CLIENTS_FAULT = ("Client.", "Server.ClientProxy.", "Server.ServerProxy.AccessDenied", "Server.ServerProxy.Unknown")
_SILENT = "Server.ServerProxy.ServiceFailed.Maintenance"


def can_renew(*, valid_to: date | None, on: date, days: int) -> bool:
    """Whether a right is near enough to its end to be renewed, and not over yet."""
    return valid_to is not None and on <= valid_to <= on + timedelta(days=days)


def provider_failures(error_types: Mapping[str, int]) -> int:
    """How many calls failed on the provider's side: not reached, too slow, too busy. Refusals of a client are its own."""
    return sum(count for name, count in error_types.items() if not name.startswith(_CLIENTS_FAULT) and name != _SILENT)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that deserves an alarm (điều cần cảnh báo)."""

    kind: AlarmKind
    subject: str
    words: str


def service_findings(
    service: str, *, calls: int, refused: int, error_types: Mapping[str, int], histogram: Sequence[int],
    thresholds: Thresholds,
) -> Iterator[Finding]:  # fmt: skip
    """What the latest minutes of a service deserve: dead, many errors, or slow; the gravest of the first two only."""
    failed = provider_failures(error_types)
    served = calls - sum(error_types.values())
    if failed >= thresholds.dead_failures and served <= 0:
        yield Finding(AlarmKind.DEAD, service, f"{service}: {failed} lượt gọi gần nhất đều không được trả lời.")
        return
    asked = failed + max(served, 0)
    bad = failed + refused
    if asked >= thresholds.at_least and bad * 100 >= thresholds.errors_percent * asked:
        yield Finding(AlarmKind.ERRORS, service, f"{service}: {bad} trong {asked} lượt gọi gần nhất bị lỗi.")
    slowest = percentile_ms(histogram, 0.95)
    if asked >= thresholds.at_least and slowest is not None and slowest >= thresholds.p95_ms:
        seconds = f"{slowest / 1_000:.1f}".replace(".", ",")
        yield Finding(AlarmKind.LATENCY, service, f"{service}: trả lời chậm, p95 là {seconds} giây.")


def quota_used_up(*, calls: int, quota: int, percent: int) -> bool:
    """Whether so much of the day's quota is used that the unit should know."""
    return calls * 100 >= quota * percent
