"""Values of digital signatures that other apps and pages see."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tinhso.apps.signatures.enums import AnswerState, PaperLevel, RequestStatus
from tinhso.kernel.errors import Conflict, DomainError, Invalid, Unavailable


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs: the signer's certificate and those above it, DER. The key is somebody else's affair."""

    certificate: bytes
    chain: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceData:
    """Where a signer's key is kept (dịch vụ ký số): which interface, at which address, with which account.

    `secret` is read from a file when a call is made and never shown.
    """

    key: str
    kind: str
    name: str
    base_url: str = ""
    account: str = ""
    secret: str = field(default="", repr=False)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteCertificate:
    """A certificate a service keeps the key of, under the service's own name for it."""

    credential_id: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class DigestToSign:
    """SHA-256 of what is signed, and how the paper is called on the signer's phone."""

    name: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """How far a service is: signature values in the order asked, or why there are none."""

    state: AnswerState
    signatures: tuple[bytes, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """A request a service took: the handle to ask with later, and what it said at once."""

    handle: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class SigningKeyData:
    """A signing key without its secret (chứng thư chữ ký số); `path` names the key file inside the folder of keys."""

    id: int
    owner_kind: str
    owner_id: int
    common_name: str
    organisation: str
    serial: str
    certificate_pem: str
    path: str
    valid_from: datetime
    valid_to: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """One signature found in a file and what holds of it. `sentence` is for anybody, the rest for specialists.

    `signed_at` is the time stamp's instant when there is one (`timestamped`: it is trusted), else what the signer says.
    `judged_at` is the instant at which the certificate had to be valid. `problems` make the signature fail, `unknown` is
    what could not be found out. `path` leads from the root to the signer.
    """

    field: str
    is_seal: bool
    signer: str
    organisation: str
    signed_at: datetime | None
    ok: bool
    sentence: str
    problems: tuple[str, ...]
    issuer: str
    serial: str
    algorithm: str
    coverage: str
    modification: str
    certificate_valid_to: datetime | None
    revocation_checked: bool
    timestamped: bool
    subject: str = ""
    issuer_subject: str = ""
    path: tuple[str, ...] = ()
    revocation: str = ""
    stamped_by: str = ""
    judged_at: datetime | None = None
    certificate_valid_from: datetime | None = None
    format: str = ""
    revision: int = 0
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StampFact:
    """A time stamp over the whole file (dấu thời gian của tài liệu); `trusted`: its authority is a configured one."""

    field: str
    authority: str
    at: datetime | None
    intact: bool
    trusted: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of checking a file (kết quả kiểm tra chữ ký số), in words and in facts.

    `ok`: every signature holds, nothing was added or changed, and trust ends at a configured root. `sealed`: an
    agency's signature locks the whole file. `demo`: some certificate comes from the test authority. `text`: what the signed
    revision shows, where it was asked for; `pages_compared`: how many pages were drawn and compared with what was signed.
    """

    ok: bool
    outcome: str
    headline: str
    sentences: tuple[str, ...]
    signatures: tuple[SignatureFact, ...]
    sha256: str
    size: int
    sealed: bool
    demo: bool
    stamps: tuple[StampFact, ...] = ()
    revisions: int = 0
    text: str = ""
    pages_compared: int = 0


@dataclass(frozen=True, slots=True)
class PaperClaim:
    """What the QR of a paper says of it (thông tin ký trong mã QR). `holder` is shortened, `name_mark` a digest of the name."""

    code: str
    kind: str
    number: str
    issued_on: date | None
    issuer: str
    holder: str
    name_mark: bytes


@dataclass(frozen=True, slots=True)
class PaperKeyData:
    """A key that signs QR codes, without its secret: it signs from `since` until `until`, and checks for ever."""

    id: str
    public: bytes
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TrustAnchorData:
    """A root the check believes (chứng thư gốc được tin cậy). `trusted_*`: narrower than its validity, where given."""

    name: str
    fingerprint: str
    valid_from: datetime
    valid_to: datetime
    trusted_from: datetime | None
    trusted_to: datetime | None
    crl: tuple[str, ...]


class TrustAnchorRefused(Invalid):
    """Tệp này không phải một chứng thư gốc (PEM) của tổ chức cấp chứng thư."""


class PaperNotSignable(Invalid):
    """Văn bản này không ký được."""


class SigningKeyMissing(Conflict):
    """Chưa có chứng thư chữ ký số còn hiệu lực cho người hoặc cơ quan này."""


class SigningUnavailable(Unavailable):
    """Kho khóa ký số chưa sẵn sàng, mời thử lại sau hoặc báo người vận hành."""


class SignerUnavailable(Unavailable):
    """Dịch vụ ký số không trả lời được lúc này; hệ thống sẽ thử lại."""


class SignerRefused(DomainError):
    """Dịch vụ ký số không nhận yêu cầu này."""

    status = 502
    code = "signer_refused"


class SignerNotSet(Conflict):
    """Chưa khai báo dịch vụ ký số này."""


class LinkClosed(DomainError):
    """Liên kết này đã dùng rồi hoặc đã hết hạn; mời lấy liên kết mới ở trang ký bằng phần mềm trên máy."""

    status = 410
    code = "link_closed"


class PictureNotUsable(Invalid):
    """Ảnh chữ ký không dùng được."""


@dataclass(frozen=True, slots=True)
class CertificateData:
    """A certificate as an administrator reads it."""

    subject: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class SignerState:
    """With what a person or an agency signs now, and what is wrong with it (`alarm`; empty: nothing).

    `choice_id` or `key_id` is what can be ended or revoked; both None: nothing to sign with.
    """

    owner_kind: str
    owner_id: int
    service_name: str = ""
    choice_id: int | None = None
    key_id: int | None = None
    certificate: CertificateData | None = None
    alarm: str = ""
    picture_id: int | None = None


class ReturnRefused(Invalid):
    """Tệp gửi lại không được nhận."""


@dataclass(frozen=True, slots=True)
class HandOverLinks:
    """One-time tokens to fetch a paper and to return it signed; both end at `expires_at`."""

    fetch: str
    give_back: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ChoiceData:
    """One way an officer or an agency may sign (nơi ký)."""

    id: int
    owner_kind: str
    owner_id: int
    service: ServiceData
    user_id: str
    credential_id: str
    common_name: str
    identity: Identity | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class RequestData:
    """How far one paper is with its signer; `sentence` is for the page."""

    id: int
    uuid: str
    subject: str
    role: str
    status: RequestStatus
    service_name: str
    service_kind: str
    description: str
    sentence: str
    signed_file_id: int | None
    asked_at: datetime
    expires_at: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KeptPaperData:
    """A signed paper whose next step is due."""

    id: int
    subject: str
    file_id: int
    level: PaperLevel
    wanted: PaperLevel


@dataclass(frozen=True, slots=True)
class PaperVersionData:
    """A file a kept paper is or was."""

    file_id: int
    sha256: str
    level: PaperLevel
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PapersState:
    """How many signed papers stand at each level, and what stands in the way of the others (tình trạng dấu thời gian).

    `failing`: (sentence, how many papers) of the steps that did not succeed.
    """

    levels: tuple[tuple[PaperLevel, int], ...]
    waiting: int
    failing: tuple[tuple[str, int], ...]
    oldest_waiting: datetime | None
    configured: bool


@dataclass(frozen=True, slots=True)
class QueuedPaper:
    """A paper of the queue as an operator sees it: a name without meaning outside, no content."""

    subject: str
    level: PaperLevel
    wanted: PaperLevel
    kept_at: datetime
    due_at: datetime | None
    tries: int
    failure: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step of signing came to: the signed file, or the request that stands in its way."""

    pdf: bytes | None
    request: RequestData | None = None
