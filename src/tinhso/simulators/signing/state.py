"""Subscribers with their keys, and requests that wait for the subscriber's phone."""

import secrets
import time
from base64 import b64encode
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from tinhso.simulators.trust import Authority

LIFE_SECONDS = 300.0
TOKEN_SECONDS = 3600


class Status(StrEnum):
    """How far a request is."""

    WAITING = "waiting"
    SIGNED = "signed"
    REFUSED = "refused"
    EXPIRED = "expired"


class Fault(StrEnum):
    """One misbehaviour at a time."""

    NONE = ""
    DOWN = "down"
    NOT_JSON = "not_json"
    WRONG_SIGNATURE = "wrong_signature"
    FEWER_SIGNATURES = "fewer_signatures"


class Phone(StrEnum):
    """What the subscriber does."""

    WAIT = "wait"
    CONFIRM = "confirm"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person or an agency with a key in the service's keeping."""

    user_id: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def credential_id(self) -> str:
        """The name of the credential in MySign and CSC."""
        return f"{self.user_id}_{self.certificate.serial_number & 0xFFFFFFFF:08x}"

    @property
    def serial(self) -> str:
        """The certificate's serial, hexadecimal."""
        return f"{self.certificate.serial_number:x}"


@dataclass(slots=True)
class Asked:
    """One request: what the phone shows, and what the key signs."""

    id: str
    subscriber: Subscriber
    service: str
    description: str
    documents: list[tuple[str, bytes]]
    deadline: float
    status: Status = Status.WAITING
    signatures: list[bytes] = field(default_factory=list)
    reference: str = ""


@dataclass
class State:
    """Everything the services remember."""

    authority: Authority
    clients: dict[str, str]
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    fault: Fault = Fault.NONE
    phone: Phone = Phone.WAIT
    life_seconds: float = LIFE_SECONDS
    webhook: str = ""

    def subscriber(self, user_id: str) -> Subscriber | None:
        """A subscriber; any identity number of digits has one."""
        number = user_id.removeprefix("CMT_")
        if not number.isalnum() or not 3 <= len(number) <= 20:
            return None
        if number not in self.subscribers:
            key, certificate = self.authority.issue(f"Thuê bao thử nghiệm {number}", user_id=number)
            self.subscribers[number] = Subscriber(number, key, certificate)
        return self.subscribers[number]

    def by_credential(self, credential_id: str) -> Subscriber | None:
        """The subscriber of a credential."""
        return next((one for one in self.subscribers.values() if one.credential_id == credential_id), None)

    def knows(self, client_id: str, secret: str) -> bool:
        """Whether a client proved itself."""
        return bool(secret) and secrets.compare_digest(self.clients.get(client_id, "").encode(), secret.encode())

    def issue_token(self, user_id: str) -> str:
        """A bearer token."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = user_id
        return token

    def ask(
        self,
        subscriber: Subscriber,
        documents: list[tuple[str, bytes]],
        *,
        service: str,
        description: str,
        reference: str = "",
    ) -> Asked:
        """Put a request on the phone; the same reference again is the same request."""
        known = next((one for one in self.asked.values() if reference and one.reference == reference), None)
        if known is not None:
            return known
        asked = Asked(
            secrets.token_hex(16), subscriber, service, description, documents, time.monotonic() + self.life_seconds,
            reference=reference,
        )  # fmt: skip
        self.asked[asked.id] = asked
        if self.phone is not Phone.WAIT:
            self.decide(asked, confirm=self.phone is Phone.CONFIRM)
        return asked

    def look(self, asked_id: str) -> Asked | None:
        """A request as it is now."""
        asked = self.asked.get(asked_id)
        if asked and asked.status is Status.WAITING and time.monotonic() > asked.deadline:
            asked.status = Status.EXPIRED
        return asked

    def decide(self, asked: Asked, *, confirm: bool) -> None:
        """The phone's answer; too late changes nothing."""
        if asked.status is not Status.WAITING:
            return
        if not confirm:
            asked.status = Status.REFUSED
            return
        asked.signatures = [self._sign(asked.subscriber, digest) for _, digest in asked.documents]
        if self.fault is Fault.FEWER_SIGNATURES:
            asked.signatures.pop()
        asked.status = Status.SIGNED

    def _sign(self, subscriber: Subscriber, digest: bytes) -> bytes:
        if self.fault is Fault.WRONG_SIGNATURE:
            digest = bytes(32)
        return subscriber.key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))


def der64(certificate: x509.Certificate) -> str:
    """A certificate as the services give it."""
    return b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
