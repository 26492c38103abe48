"""Tokens of others at rest: sealed with a key drawn from the installation's secret."""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12


def seal(text: str, *, bound_to: str) -> bytes:
    """A token sealed for one place."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, text.encode(), bound_to.encode())


def open_sealed(sealed: bytes | memoryview, *, bound_to: str) -> str:
    """The token again.

    Raises:
        cryptography.exceptions.InvalidTag: another installation's secret, another place, or changed.
    """
    raw = bytes(sealed)
    return AESGCM(_key()).decrypt(raw[:_NONCE], raw[_NONCE:], bound_to.encode()).decode()


def _key() -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"tinhso provider tokens").derive(
        settings.SECRET_KEY.encode()
    )
