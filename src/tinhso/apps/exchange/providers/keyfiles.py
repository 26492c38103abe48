"""Private keys of the exchange in files only its user can read, and the small authority that certifies them.

A province that has certificates of the government's authority adds those; the authority here serves the others, and
the connections inside the province.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CA_KEY, AUTHORITY = "ca.key", "ca.pem"
SUBJECTS = "subjects.key"  # of the hashes that stand for persons in the log; lost with it, nobody finds his lines
_CA_DAYS = 3650
_EARLIER = timedelta(minutes=5)  # clocks of partners differ
_NAME = "Nền tảng chia sẻ dữ liệu"


def authority_certificate(folder: Path, at: datetime) -> bytes:
    """The authority's certificate, PEM; made with its key at first need."""
    _authority(folder, at)
    return (folder / AUTHORITY).read_bytes()


def make_key(
    folder: Path, owner: str, *, hosts: tuple[str, ...] = (), days: int, at: datetime
) -> tuple[x509.Certificate, bytes]:
    """A new Ed25519 key of an owner, certified, its private part in `<fingerprint>.key`; (certificate, raw public key)."""
    ca_key, ca = _authority(folder, at)
    key = Ed25519PrivateKey.generate()
    builder = _builder(_subject(owner), ca.subject, key, days=days, at=at).add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    # Authorities of two provinces have one name: by this a certificate is not taken for the other one's.
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
    )
    if hosts:
        names = x509.SubjectAlternativeName([_host(name) for name in hosts])
        uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(names, critical=False).add_extension(uses, critical=False)
    certificate = builder.sign(ca_key, None)
    _write(folder / f"{fingerprint_of(certificate)}.key", _pem(key))
    return certificate, key.public_key().public_bytes_raw()


def load_key(folder: Path, fingerprint: str) -> Ed25519PrivateKey | None:
    """The private key of a certificate, when this machine holds it."""
    file = folder / f"{fingerprint}.key"
    if not file.exists():
        return None
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)  # noqa: S101 - only such keys are written here
    return key


def make_secret(folder: Path, name: str) -> None:
    """A secret of 32 bytes, unless it is there."""
    if not (folder / name).exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder / name, os.urandom(32).hex().encode())


def load_secret(folder: Path, name: str) -> bytes | None:
    """A secret that `make_secret` made, when this machine holds it."""
    file = folder / name
    return bytes.fromhex(file.read_text(encoding="ascii")) if file.exists() else None


def write_certificate(file: Path, pem: bytes) -> None:
    """Put a certificate where TLS can read it, whole or not at all."""
    _write(file, pem)


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate, in hexadecimal: the name of the key everywhere."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _authority(folder: Path, at: datetime) -> tuple[Ed25519PrivateKey, x509.Certificate]:
    key_file, file = folder / _CA_KEY, folder / AUTHORITY
    if file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)  # noqa: S101 - only such keys are written here
        return key, x509.load_pem_x509_certificate(file.read_bytes())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    subject = _subject(_NAME)
    certificate = (
        _builder(subject, subject, key, days=_CA_DAYS, at=at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, None)
    )
    _write(key_file, _pem(key))
    _write(file, certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Ed25519PrivateKey, *, days: int, at: datetime
) -> x509.CertificateBuilder:
    start = at.astimezone(UTC) - _EARLIER
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )  # fmt: skip


def _subject(name: str) -> x509.Name:
    # The standard allows 64 characters of a common name; the whole identifier is in the registry.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:32])])


def _host(name: str) -> x509.GeneralName:
    from ipaddress import ip_address

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, content: bytes) -> None:
    partial = file.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)
