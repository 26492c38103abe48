"""What authorities of trust send (time stamps, certificate status, revocation lists), and the evidence we hand out."""

import hashlib
import io
import json
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from asn1crypto import tsp
from asn1crypto.ocsp import OCSPResponse
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import ocsp
from deploy import verify_message
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from tests.factories.signatures import AT, World
from tests.fuzz.targets.target import Target
from tinhso.apps.exchange import rules as exchange
from tinhso.apps.exchange.data import StampUnavailable
from tinhso.apps.exchange.providers import stamps as seal_stamps
from tinhso.apps.signatures.data import SignerUnavailable
from tinhso.apps.signatures.providers import trustservices
from tinhso.apps.signatures.rules import longterm, stamping, trust
from tinhso.apps.signatures.rules.paper import PaperError
from tinhso.apps.signatures.rules.signing import run_now
from tinhso.simulators.trust import Authority, stamps

_SEAL, _NONCE = hashlib.sha256(b"seal").digest(), 7
_NOW = AT.astimezone(UTC)


@dataclass(frozen=True)
class _Known:
    """A simulated authority and a paper that was signed and sealed, made once."""

    authority: Authority
    paper: bytes

    @cached_property
    def owner(self) -> x509.Certificate:
        return self.authority.issue("NGUYEN VAN MAU", user_id="051090000001")[1]


@cache
def _known() -> _Known:
    with tempfile.TemporaryDirectory() as folder:
        return _Known(Authority(), World.make(Path(folder)).sealed)


def _answered(query: bytes) -> bytes:
    return stamps.answer(query, authority=_known().authority, at=_NOW)


def _seal_answers() -> tuple[bytes, ...]:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": _SEAL}
    asked = {"version": "v1", "message_imprint": imprint, "nonce": _NONCE, "cert_req": False}
    return _answered(tsp.TimeStampReq(asked).dump()), _answered(b"")


def _status_answers() -> tuple[bytes, ...]:
    known = _known()
    asked = ocsp.OCSPRequestBuilder().add_certificate(known.owner, known.authority.issuing, hashes.SHA1())  # noqa: S303 - RFC 6960
    query = asked.build().public_bytes(serialization.Encoding.DER)
    other = Authority()
    other.issued[known.owner.serial_number] = known.owner
    return known.authority.answer_status(query, _NOW), other.answer_status(query, _NOW)


def _lists() -> tuple[bytes, ...]:
    authority = _known().authority
    authority.revoked[1] = _NOW
    return authority.revocation_list(_NOW), authority.root_list(_NOW)


def _judged(*, lists: tuple[bytes, ...] = (), answers: tuple[bytes, ...] = ()) -> None:
    """What the check of a paper does with evidence that was let in: a verdict comes of it, for or against."""
    known = _known()
    parsed = [Certificate.load(one.public_bytes(serialization.Encoding.DER)) for one in _path()]
    evidence = trust.Evidence(
        trust.Trust(b""), (parsed[0],), (parsed[1],), tuple(trust.readable_lists(lists)),
        tuple(OCSPResponse.load(one) for one in answers),
    )  # fmt: skip
    evidence.knows_revocation_of(parsed[2])
    context = evidence.context(_NOW, revocation_required=True)
    try:
        run_now(CertificateValidator(parsed[2], validation_context=context).async_validate_path())
    except (PathValidationError, PathBuildingError):
        return
    finally:
        assert known.paper


def _path() -> tuple[x509.Certificate, ...]:
    known = _known()
    return known.authority.root, known.authority.issuing, known.owner


def _status(data: bytes) -> None:
    _judged(answers=(trustservices.read_status(data, _known().owner.serial_number),))


def _list(data: bytes) -> None:
    _judged(lists=(trustservices.read_list(data),))


# --- the evidence of a message, as whoever was given it checks it


@cache
def _log() -> tuple[Ed25519PrivateKey, bytes]:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))  # always the same: what broke a reader is read again
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "log")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        builder.serial_number(1)
        .not_valid_before(_NOW)
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, None)
    )
    return key, made.public_bytes(serialization.Encoding.PEM)


def _containers() -> tuple[bytes, ...]:
    key, pem = _log()
    mark = x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()
    head, body = b"POST /a\nx-road-id: 1\n", b"body"
    wanted = hashlib.sha512(hashlib.sha512(head).digest() + hashlib.sha512(body).digest()).digest()
    line: dict[str, Any] = {"id": 7, "kind": "request", "response_hash": None}
    own = {
        "hash": wanted.hex(),
        "key": mark,
        "signature": key.sign(wanted).hex(),
        "head": head.hex(),
        "size": len(body),
    }
    line |= {f"request_{name}": value for name, value in own.items()}
    words, beside = json.dumps(line).encode(), hashlib.sha256(b"beside").digest()
    root = hashlib.sha256(b"\1" + hashlib.sha256(b"\0" + words).digest() + beside).digest()
    seal = exchange.seal_bytes(
        number=1, first_id=7, last_id=8, size=2, root=root, previous_head=b"", sealed_at=_NOW
    )  # fmt: skip
    made = exchange.container(
        line=words, seal=seal, signature=key.sign(seal), proof=[("right", beside)], stamp=None,
        heads={"request.head": head, "request.body": body}, certificates={mark: pem.decode()},
    )  # fmt: skip
    assert _checked(made), "the seed itself holds"
    return made, _unpacked(made)


def _unpacked(container: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        files = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    return json.dumps(files).encode()


def _checked(data: bytes) -> list[str]:
    """A container, or the files of one, under a seal that the log's key signs whatever it says."""
    key, pem = _log()
    if data[:1] == b"{":
        try:
            files = json.loads(data)
            files["seal.sig"] = key.sign(files["seal.json"].encode("latin-1")).decode("latin-1")
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                for name, content in files.items():
                    archive.writestr(name[:200] or "a", content.encode("latin-1"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UserWarning):
            return []
        data = out.getvalue()
    return verify_message.verify(io.BytesIO(data), pem)


TRUST: dict[str, Target] = {
    "seal-stamp": Target(
        lambda data: seal_stamps.read_stamp(data, digest=_SEAL, nonce=_NONCE), _seal_answers, (StampUnavailable,)
    ),
    "paper-stamp": Target(
        lambda data: stamping.put_stamp(_known().paper, data),
        lambda: (_answered(stamping.stamp_query(_known().paper)), _answered(b"")), (PaperError,),
    ),
    "archive-stamp": Target(
        lambda data: longterm.put_document_stamp(_known().paper, lambda query: data or _answered(query)),
        _seal_answers, (PaperError,), tries=10,
    ),
    "status-answer": Target(_status, _status_answers, (SignerUnavailable,)),
    "revocation-list": Target(_list, _lists, (SignerUnavailable,)),
    "message-evidence": Target(_checked, _containers, (verify_message.Refused,)),
}  # fmt: skip
