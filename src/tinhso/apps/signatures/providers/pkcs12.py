"""A test certificate authority and PKCS#12 key files, for demonstrations and tests.

Nothing here is trusted by anybody but the installation that made it: the certificates say so in their names. A province
in service replaces this provider by the public-service authority's (chữ ký số chuyên dùng công vụ).
"""

import os
import secrets
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from tinhso.apps.signatures.data import Answer, DigestToSign, Identity, RemoteCertificate, SignerUnavailable, Started
from tinhso.apps.signatures.enums import AnswerState
from tinhso.lib.identifiers import certificate_serial

DEMO_MARK = "THỬ NGHIỆM"
ROOT_NAME = f"CA gốc {DEMO_MARK} Tỉnh Số"
ISSUING_NAME = f"CA {DEMO_MARK} Tỉnh Số"
_ROOT_YEARS, _ISSUING_YEARS = 20, 10
_DAY = timedelta(days=1)


class KeyStoreError(SignerUnavailable):
    """Không mở được kho khóa ký số."""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key: its file inside the key folder and its certificate."""

    path: str
    certificate_pem: str
    serial: str
    valid_from: datetime
    valid_to: datetime


def roots_folder(folder: Path) -> Path:
    """Where the trusted root certificates (PEM files) of the installation lie."""
    return folder / "ca" / "roots"


def exists(folder: Path) -> bool:
    """Whether the test authority has been made."""
    return (folder / "ca" / "issuing.p12").exists()


def create_authority(folder: Path, *, at: datetime, valid_from: datetime) -> None:
    """Make the root and the issuing authority. The root's key is thrown away: nothing else is ever signed with it."""
    root_key, issuing_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_subject, issuing_subject = _name(ROOT_NAME, "Tỉnh Số"), _name(ISSUING_NAME, "Tỉnh Số")
    root = (
        _builder(root_subject, root_subject, root_key.public_key(), valid_from, _years(at, _ROOT_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_ca_usage(), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    issuing = (
        _builder(
            issuing_subject,
            root_subject,
            issuing_key.public_key(),
            valid_from,
            _years(at, _ISSUING_YEARS),
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_ca_usage(), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    write_durably(roots_folder(folder) / "thu-nghiem.pem", root.public_bytes(serialization.Encoding.PEM))
    write_durably(folder / "ca" / "issuing.pem", issuing.public_bytes(serialization.Encoding.PEM))
    write_durably(folder / "ca" / "issuing.p12", _pack(ISSUING_NAME, issuing_key, issuing, [root], _password(folder)))
    publish_revocation_list(folder, revoked={}, at=at)


def issue_key(
    folder: Path,
    *,
    kind: str,
    owner_id: int,
    common_name: str,
    organisation: str,
    valid_from: datetime,
    valid_to: datetime,
) -> IssuedKey:
    """Make a key of a person or an agency and its certificate; the PKCS#12 file is on disk when this returns."""
    issuing_key, issuing, chain = _issuing(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name(common_name, organisation), issuing.subject, key.public_key(), valid_from, valid_to)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signer_usage(), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing_key.public_key()), critical=False)
        .sign(issuing_key, hashes.SHA256())
    )
    serial = certificate_serial(certificate.serial_number)
    path = f"{kind}/{owner_id}-{serial[:16]}.p12"
    write_durably(folder / path, _pack(common_name, key, certificate, [issuing, *chain], _password(folder)))
    return IssuedKey(
        path=path,
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        serial=serial,
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
    )


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """A key out of its file, which signs at once."""

    identity: Identity
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    def sign(self, attributes: bytes) -> bytes:
        """The signature value over the attributes (SHA-256; PKCS#1 v1.5 for RSA)."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(attributes, ec.ECDSA(hashes.SHA256()))

    def sign_digest(self, digest: bytes) -> bytes:
        """The signature value over a SHA-256."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
        return self.key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


class KeyFile:
    """The port over key files: `user_id` and credential are the file's path. It signs at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list_certificates(self, user_id: str) -> list[RemoteCertificate]:
        """The certificate of a file."""
        return [RemoteCertificate(user_id, load_signer(self.folder, user_id).identity)]

    def start(
        self,
        *,
        user_id: str,
        credential_id: str,
        digests: Sequence[DigestToSign],
        description: str,
        reference: str,
        at: datetime,
    ) -> Started:
        """Sign here and now."""
        key = load_signer(self.folder, credential_id)
        return Started("", Answer(AnswerState.SIGNED, tuple(key.sign_digest(one.digest) for one in digests)))

    def poll(self, handle: str) -> Answer:
        """Nothing is ever left open here."""
        return Answer(AnswerState.EXPIRED, reason="khóa trên máy chủ không giữ yêu cầu")


def open_file(content: bytes, password: bytes) -> OpenedKey:
    """The key of a PKCS#12 file.

    Raises:
        KeyStoreError: a wrong password, no key inside, or a key of a kind that signs no papers.
    """
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(content, password)
    except ValueError as error:
        raise KeyStoreError("Tệp khóa hoặc mật khẩu không đúng.") from error
    if certificate is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyStoreError("Tệp khóa không có khóa RSA hoặc EC kèm chứng thư.")
    der = serialization.Encoding.DER
    return OpenedKey(Identity(certificate.public_bytes(der), tuple(one.public_bytes(der) for one in chain)), key)


@lru_cache(maxsize=512)
def load_signer(folder: Path, path: str) -> OpenedKey:
    """The signer of a key file. Opening PKCS#12 costs far more than signing, so opened keys stay in memory.

    Raises:
        KeyStoreError: the file is missing or the password is wrong.
    """
    try:
        return open_file((folder / path).read_bytes(), _password(folder))
    except (OSError, KeyStoreError) as error:
        raise KeyStoreError(f"Không mở được khóa ký số “{path}”.") from error


def read_roots(folder: Path) -> bytes:
    """The trusted roots: PEM certificates one after another."""
    return _read_all(roots_folder(folder))


def read_intermediates(folder: Path) -> bytes:
    """Certificates of authorities between signers and roots, for files that carry the signer's alone; PEM."""
    return _read_all(folder / "ca" / "intermediates")


def _read_all(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.glob("*.pem")))


def read_revocation_lists(folder: Path) -> list[bytes]:
    """The revocation lists known here, DER."""
    return [path.read_bytes() for path in sorted((folder / "ca").glob("*.crl"))]


def publish_revocation_list(folder: Path, *, revoked: Mapping[str, datetime], at: datetime) -> None:
    """Write the issuing authority's list of revoked certificates (hexadecimal serial → instant)."""
    issuing_key, issuing, _ = _issuing(folder)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuing.subject)
        .last_update(at)
        .next_update(_years(at, _ISSUING_YEARS))
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing_key.public_key()), critical=False)
    )
    for serial, revoked_at in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(revoked_at).build()
        builder = builder.add_revoked_certificate(entry)
    crl = builder.sign(issuing_key, hashes.SHA256())
    write_durably(folder / "ca" / "issuing.crl", crl.public_bytes(serialization.Encoding.DER))


def write_durably(path: Path, content: bytes) -> None:
    """Write a private file so that it is whole or absent after a power cut."""
    _private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _private_folder(path: Path) -> None:
    """Make a folder and the missing ones above it, open to the owner alone (mkdir's mode holds for the last only)."""
    if not path.is_dir():
        _private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


@lru_cache(maxsize=4)
def _issuing(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate, list[x509.Certificate]]:
    try:
        data = (folder / "ca" / "issuing.p12").read_bytes()
        key, certificate, chain = pkcs12.load_key_and_certificates(data, _password(folder))
    except (OSError, ValueError) as error:
        raise KeyStoreError("Chưa có CA thử nghiệm hoặc không mở được khóa của CA.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate is None:
        raise KeyStoreError("Tệp khóa của CA thử nghiệm không đúng.")
    return key, certificate, list(chain)


def _password(folder: Path) -> bytes:
    """The password of every key file, from a secret file made at first need."""
    file = folder / "password"
    if not file.exists():
        write_durably(file, secrets.token_urlsafe(32).encode())
    return file.read_bytes().strip()


def _pack(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    certificate: x509.Certificate,
    chain: list[x509.Certificate],
    password: bytes,
) -> bytes:
    encryption = serialization.BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, chain, encryption)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    valid_from: datetime,
    valid_to: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(common_name: str, organisation: str) -> x509.Name:
    attributes: list[x509.NameAttribute[str]] = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if organisation:
        attributes.append(_attribute(NameOID.ORGANIZATION_NAME, organisation))
    attributes.append(_attribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(attributes)


def _attribute(oid: x509.ObjectIdentifier, value: str) -> x509.NameAttribute[str]:
    # X.520 allows 64 characters; the library counts bytes, of which Vietnamese needs more, so its check is put aside.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return x509.NameAttribute(oid, value[:64].strip(), _validate=False)


def _ca_usage() -> x509.KeyUsage:
    return _usage(sign=False, certificates=True)


def _signer_usage() -> x509.KeyUsage:
    return _usage(sign=True, certificates=False)


def _usage(*, sign: bool, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign, content_commitment=sign, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=certificates, crl_sign=certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _years(at: datetime, years: int) -> datetime:
    return at + years * 365 * _DAY
