"""Values of the exchange that its gateway and other apps see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tinhso.apps.exchange.enums import (
    Dialect,
    MessageKind,
    Outcome,
    SourceKind,
    SubjectOf,
)
from tinhso.kernel.errors import Conflict, DomainError, Invalid, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One line for the message log, before it has a number (dòng nhật ký thông điệp)."""

    at: datetime
    kind: MessageKind
    exchange_id: UUID
    message_id: str
    client: str
    service: str
    method: str
    right_id: int | None
    purpose: str
    user_id: str
    issue: str
    represented: str
    request_head: bytes
    request_size: int | None
    request_hash: bytes | None
    request_signature: bytes | None
    request_key: str
    response_head: bytes | None = None
    response_size: int | None = None
    response_hash: bytes | None = None
    response_signature: bytes | None = None
    response_key: str = ""
    status: int | None = None
    error: str = ""
    duration_us: int | None = None
    subject: bytes | None = None


@dataclass(frozen=True, slots=True)
class SealProblem:
    """One breach found in the message log (sai lệch)."""

    seal: int | None
    message_id: int | None
    message: str


@dataclass(frozen=True, slots=True)
class MessageLogReport:
    """Outcome of a check of the message log (kết quả kiểm tra)."""

    messages: int
    seals: int
    stamped: int
    unsealed: int
    problems: tuple[SealProblem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class IssuedClientToken:
    """A token, shown once (mã truy cập)."""

    id: int
    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RegistryContent:
    """The registry as content declares it, units of the province spelled out (danh bạ khai báo)."""

    instance: str
    members: tuple[Mapping[str, Any], ...]
    services: tuple[Mapping[str, Any], ...]
    rights: tuple[Mapping[str, Any], ...]


class RegistryInvalid(Invalid):
    """Danh bạ chia sẻ dữ liệu chưa đúng."""


class RightNotFound(NotFound):
    """Không có quyền khai thác này."""


class RightEnded(Conflict):
    """Quyền khai thác này đã bị thu hồi."""


class NoSuchParty(NotFound):
    """Không có thành viên, hệ thống hoặc dịch vụ này trong danh bạ."""


class CertificateRefused(Invalid):
    """Chứng thư hoặc khóa không dùng được."""


class MessageNotFound(NotFound):
    """Nhật ký không có thông điệp này."""


class MessageNotSealed(Conflict):
    """Thông điệp này chưa được niêm phong, mời thử lại sau một phút."""


class TooManyMessages(Conflict):
    """Quá nhiều thông điệp cùng mã; hãy nêu mã lượt trao đổi (X-Road-Request-Id)."""


class LogUnavailable(Unavailable):
    """Không ghi được nhật ký thông điệp nên không trao đổi."""


class StampUnavailable(DomainError):
    """Nơi cấp dấu thời gian không trả lời; nhật ký vẫn niêm phong, sẽ xin lại."""

    status = 503


@dataclass(frozen=True, slots=True)
class SourceField:
    """One value a data source tells (trường dữ liệu): where it stands in the answer, how it is read and shown.

    `kind`: text, name, date, choice, address. `values` turns codes of the wire into ours, a code without an entry is
    left out; `labels` says them in words; `parts` are the places of an address's parts below `path`.
    """

    key: str
    label: str
    path: str
    kind: str = "text"
    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataSource:
    """A source of data that procedures may ask (nguồn dữ liệu): which service, what is asked, what comes back, why.

    `asks` are facts about the subject (`personal_id`, `full_name`, `birth_date`, `tax_code`); the first one identifies
    it. `request` says where they stand in a JSON body. `match` is (place, value) of a verification's yes. `is_public`:
    by law anybody may ask (register of businesses). `repeatable`: asking twice changes nothing at the provider.
    """

    key: str
    name: str
    holder: str
    service: str
    method: str
    path: str
    dialect: Dialect
    kind: SourceKind
    about: SubjectOf
    asks: tuple[str, ...]
    request: Mapping[str, tuple[str, str]]
    gives: tuple[SourceField, ...]
    match: tuple[str, str]
    echo: str
    not_found: tuple[int, ...]
    document: str
    article: str
    purpose: str
    seconds: float
    repeatable: bool = False
    is_public: bool = False

    @property
    def basis(self) -> str:
        """The legal basis in one line."""
        return f"{self.article}, {self.document}" if self.article else self.document

    @property
    def identified_by(self) -> str:
        """The fact that says who is asked about."""
        return self.asks[0]


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a source, ready to be sent (câu hỏi): who asks, for which case, about whom."""

    source: DataSource
    facts: Mapping[str, str]
    client: str
    user_id: str
    issue: str
    procedure_code: str
    unit_code: str
    message_id: str


@dataclass(frozen=True, slots=True)
class AnswerField:
    """One value of an answer: `value` as a form takes it, `text` as people read it."""

    key: str
    label: str
    value: Any
    text: str


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What a source answered (trả lời), with the marks under which the log of the exchange knows it."""

    outcome: Outcome
    fields: tuple[AnswerField, ...] = ()
    request_id: str = ""
    request_hash: str = ""
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LookupData:
    """One look-up as whom it concerns sees it (lượt hỏi dữ liệu)."""

    entry_id: int
    source_name: str
    holder: str
    outcome: Outcome
    message_id: str
    issue: str
    basis: str
    fields: tuple[str, ...]

    @property
    def is_silent(self) -> bool:
        """Whether no answer came: nothing of the person's was told."""
        return self.outcome in {Outcome.FAILED, Outcome.UNANSWERED}


class UnknownSource(NotFound):
    """Không có nguồn dữ liệu này."""


class SourceNotConnected(Conflict):
    """Cơ quan giải quyết chưa được kết nối với nền tảng chia sẻ dữ liệu."""


class FactsMissing(Invalid):
    """Chưa đủ thông tin để hỏi nguồn dữ liệu."""


class RoadClosed(Unavailable):
    """Nền tảng chia sẻ dữ liệu không trả lời được lúc này."""

    def __init__(self, kind: str, told: str = "") -> None:
        super().__init__()
        self.kind = kind
        self.told = told


class AnswerUnreadable(DomainError):
    """Nguồn dữ liệu trả lời không đọc được."""

    status = 502


@dataclass(frozen=True, slots=True)
class OutgoingData:
    """A message that is this caller's to send (thông điệp gửi đi). `attempt` goes back with what became of it."""

    position: int
    destination: str
    key: str
    kind: str
    subject: str
    unit_id: int | None
    body: dict[str, Any]
    attempt: int
    refusals: int
    caused_at: datetime
    queued_at: datetime
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a round of sending came to. `unreached`: how many failed because nobody answered; `stopped`: so many in a row
    that the round ended early."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    overtaken: int = 0
    stopped: bool = False
    unreached: int = 0


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How the outbox to one system stands."""

    destination: str
    waiting: int
    dead: int
    held_back: int
    delivered_today: int
    oldest_waiting: datetime | None
    latest_delivered: datetime | None


class DeliveryRefused(DomainError):
    """Hệ thống nhận không chấp nhận thông điệp này."""

    status = 502

    def __init__(self, message: str = "", *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


class BodiesNotKept(NotFound):
    """Nội dung của thông điệp này không được giữ, hoặc đã hết thời hạn giữ."""


class MessageNotDead(Conflict):
    """Thông điệp này không còn ở trạng thái không gửi được."""
