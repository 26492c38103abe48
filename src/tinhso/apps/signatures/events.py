"""What happens to signing keys and with them. Streams: `signing_key:<id>`, `signing_authority`,
`signing_service:<id>`, `signing_request:<id>`, `kept_paper:<id>`."""

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
class TrustAnchorAdded(Event):
    """A root is believed from now on when signatures are checked (thêm chứng thư gốc); stream `trust_anchors`."""

    type: ClassVar[str] = "signature.trust_anchor_added"
    name: str
    fingerprint: str
    trusted_from: datetime | None
    trusted_to: datetime | None


@dataclass(frozen=True)
class PaperKeyCreated(Event):
    """A key for the QR codes of papers was made and signs from now on (tạo khóa ký mã QR); stream `paper_keys`."""

    type: ClassVar[str] = "signature.paper_key_created"
    key: str


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


@dataclass(frozen=True)
class PaperStrengthened(Event):
    """A signed paper got a time stamp or evidence (bổ sung dấu thời gian, bằng chứng); what is signed stays as it was."""

    type: ClassVar[str] = "signature.paper_strengthened"
    subject: str
    level: int
    file_id: int
    digest_before: str
    digest_after: str


@dataclass(frozen=True)
class SigningServiceSet(Event):
    """A signing service was declared or changed (khai báo dịch vụ ký số)."""

    type: ClassVar[str] = "signature.service_set"
    key: str
    kind: str
    base_url: str


@dataclass(frozen=True)
class SignerChosen(Event):
    """An officer or an agency signs with this service from now on (chọn nơi ký)."""

    type: ClassVar[str] = "signature.signer_chosen"
    choice_id: int
    owner_kind: str
    owner_id: int
    service: str
    serial: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True)
class SignatureAsked(Event):
    """A paper is ready to be signed by somebody far away (gửi yêu cầu ký). The digest is of what the key signs."""

    type: ClassVar[str] = "signature.asked"
    request_id: int
    subject: str
    role: str
    choice_id: int
    digest: str


@dataclass(frozen=True)
class SignatureAnswered(Event):
    """A request to sign ended: signed, refused, expired, failed or given up (kết thúc yêu cầu ký)."""

    type: ClassVar[str] = "signature.answered"
    request_id: int
    subject: str
    role: str
    status: str
    reason: str
    digest_after: str


@dataclass(frozen=True)
class PaperHandedOver(Event):
    """One-time links were given to fetch a paper, sign it on the signer's machine and return it (giao tệp để ký)."""

    type: ClassVar[str] = "signature.handed_over"
    request_id: int
    subject: str
    role: str
    expires_at: datetime


@dataclass(frozen=True)
class HandOverLinkUsed(Event):
    """A one-time link was used: the paper was fetched, or a file came back (dùng liên kết một lần)."""

    type: ClassVar[str] = "signature.link_used"
    request_id: int
    subject: str
    purpose: str


@dataclass(frozen=True)
class ReturnedFileRefused(Event):
    """A returned file was not the paper with one right signature (không nhận tệp gửi lại); the paper waits on."""

    type: ClassVar[str] = "signature.return_refused"
    request_id: int
    subject: str
    digest: str
    reasons: list[str]


@dataclass(frozen=True)
class SignerPictureSet(Event):
    """A signer's mark shows another picture from now on, or none (đặt ảnh chữ ký); stream `signer:<kind>:<id>`."""

    type: ClassVar[str] = "signature.picture_set"
    owner_kind: str
    owner_id: int
    file_id: int | None


@dataclass(frozen=True)
class StampsRetried(Event):
    """The operator had failed steps of signed papers tried again at once (thử lại dấu thời gian); stream `kept_papers`."""

    type: ClassVar[str] = "signature.stamps_retried"
    papers: int
