"""Keys in a hardware module or a token (PKCS#11).

Options of the service: `module` (path of the maker's library), `token` (label). A credential is the label of the key and
of its certificate; the secret is the token's PIN. The library is loaded once for a process; sessions are short.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import core, x509  # type: ignore[import-untyped]  # the library ships no types

from tinhso.apps.signatures.data import (
    Answer,
    DigestToSign,
    Identity,
    RemoteCertificate,
    ServiceData,
    SignerRefused,
    SignerUnavailable,
    Started,
)
from tinhso.apps.signatures.enums import AnswerState

# DigestInfo of SHA-256, which PKCS#1 v1.5 signs.
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Token:
    """The adapter: it signs at once."""

    def __init__(self, service: ServiceData) -> None:
        self.service = service

    def list_certificates(self, user_id: str) -> list[RemoteCertificate]:
        """The certificate of a label (`user_id`), those above it that the token holds included; empty label: all."""
        with self._session() as session:
            held = list(_certificates(session))
        by_subject = {x509.Certificate.load(der).subject.dump(): der for _, der in held}
        return [
            RemoteCertificate(label, Identity(der, tuple(_above(der, by_subject))))
            for label, der in held
            if label == user_id or (not user_id and not x509.Certificate.load(der).ca)
        ]

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
        with self._session() as session:
            key = _private_key(session, credential_id)
            if key is None:
                raise SignerRefused(f"Thiết bị ký không có khóa “{credential_id}”.")
            signatures = tuple(_sign(key, one.digest) for one in digests)
        return Started("", Answer(AnswerState.SIGNED, signatures))

    def poll(self, handle: str) -> Answer:
        """Nothing is ever left open here."""
        return Answer(AnswerState.EXPIRED, reason="thiết bị ký không giữ yêu cầu")

    @contextmanager
    def _session(self) -> Iterator[Any]:
        import pkcs11

        try:
            token = _library(str(self.service.options["module"])).get_token(
                token_label=str(self.service.options["token"])
            )
            with token.open(user_pin=self.service.secret) as session:
                yield session
        except (KeyError, pkcs11.NoSuchToken) as error:
            raise SignerUnavailable(f"Không tìm thấy thiết bị ký của {self.service.name}.") from error
        except (pkcs11.PinIncorrect, pkcs11.PinLocked) as error:
            raise SignerRefused("Mã PIN của thiết bị ký không đúng hoặc đã bị khóa.") from error
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            raise SignerUnavailable(f"Thiết bị ký của {self.service.name} không trả lời.") from error


@lru_cache(maxsize=4)
def _library(module: str) -> Any:
    import pkcs11

    return pkcs11.lib(module)


def _certificates(session: Any) -> Iterator[tuple[str, bytes]]:
    import pkcs11

    for found in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}):
        yield str(found[pkcs11.Attribute.LABEL]), bytes(found[pkcs11.Attribute.VALUE])


def _above(der: bytes, by_subject: dict[bytes, bytes]) -> Iterator[bytes]:
    certificate = x509.Certificate.load(der)
    for _ in range(4):
        issuer = certificate.issuer.dump()
        if issuer == certificate.subject.dump() or issuer not in by_subject:
            return
        yield by_subject[issuer]
        certificate = x509.Certificate.load(by_subject[issuer])


def _private_key(session: Any, label: str) -> Any:
    import pkcs11

    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY, pkcs11.Attribute.LABEL: label}
    return next(iter(session.get_objects(wanted)), None)


def _sign(key: Any, digest: bytes) -> bytes:
    import pkcs11

    if key.key_type == pkcs11.KeyType.RSA:
        return bytes(key.sign(_DIGEST_INFO + digest, mechanism=pkcs11.Mechanism.RSA_PKCS))
    joined = bytes(key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))
    middle = len(joined) // 2
    halves = [core.Integer(int.from_bytes(part, "big")).dump() for part in (joined[:middle], joined[middle:])]
    body = b"".join(halves)
    return bytes(core.Sequence(contents=body).dump())
