"""What moves the legal clock. Together with reception, supplements and the end of a case these events are the clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ClockStarted(Event):
    """Cơ quan có thẩm quyền đã nhận hồ sơ nộp ở nơi khác; thời hạn bắt đầu."""

    type: ClassVar[str] = "case.clock_started"
    case_id: int
    unit_id: int
    started_at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True)
class ClockSuspended(Event):
    """Tạm dừng tính thời hạn."""

    type: ClassVar[str] = "case.clock_suspended"
    case_id: int
    pause_id: int
    reason: str
    basis: str
    note: str
    since: datetime
    expected_until: datetime | None = None
    incident_id: int | None = None


@dataclass(frozen=True)
class ClockResumed(Event):
    """Hết tạm dừng, thời hạn tính tiếp."""

    type: ClassVar[str] = "case.clock_resumed"
    case_id: int
    pause_id: int
    reason: str
    until: datetime
    due_at: datetime | None = None


@dataclass(frozen=True)
class FinancialDutyBegan(Event):
    """Đã chuyển thông tin nghĩa vụ tài chính; thời hạn dừng. `first_due_at` is the date that held until then."""

    type: ClassVar[str] = "case.financial_duty_began"
    case_id: int
    pause_id: int
    reason: str
    basis: str
    note: str
    since: datetime
    first_due_at: datetime | None = None


@dataclass(frozen=True)
class FinancialDutyEnded(Event):
    """Đã xác nhận hoàn thành nghĩa vụ tài chính. `limit` begins anew from here; empty, the rest of the first goes on."""

    type: ClassVar[str] = "case.financial_duty_ended"
    case_id: int
    pause_id: int
    until: datetime
    limit: str = ""
    basis: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class DeadlineExtended(Event):
    """Gia hạn, xin lỗi và hẹn lại ngày trả kết quả (Mẫu 04). `amount` counts from the date that held."""

    type: ClassVar[str] = "case.deadline_extended"
    case_id: int
    extension_id: int
    number: int
    amount: str
    reason: str
    basis: str
    decided_at: datetime
    old_due_at: datetime
    new_due_at: datetime


@dataclass(frozen=True)
class DeadlineRecomputed(Event):
    """Ngày hẹn trả được tính lại theo lịch làm việc mới công bố."""

    type: ClassVar[str] = "case.deadline_recomputed"
    case_id: int
    recomputation_id: int
    calendar_key: str
    calendar_number: int
    before_at: datetime
    after_at: datetime


@dataclass(frozen=True)
class LateCauseFound(Event):
    """Quá hạn do sự cố có bằng chứng, không phải do người xử lý."""

    type: ClassVar[str] = "case.late_cause_found"
    case_id: int
    cause: str
    incident_id: int
    minutes: int
    evidence: str


@dataclass(frozen=True)
class IncidentRecorded(Event):
    """Ghi nhận một sự cố hệ thống."""

    type: ClassVar[str] = "incident.recorded"
    incident_id: int
    system: str
    kind: str
    unit_id: int | None
    stops_clock: bool
    started_at: datetime


@dataclass(frozen=True)
class IncidentEnded(Event):
    """Sự cố hệ thống đã khắc phục."""

    type: ClassVar[str] = "incident.ended"
    incident_id: int
    ended_at: datetime


@dataclass(frozen=True)
class IncidentRoundStarted(Event):
    """Bắt đầu dừng (hoặc tính tiếp) thời hạn của các hồ sơ mà sự cố chạm đến."""

    type: ClassVar[str] = "incident.round_started"
    incident_id: int
    is_end: bool
    total: int


@dataclass(frozen=True)
class IncidentRoundFinished(Event):
    """Đã dừng (hoặc tính tiếp) xong thời hạn của mọi hồ sơ mà sự cố chạm đến."""

    type: ClassVar[str] = "incident.round_finished"
    incident_id: int
    is_end: bool
    examined: int
    touched: int


@dataclass(frozen=True)
class RecomputationStarted(Event):
    """Bắt đầu tính lại thời hạn theo lịch mới."""

    type: ClassVar[str] = "recomputation.started"
    recomputation_id: int
    calendar_key: str
    calendar_number: int


@dataclass(frozen=True)
class RecomputationFinished(Event):
    """Đã tính lại thời hạn của mọi hồ sơ đang giải quyết."""

    type: ClassVar[str] = "recomputation.finished"
    recomputation_id: int
    examined: int
    changed: int


@dataclass(frozen=True)
class FeeAssessed(Event):
    """Cơ quan xác định một khoản thu sau khi xem xét hồ sơ."""

    type: ClassVar[str] = "case.fee_assessed"
    case_id: int
    order_id: int
    name: str
    amount_vnd: int
    basis: str
    reason: str = ""


@dataclass(frozen=True)
class DutyNoticed(Event):
    """Thông báo của cơ quan thuế về nghĩa vụ tài chính, nộp được ở đây."""

    type: ClassVar[str] = "case.duty_noticed"
    case_id: int
    name: str
    amount_vnd: int
    notice: str
