"""What happens to signing keys and with them. Streams: `signing_key:<id>` and `signing_authority`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class AuthorityCreated(Event):
    """The test certificate authority of this installation was made (tạo CA thử nghiệm)."""

    type: ClassVar[str] = "signature.authority_created"
    name: str


@dataclass(frozen=True)
class SigningKeyIssued(Event):
    """A person or an agency received a key and its certificate (cấp chứng thư chữ ký số)."""

    type: ClassVar[str] = "signature.key_issued"
    key_id: int
    owner_kind: str
    owner_id: int
    serial: str
    valid_to: datetime


@dataclass(frozen=True)
class SigningKeyRevoked(Event):
    """A certificate was revoked (thu hồi chứng thư); files signed with it are no longer accepted."""

    type: ClassVar[str] = "signature.key_revoked"
    key_id: int
    serial: str
    reason: str


@dataclass(frozen=True)
class PaperSigned(Event):
    """A key signed a file (ký số văn bản). Digests are SHA-256 of the file before and after."""

    type: ClassVar[str] = "signature.paper_signed"
    key_id: int
    owner_kind: str
    owner_id: int
    digest_before: str
    digest_after: str
