"""What the QR on a paper carries: its essential facts, signed so that they can be checked without a line (Ed25519).

    https://HOST/KT/<code>/<payload>          all capitals, so that the QR is drawn in its compact alphanumeric mode

    payload = base32 of: version (1) · key (4) · signature (64) · day (2) · mark of the name (12) · texts

`texts` are kind, number, issuer and shortened holder, each with its length in front. The signature covers everything after
it, what stands before it, and the code. The mark of the name is a digest over code and full name: who holds the paper can
compare the name printed on it, and nobody can read a name out of the code.
"""

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tinhso.apps.signatures.data import PaperClaim

VERSION = 1
PURPOSE = b"tinhso-paper\x00"
_EPOCH = date(2000, 1, 1)
_HEAD, _SIGNATURE, _DAY, _MARK = 5, 64, 2, 12
_LONGEST_TEXT, _LONGEST = 90, 700
_CODE = re.compile(r"[0-9a-z]{16,32}")
_PAYLOAD = re.compile(r"[A-Z2-7]{100,1100}")


def key_id(public_key: bytes) -> bytes:
    """The short name of a key: the first four bytes of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public_key).digest()[:4]


def name_mark(code: str, name: str) -> bytes:
    """Twelve bytes that tell whether a name, in whatever spelling of marks and capitals, is the one on the paper."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    words = " ".join(letters.split())
    return hashlib.sha256(f"tinhso-name\x00{code}\x00{words}".encode()).digest()[:_MARK]


def short_name(name: str) -> str:
    """ "N. T. Đào" of "Nguyễn Thị Đào": enough to recognise, no more than the masked name shows."""
    words = name.split()
    return " ".join([f"{word[0]}." for word in words[:-1]] + words[-1:])


def build(claim: PaperClaim, *, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The payload of a claim. `sign` makes the 64 bytes of the signature."""
    day = (claim.issued_on - _EPOCH).days if claim.issued_on else 0
    body = day.to_bytes(_DAY, "big") + claim.name_mark
    for text in (claim.kind, claim.number, claim.issuer, claim.holder):
        raw = _shortened(text)
        body += bytes([len(raw)]) + raw
    head = bytes([VERSION]) + key_id(public_key)
    signature = sign(_signed(claim.code, head, body))
    return base64.b32encode(head + signature + body).decode().rstrip("=")


def key_of(payload: str) -> str:
    """The name of the key a payload says it is signed with, in hexadecimal digits; empty for what is no payload."""
    raw = _raw(payload)
    return raw[1:_HEAD].hex() if raw else ""


def read(code: str, payload: str, *, public_key: bytes) -> PaperClaim | None:
    """The claim, if the payload was signed with this key for this code; None for anything altered."""
    raw = _raw(payload)
    if raw is None or raw[1:_HEAD] != key_id(public_key) or not _CODE.fullmatch(code):
        return None
    head, signature, body = raw[:_HEAD], raw[_HEAD : _HEAD + _SIGNATURE], raw[_HEAD + _SIGNATURE :]
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _signed(code, head, body))
    except (InvalidSignature, ValueError):
        return None
    return _parsed(code, body)


def _signed(code: str, head: bytes, body: bytes) -> bytes:
    return PURPOSE + head + code.encode() + b"\x00" + body


def _raw(payload: str) -> bytes | None:
    if not _PAYLOAD.fullmatch(payload):
        return None
    try:
        raw = base64.b32decode(payload + "=" * (-len(payload) % 8))
    except binascii.Error:
        return None
    # One spelling only: bits left over at the end must be zero.
    canonical = base64.b32encode(raw).decode().rstrip("=") == payload
    whole = _HEAD + _SIGNATURE + _DAY + _MARK + 4 <= len(raw) <= _LONGEST
    return raw if canonical and whole and raw[0] == VERSION else None


def _parsed(code: str, body: bytes) -> PaperClaim | None:
    day, mark, at = int.from_bytes(body[:_DAY], "big"), body[_DAY : _DAY + _MARK], _DAY + _MARK
    texts = []
    for _ in range(4):
        if at >= len(body):
            return None
        raw = body[at + 1 : at + 1 + body[at]]
        if len(raw) != body[at]:
            return None
        texts.append(raw.decode("utf-8", errors="replace"))
        at += 1 + len(raw)
    if at != len(body):
        return None
    issued_on = _EPOCH + timedelta(days=day) if day else None
    return PaperClaim(code, texts[0], texts[1], issued_on, texts[2], texts[3], mark)


def _shortened(text: str) -> bytes:
    """At most ninety bytes, no letter cut in two."""
    raw = text.encode()
    if len(raw) <= _LONGEST_TEXT:
        return raw
    return raw[: _LONGEST_TEXT - 3].decode("utf-8", errors="ignore").rstrip().encode() + "…".encode()
