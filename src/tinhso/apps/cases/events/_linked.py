"""What happens to the legs of a linked case, told in the stream of the whole (bước liên thông)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class LegsOpened(Event):
    """Các bước của hồ sơ liên thông được lập; `skipped` are not part of this application."""

    type: ClassVar[str] = "case.legs_opened"
    case_id: int
    legs: list[str]
    skipped: list[str]


@dataclass(frozen=True)
class LegStarted(Event):
    """Một bước bắt đầu: a case of its own at its agency, or a message ready for the ministry's system."""

    type: ClassVar[str] = "case.leg_started"
    case_id: int
    leg: str
    child_id: int | None = None
    child_code: str = ""
    system: str = ""


@dataclass(frozen=True)
class LegHeld(Event):
    """Một bước chưa bắt đầu được; it is tried again."""

    type: ClassVar[str] = "case.leg_held"
    case_id: int
    leg: str
    reason: str


@dataclass(frozen=True)
class LegMoved(Event):
    """Hồ sơ của một bước vừa đổi trạng thái; the whole follows in a job."""

    type: ClassVar[str] = "case.leg_moved"
    case_id: int
    child_id: int
    status: str


@dataclass(frozen=True)
class LegSent(Event):
    """Đã chuyển sang hệ thống của bộ, chờ cơ quan nhận; `external_code` is the code it gave."""

    type: ClassVar[str] = "case.leg_sent"
    case_id: int
    leg: str
    system: str
    external_code: str


@dataclass(frozen=True)
class LegTaken(Event):
    """Cơ quan của bước đã nhận; the clock of the leg starts."""

    type: ClassVar[str] = "case.leg_taken"
    case_id: int
    leg: str
    taken_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class LegReported(Event):
    """Hệ thống của bộ báo tình trạng (mã trạng thái quốc gia)."""

    type: ClassVar[str] = "case.leg_reported"
    case_id: int
    leg: str
    national_status: int
    reported_at: datetime
    note: str = ""


@dataclass(frozen=True)
class LegFinished(Event):
    """Một bước xong: `status` is done, refused or stopped."""

    type: ClassVar[str] = "case.leg_finished"
    case_id: int
    leg: str
    status: str
    result_number: str = ""
    reason: str = ""


@dataclass(frozen=True)
class LegCorrectionAsked(Event):
    """Một bước sau đề nghị cơ quan của bước trước đính chính kết quả."""

    type: ClassVar[str] = "case.leg_correction_asked"
    case_id: int
    leg: str
    by_leg: str
    reason: str


@dataclass(frozen=True)
class LegCorrected(Event):
    """Kết quả của một bước được đính chính; the open legs that use it have the new paper."""

    type: ClassVar[str] = "case.leg_corrected"
    case_id: int
    leg: str
    result_number: str
    handed_to: list[str]


@dataclass(frozen=True)
class LegUnacknowledged(Event):
    """Quá thời gian mà cơ quan của bước chưa nhận: cảnh báo, once a leg."""

    type: ClassVar[str] = "case.leg_unacknowledged"
    case_id: int
    leg: str
    since: datetime
