"""Web push: a short message sealed for one browser (RFC 8291, RFC 8188 `aes128gcm`), and the sender's proof (RFC 8292).

The push service passes the message on and cannot read it.
"""

import base64
import json
import os
import struct
from datetime import datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_RECORD = 4096
LONGEST = 3000
_VALID_SECONDS = 12 * 3600
_POINT_BYTES = 65
_AUTH_BYTES = 16


class SubscriptionInvalid(ValueError):
    """The keys a browser gave are no keys of a push subscription."""


def new_key() -> bytes:
    """A sender's private key (P-256) as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_key(pem: bytes) -> str:
    """The sender's public key as browsers want it: the uncompressed point, base64url."""
    return text_of(_point(_private(pem).public_key()))


def check_subscription(p256dh: str, auth: str) -> None:
    """Refuse keys that no message can be sealed for.

    Raises:
        SubscriptionInvalid: with what is wrong.
    """
    _receiver(p256dh)
    if len(_bytes(auth)) != _AUTH_BYTES:
        raise SubscriptionInvalid("auth must be 16 bytes")


def seal(plain: bytes, *, p256dh: str, auth: str) -> bytes:
    """A message sealed for the browser with these keys, as the body to post (`Content-Encoding: aes128gcm`).

    Raises:
        SubscriptionInvalid: the keys are wrong.
        ValueError: the message is longer than 3,000 bytes.
    """
    if len(plain) > LONGEST:
        raise ValueError("a push message holds at most 3,000 bytes")
    receiver, own = _receiver(p256dh), ec.generate_private_key(ec.SECP256R1())
    salt, sender = os.urandom(16), _point(own.public_key())
    shared = own.exchange(ec.ECDH(), receiver)
    info = b"WebPush: info\0" + _point(receiver) + sender
    key, nonce = _keys(_derive(_bytes(auth), shared, info, 32), salt)
    sealed = AESGCM(key).encrypt(nonce, plain + b"\x02", None)
    return salt + struct.pack("!IB", _RECORD, len(sender)) + sender + sealed


def open_sealed(body: bytes, *, private: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What a browser does: the message in a sealed body. For the simulator and tests.

    Raises:
        cryptography.exceptions.InvalidTag: sealed for somebody else, or changed.
    """
    salt, length = body[:16], body[20]
    sender = body[21 : 21 + length]
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    info = b"WebPush: info\0" + _point(private.public_key()) + sender
    key, nonce = _keys(_derive(auth, shared, info, 32), salt)
    return AESGCM(key).decrypt(nonce, body[21 + length :], None).rstrip(b"\0")[:-1]


def proof(pem: bytes, *, audience: str, contact: str, at: datetime) -> str:
    """The `Authorization` header: a token of the sender (ES256) for this push service, twelve hours long."""
    claims = {"aud": audience, "exp": int(at.timestamp()) + _VALID_SECONDS, "sub": contact}
    signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
    r, s = decode_dss_signature(_private(pem).sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signed}.{text_of(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={public_key(pem)}"


def text_of(data: bytes) -> str:
    """Bytes as base64url without filling."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise SubscriptionInvalid("not base64url") from error


def _json(value: object) -> str:
    return text_of(json.dumps(value, separators=(",", ":")).encode())


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the sender's key must be P-256")
    return key


def _receiver(p256dh: str) -> ec.EllipticCurvePublicKey:
    point = _bytes(p256dh)
    if len(point) != _POINT_BYTES:
        raise SubscriptionInvalid("p256dh must be an uncompressed point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise SubscriptionInvalid("p256dh is no point of P-256") from error


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _derive(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(material)


def _keys(material: bytes, salt: bytes) -> tuple[bytes, bytes]:
    return (
        _derive(salt, material, b"Content-Encoding: aes128gcm\0", 16),
        _derive(salt, material, b"Content-Encoding: nonce\0", 12),
    )
