"""What happens to the registry of the exchange. Stream `exchange`: its latest number is the registry's version."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from tinhso.kernel.events import Event

STREAM = "exchange"


@dataclass(frozen=True)
class RegistryPublished(Event):
    """Công bố danh bạ chia sẻ dữ liệu từ nội dung: what it came to."""

    type: ClassVar[str] = "exchange.registry_published"
    digest: str
    members: int
    services: int
    rights: int


@dataclass(frozen=True)
class AccessGranted(Event):
    """Cấp quyền khai thác dữ liệu: who may ask for what, on which legal basis, for what, until when."""

    type: ClassVar[str] = "exchange.access_granted"
    right_id: int
    client: str
    service: str
    document: str
    article: str
    purpose: str
    fields: list[str]
    quota_per_day: int | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class AccessRevoked(Event):
    """Thu hồi quyền khai thác dữ liệu."""

    type: ClassVar[str] = "exchange.access_revoked"
    right_id: int
    reason: str


@dataclass(frozen=True)
class CertificateAdded(Event):
    """Thêm chứng thư, khóa của một thành viên hoặc của máy chủ."""

    type: ClassVar[str] = "exchange.certificate_added"
    certificate_id: int
    owner: str
    use: str
    fingerprint: str
    valid_to: datetime


@dataclass(frozen=True)
class CertificateRevoked(Event):
    """Thu hồi chứng thư, khóa."""

    type: ClassVar[str] = "exchange.certificate_revoked"
    certificate_id: int
    reason: str


@dataclass(frozen=True)
class CertificateExpiring(Event):
    """Chứng thư sắp hết hạn; once for each number of days left."""

    type: ClassVar[str] = "exchange.certificate_expiring"
    certificate_id: int
    owner: str
    days: int


@dataclass(frozen=True)
class ClientTokenIssued(Event):
    """Cấp mã truy cập cho hệ thống nhỏ không dùng chứng thư."""

    type: ClassVar[str] = "exchange.token_issued"
    token_id: int
    client: str
    expires_at: datetime


@dataclass(frozen=True)
class ClientTokenRevoked(Event):
    """Thu hồi mã truy cập."""

    type: ClassVar[str] = "exchange.token_revoked"
    token_id: int
    reason: str


@dataclass(frozen=True)
class MessageDied(Event):
    """Một thông điệp không gửi được, chờ cán bộ xử lý; it stops its own key alone. Stream: `outbox:<position>`."""

    type: ClassVar[str] = "exchange.message_died"
    position: int
    destination: str
    key: str
    kind: str
    failure: str
    attempts: int


@dataclass(frozen=True)
class MessageResent(Event):
    """Cán bộ gửi lại thông điệp không gửi được."""

    type: ClassVar[str] = "exchange.message_resent"
    position: int
    destination: str
    key: str


@dataclass(frozen=True)
class MessageSkipped(Event):
    """Cán bộ bỏ qua thông điệp không gửi được, có lý do."""

    type: ClassVar[str] = "exchange.message_skipped"
    position: int
    destination: str
    key: str
    reason: str


@dataclass(frozen=True)
class OutboxReplayed(Event):
    """Gửi lại các thông điệp đã gửi, từ một vị trí. Stream: `outbox`."""

    type: ClassVar[str] = "exchange.outbox_replayed"
    destination: str
    after: int
    key: str
    count: int
