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
class MessageBodiesRead(Event):
    """Đọc nội dung đã giữ của một thông điệp, vì lý do gì. Stream: `exchange-bodies`."""

    type: ClassVar[str] = "exchange.bodies_read"
    message_id: str
    count: int
    reason: str


@dataclass(frozen=True)
class MessageBodiesForgotten(Event):
    """Xóa nội dung thông điệp hết thời hạn giữ, cùng khóa của những ngày đó. Stream: `exchange-bodies`."""

    type: ClassVar[str] = "exchange.bodies_forgotten"
    before: date
    count: int


@dataclass(frozen=True)
class AxisDirectoryChanged(Event):
    """Danh bạ cơ quan của trục liên thông văn bản có thay đổi. Stream: `exchange-axis`."""

    type: ClassVar[str] = "exchange.axis_directory_changed"
    version: int
    added: int
    changed: int
    left: int


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


@dataclass(frozen=True)
class AccessAsked(Event):
    """Đơn vị đề nghị khai thác dữ liệu. Stream `exchange-request:<id>`, as the next three."""

    type: ClassVar[str] = "exchange.access_asked"
    request_id: int
    kind: str
    client: str
    service: str
    method: str
    path: str
    fields: list[str]
    purpose: str
    document: str
    article: str
    volume_per_day: int
    valid_from: date
    valid_to: date
    renews: int | None
    due_at: datetime


@dataclass(frozen=True)
class AccessApproved(Event):
    """Chấp thuận đề nghị khai thác; `exchange.access_granted` of the same moment says what was given."""

    type: ClassVar[str] = "exchange.access_approved"
    request_id: int
    right_id: int
    reason: str


@dataclass(frozen=True)
class AccessRefused(Event):
    """Không chấp thuận đề nghị khai thác, có lý do."""

    type: ClassVar[str] = "exchange.access_refused"
    request_id: int
    reason: str


@dataclass(frozen=True)
class AccessWithdrawn(Event):
    """Đơn vị rút đề nghị khai thác."""

    type: ClassVar[str] = "exchange.access_withdrawn"
    request_id: int
    reason: str


@dataclass(frozen=True)
class MaintenanceAnnounced(Event):
    """Thông báo bảo trì một dịch vụ."""

    type: ClassVar[str] = "exchange.maintenance_announced"
    maintenance_id: int
    service: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class MaintenanceCancelled(Event):
    """Hủy hoặc kết thúc sớm một đợt bảo trì."""

    type: ClassVar[str] = "exchange.maintenance_cancelled"
    maintenance_id: int
    service: str


@dataclass(frozen=True)
class AlarmOpened(Event):
    """Cảnh báo vận hành mở. Stream `exchange-alarms`, as the next two."""

    type: ClassVar[str] = "exchange.alarm_opened"
    alarm_id: int
    kind: str
    subject: str
    words: str


@dataclass(frozen=True)
class AlarmAcknowledged(Event):
    """Cán bộ vận hành nhận xử lý cảnh báo."""

    type: ClassVar[str] = "exchange.alarm_acknowledged"
    alarm_id: int


@dataclass(frozen=True)
class AlarmClosed(Event):
    """Cảnh báo tự đóng: the thing is well again."""

    type: ClassVar[str] = "exchange.alarm_closed"
    alarm_id: int


@dataclass(frozen=True)
class ServiceTried(Event):
    """Cán bộ gọi thử dịch vụ qua cổng trao đổi, nêu mục đích. Stream `exchange-trials`."""

    type: ClassVar[str] = "exchange.service_tried"
    service: str
    client: str
    method: str
    path: str
    purpose: str
    message_id: str
    status: int


@dataclass(frozen=True)
class ContractChecked(Event):
    """Đối chiếu trả lời của bên cung cấp với mô tả. Stream `exchange-contracts`; without any value of an answer."""

    type: ClassVar[str] = "exchange.contract_checked"
    service: str
    origin: str
    method: str
    path: str
    status: int | None
    differences: int
