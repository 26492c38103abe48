"""The keys and certificates of the simulated authority. Made at first need, lost when the process ends."""

import time
import warnings
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

MARK = "THỬ NGHIỆM"
_DAY = timedelta(days=1)
_NO_CHECK = x509.OCSPNoCheck()


class Authority:
    """Root, issuing authority, OCSP responder and time-stamp authority. RSA 2048, as the state's.

    `base_url`: where the simulator of trust is reached; certificates name it for OCSP and the revocation list.
    """

    def __init__(self, base_url: str = "http://localhost:8001/trust") -> None:
        self.base_url = base_url
        self.revoked: dict[int, datetime] = {}
        self.issued: dict[int, x509.Certificate] = {}

    @cached_property
    def _root(self) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        key = _key()
        subject = _name(f"CA gốc {MARK} mô phỏng")
        builder = _builder(subject, subject, key, days=3650)
        certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True).add_extension(
            _usage(certificates=True), critical=True
        )
        return key, certificate.sign(key, hashes.SHA256())

    @cached_property
    def _issuing(self) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        key, (root_key, root) = _key(), self._root
        builder = _builder(_name(f"CA {MARK} mô phỏng"), root.subject, key, days=3000)
        certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(
            _usage(certificates=True), critical=True
        )
        return key, self._under(certificate, root_key).sign(root_key, hashes.SHA256())

    @property
    def root(self) -> x509.Certificate:
        """The root's certificate."""
        return self._root[1]

    @property
    def issuing(self) -> x509.Certificate:
        """The issuing authority's certificate."""
        return self._issuing[1]

    @cached_property
    def responder(self) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        """The OCSP responder."""
        return self._service("OCSP", ExtendedKeyUsageOID.OCSP_SIGNING, _NO_CHECK)

    @cached_property
    def stamper(self) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        """The time-stamp authority."""
        return self._service("dấu thời gian", ExtendedKeyUsageOID.TIME_STAMPING)

    def issue(self, common_name: str, *, user_id: str) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        """A subscriber's key and certificate, valid for a year."""
        key, (issuing_key, issuing) = _key(), self._issuing
        builder = _builder(_name(common_name, user_id), issuing.subject, key, days=365)
        certificate = self._pointing(
            self._under(builder, issuing_key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(certificates=False), critical=True)
        ).sign(issuing_key, hashes.SHA256())
        self.issued[certificate.serial_number] = certificate
        return key, certificate

    def revocation_list(self, at: datetime) -> bytes:
        """The issuing authority's list, DER, good for a week."""
        key, certificate = self._issuing
        return self._list(key, certificate, at, self.revoked)

    def root_list(self, at: datetime) -> bytes:
        """The root's list: it has revoked nobody."""
        key, certificate = self._root
        return self._list(key, certificate, at, {})

    def _list(
        self, key: rsa.RSAPrivateKey, issuer: x509.Certificate, at: datetime, revoked: dict[int, datetime]
    ) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder().issuer_name(issuer.subject).last_update(at).next_update(at + 7 * _DAY)
            .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        )  # fmt: skip
        for serial, when in revoked.items():
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
            )
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def answer_status(self, request: bytes, at: datetime) -> bytes:
        """An OCSP response, DER: good, revoked, or unauthorised for a certificate of somebody else."""
        asked = ocsp.load_der_ocsp_request(request)
        known = {one.serial_number: one for one in (*self.issued.values(), self.stamper[1])}
        certificate = known.get(asked.serial_number)
        if certificate is None:
            refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
            return refused.public_bytes(serialization.Encoding.DER)
        revoked_at = self.revoked.get(certificate.serial_number)
        key, responder = self.responder
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate, issuer=self.issuing, algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
            this_update=at, next_update=at + _DAY, revocation_time=revoked_at, revocation_reason=None,
        ).responder_id(ocsp.OCSPResponderEncoding.HASH, responder).certificates([responder])  # fmt: skip
        for extension in asked.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _service(
        self, name: str, purpose: ObjectIdentifier, *extensions: Any
    ) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        key, (issuing_key, issuing) = _key(), self._issuing
        builder = (
            self._under(_builder(_name(f"Dịch vụ {name} {MARK}"), issuing.subject, key, days=1500), issuing_key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        if not extensions:
            builder = self._pointing(builder)
        return key, builder.sign(issuing_key, hashes.SHA256())

    def _under(self, builder: x509.CertificateBuilder, issuer: rsa.RSAPrivateKey) -> x509.CertificateBuilder:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
        return builder.add_extension(identifier, critical=False)

    def _pointing(self, builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        """Where to ask about revocation."""
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{self.base_url}/ca.crl")], None, None, None)
        description = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{self.base_url}/ocsp")
        )
        return builder.add_extension(x509.CRLDistributionPoints([point]), critical=False).add_extension(
            x509.AuthorityInformationAccess([description]), critical=False
        )


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common_name: str, user_id: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if user_id:
        parts.append(x509.NameAttribute(NameOID.USER_ID, f"CCCD:{user_id}"))
    # The library counts bytes against a limit of characters.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64], _validate=False))
    return x509.Name(parts)


def _builder(subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, *, days: int) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(time.time(), UTC)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A demonstration lives in the past, too.
        .not_valid_before(now - 3 * 365 * _DAY).not_valid_after(now + days * _DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )  # fmt: skip


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates, content_commitment=not certificates, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=certificates, crl_sign=certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
