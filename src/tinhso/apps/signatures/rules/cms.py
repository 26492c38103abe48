"""The signature object itself (CMS, RFC 5652) in the shape PAdES asks for, built from prepared parts.

What depends on the certificate alone is made once; a signature then costs two digests and some joining. The attributes
are content type, message digest and signing certificate v2; the time stands in the PDF's dictionary, as PAdES says.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import cms, core, x509  # type: ignore[import-untyped]  # the library ships no types
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_der_x509_certificate

from tinhso.apps.signatures.data import Identity

_DATA = bytes.fromhex("06092a864886f70d010701")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_SIGNING_CERTIFICATE = bytes.fromhex("060b2a864886f70d010910022f")
_TIME_STAMP = bytes.fromhex("060b2a864886f70d010910020e")
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_ALGORITHMS = {
    "rsa": bytes.fromhex("300d06092a864886f70d01010b0500"),
    "ec": bytes.fromhex("300a06082a8648ce3d040302"),
}
# DigestInfo of SHA-256, what PKCS#1 v1.5 signs: for services and tokens that take it whole.
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def tlv(tag: int, content: bytes) -> bytes:
    """One DER value."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


@dataclass(frozen=True, slots=True)
class _Prepared:
    fixed_attributes: tuple[bytes, bytes]
    certificates: bytes
    signer: bytes
    algorithm: bytes


@lru_cache(maxsize=1024)
def _prepared(identity: Identity) -> _Prepared:
    certificate = x509.Certificate.load(identity.certificate)
    issuer, serial = certificate.issuer.dump(), core.Integer(certificate.serial_number).dump()
    general = tlv(0x30, tlv(0x30, tlv(0xA4, issuer)) + serial)
    reference = tlv(0x30, tlv(0x04, hashlib.sha256(identity.certificate).digest()) + general)
    chosen = tlv(0x30, tlv(0x30, reference))
    unique = dict.fromkeys((identity.certificate, *identity.chain))
    return _Prepared(
        fixed_attributes=(
            tlv(0x30, _CONTENT_TYPE + tlv(0x31, _DATA)),
            tlv(0x30, _SIGNING_CERTIFICATE + tlv(0x31, chosen)),
        ),
        certificates=tlv(0xA0, b"".join(sorted(unique))),
        signer=tlv(0x30, issuer + serial),
        algorithm=_ALGORITHMS[key_kind(identity.certificate)],
    )


@lru_cache(maxsize=1024)
def key_kind(certificate: bytes) -> str:
    """`rsa` or `ec`.

    Raises:
        ValueError: a key of another kind, which Vietnamese authorities do not issue.
    """
    kind = str(x509.Certificate.load(certificate).public_key.algorithm)
    if kind not in _ALGORITHMS:
        raise ValueError(f"keys of kind {kind} are not used for papers")
    return kind


def attributes_to_sign(message_digest: bytes, identity: Identity) -> bytes:
    """The signed attributes (DER SET); their SHA-256 is what the key signs."""
    prepared = _prepared(identity)
    digest = tlv(0x30, _MESSAGE_DIGEST + tlv(0x31, tlv(0x04, message_digest)))
    return tlv(0x31, b"".join(sorted((*prepared.fixed_attributes, digest))))


def assemble(attributes: bytes, signature: bytes, identity: Identity, *, time_stamp: bytes = b"") -> bytes:
    """The finished object (ContentInfo, DER). `time_stamp`: a token of RFC 3161 over the signature value."""
    prepared = _prepared(identity)
    unsigned = tlv(0xA1, tlv(0x30, _TIME_STAMP + tlv(0x31, time_stamp))) if time_stamp else b""
    signer_info = tlv(
        0x30,
        b"\x02\x01\x01" + prepared.signer + _SHA256 + b"\xa0" + attributes[1:] + prepared.algorithm
        + tlv(0x04, signature) + unsigned,
    )  # fmt: skip
    signed = tlv(
        0x30, b"\x02\x01\x01" + tlv(0x31, _SHA256) + tlv(0x30, _DATA) + prepared.certificates + tlv(0x31, signer_info)
    )
    return tlv(0x30, _SIGNED_DATA + tlv(0xA0, signed))


@lru_cache(maxsize=1024)
def _public_key(certificate: bytes) -> object:
    return load_der_x509_certificate(certificate).public_key()


def check_signature(attributes: bytes, signature: bytes, certificate: bytes) -> bool:
    """Whether a signature over the attributes was made with the certificate's key."""
    key = _public_key(certificate)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, attributes, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, attributes, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def ecdsa_from_halves(value: bytes) -> bytes:
    """A DER signature from r and s joined, as tokens and some services give it."""
    middle = len(value) // 2
    numbers = (int.from_bytes(value[:middle], "big"), int.from_bytes(value[middle:], "big"))
    return tlv(0x30, b"".join(core.Integer(number).dump() for number in numbers))


def read(content: bytes) -> cms.SignedData:
    """The signed data of a finished object, padding ignored."""
    return cms.ContentInfo.load(content, strict=False)["content"]
