"""Roots the check believes: PEM files in one folder, each with a note beside it that says since when and until when.

`<name>.pem` is the certificate, `<name>.yaml` the note: name, trusted_from, trusted_to, crl (addresses of revocation lists).
A root without a note is believed as long as it is valid. Nothing comes with the program: a root is somebody's decision.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from tinhso.apps.signatures.data import TrustAnchorData, TrustAnchorRefused
from tinhso.apps.signatures.providers.pkcs12 import write_durably
from tinhso.kernel.outbound import trusted

_PROVINCE_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
_LARGEST_LIST, _SECONDS = 20 * 1_048_576, 30
_DAY_END = time(23, 59, 59)


def read_all(folder: Path) -> list[TrustAnchorData]:
    """Every root of the folder, by file name."""
    found = []
    for file in sorted(folder.glob("*.pem")):
        note = _note(file.with_suffix(".yaml"))
        found += [_data(certificate, note) for certificate in x509.load_pem_x509_certificates(file.read_bytes())]
    return found


def add(
    folder: Path, pem: bytes, *, name: str, since: date | None, until: date | None, crl: Sequence[str]
) -> TrustAnchorData:  # fmt: skip
    """Write a root and its note. The days are whole days of the province.

    Raises:
        TrustAnchorRefused: not one PEM certificate, or one that is no authority's.
    """
    try:
        certificates = x509.load_pem_x509_certificates(pem)
        certificate = certificates[0]
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise TrustAnchorRefused from error
    if len(certificates) != 1 or not basic.ca:
        raise TrustAnchorRefused
    note = {
        "name": name or certificate.subject.rfc4514_string(), "trusted_from": since.isoformat() if since else None,
        "trusted_to": until.isoformat() if until else None, "crl": list(crl),
    }  # fmt: skip
    stem = certificate.fingerprint(hashes.SHA256()).hex()[:16]
    write_durably(folder / f"{stem}.yaml", yaml.safe_dump(note, allow_unicode=True, sort_keys=False).encode())
    write_durably(folder / f"{stem}.pem", certificate.public_bytes(serialization.Encoding.PEM))
    return _data(certificate, note)


def fetch_list(address: str, target: Path, *, is_readable: Callable[[bytes], bool]) -> bool:
    """Fetch one revocation list and keep it in `target`; False where it cannot be had, is none, or came damaged.

    Whether it is truly the authority's is judged by its signature when a paper is checked.
    """
    try:
        with httpx.stream(
            "GET", address, timeout=_SECONDS, follow_redirects=False, trust_env=False, verify=trusted()
        ) as answer:
            answer.raise_for_status()
            content = bytearray()
            for part in answer.iter_bytes():
                content += part
                if len(content) > _LARGEST_LIST:
                    return False
        parsed = (
            x509.load_der_x509_crl(bytes(content)) if content[:1] == b"\x30" else x509.load_pem_x509_crl(bytes(content))
        )
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    told = parsed.public_bytes(serialization.Encoding.DER)
    if not is_readable(told):  # the one before it still tells something
        return False
    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    write_durably(target / f"{name}.crl", told)
    return True


def _note(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    read = yaml.safe_load(file.read_text(encoding="utf-8"))
    return read if isinstance(read, dict) else {}


def _data(certificate: x509.Certificate, note: dict[str, Any]) -> TrustAnchorData:
    return TrustAnchorData(
        name=str(note.get("name") or certificate.subject.rfc4514_string()),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        trusted_from=_instant(note.get("trusted_from"), time.min),
        trusted_to=_instant(note.get("trusted_to"), _DAY_END),
        crl=tuple(note.get("crl") or ()),
    )


def _instant(day: str | date | None, hour: time) -> datetime | None:
    if not day:
        return None
    on = day if isinstance(day, date) else date.fromisoformat(day)
    return datetime.combine(on, hour, tzinfo=_PROVINCE_TIME)
