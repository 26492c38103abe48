"""The keys this installation signs with."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from tinhso.apps.exchange.enums import KeyUse
from tinhso.apps.exchange.models import Certificate
from tinhso.apps.exchange.providers import keyfiles


@dataclass(frozen=True, slots=True)
class Signer:
    """A loaded private key and its certificate's name (khóa ký)."""

    owner: str
    fingerprint: str
    key: Ed25519PrivateKey
    valid_to: datetime

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self.key.sign(data)


def key_folder() -> Path:
    """Where the private keys lie."""
    return Path(settings.DATA_DIR) / "keys" / "exchange"


def connection_key(at: datetime) -> tuple[Path, Path] | None:
    """Files (certificate, private key) this installation shows when it connects to a provider; None when it has none.

    Of the keys for connections between servers the one that is valid longest; written beside it, since TLS reads files.
    """
    rows = Certificate.objects.filter(
        use=KeyUse.SERVER, revoked_at__isnull=True, valid_from__lte=at, valid_to__gt=at
    ).order_by("-valid_to")
    for row in rows:
        if (key_folder() / f"{row.fingerprint}.key").exists():
            return connection_files(row.fingerprint)
    return None


def connection_files(fingerprint: str) -> tuple[Path, Path]:
    """Files (certificate, private key) of a connection key made here."""
    private = key_folder() / f"{fingerprint}.key"
    shown = private.with_suffix(".pem")
    if not shown.exists():
        pem = Certificate.objects.values_list("pem", flat=True).get(fingerprint=fingerprint)
        keyfiles.write_certificate(shown, pem.encode())
    return shown, private


def connection_certificates(at: datetime) -> list[str]:
    """The certificates (PEM) that systems and servers may show when they connect here."""
    rows = Certificate.objects.filter(
        use__in=[KeyUse.CLIENT, KeyUse.SERVER], revoked_at__isnull=True, valid_from__lte=at, valid_to__gt=at
    )
    return list(rows.order_by("id").values_list("pem", flat=True))


def server_certificates(at: datetime) -> dict[str, list[str]]:
    """By server, the certificates (PEM) it may show when we connect there."""
    found: dict[str, list[str]] = {}
    rows = Certificate.objects.filter(
        use=KeyUse.SERVER, revoked_at__isnull=True, valid_from__lte=at, valid_to__gt=at
    ).order_by("id")
    for owner, pem in rows.values_list("owner", "pem"):
        found.setdefault(owner, []).append(pem)
    return found


def certificates_of(owner: str, *, use: KeyUse, at: datetime) -> list[str]:
    """The certificates (PEM) of an owner in force for a use; what a partner is given to believe."""
    rows = Certificate.objects.filter(owner=owner, use=use, revoked_at__isnull=True, valid_to__gt=at)
    return list(rows.order_by("-valid_to").values_list("pem", flat=True))


def authority_file() -> Path | None:
    """The certificate of the exchange's own authority, when it has been made."""
    file = key_folder() / keyfiles.AUTHORITY
    return file if file.exists() else None


def open_signers(at: datetime, *, use: KeyUse = KeyUse.SIGN) -> dict[str, Signer]:
    """By owner, the key that is valid longest among those held here and in force."""
    rows = Certificate.objects.filter(use=use, revoked_at__isnull=True, valid_from__lte=at, valid_to__gt=at).order_by(
        "valid_to"
    )
    found: dict[str, Signer] = {}
    for row in rows:
        key = keyfiles.load_key(key_folder(), row.fingerprint)
        if key is not None:
            found[row.owner] = Signer(row.owner, row.fingerprint, key, row.valid_to)
    return found


def public_keys(at: datetime, *, use: KeyUse) -> list[tuple[str, bytes]]:
    """Fingerprint and raw public key of the keys in force for a use; the one valid longest first."""
    rows = Certificate.objects.filter(use=use, revoked_at__isnull=True, valid_from__lte=at, valid_to__gt=at)
    found = rows.order_by("-valid_to").values_list("fingerprint", "public_key")
    return [(fingerprint, bytes(key)) for fingerprint, key in found]
