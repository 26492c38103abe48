"""Values that cross the border of reception, and the refusals it speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tinhso.apps.cases.data import DocumentInput
from tinhso.kernel.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class DeviceData:
    """A computer prepared for days without a line (máy tiếp nhận ngoại tuyến)."""

    id: int
    series: str
    name: str
    unit_id: int
    granted_to: int
    registered_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    arrived: int = 0
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """The numbers a computer may give out next, both ends included (dải số được cấp)."""

    series: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SlipTicket:
    """Who prepared which computer when, as the server once signed it: what a slip brings back as its proof."""

    device_id: int
    officer_id: int
    officer_name: str
    prepared_at: datetime


@dataclass(frozen=True, slots=True)
class SlipContent:
    """What a slip says, in the shape in which the counter hands a case in."""

    procedure_code: str
    unit_id: int | None
    applicant: Mapping[str, Any]
    answers: Mapping[str, Any]
    documents: Sequence[DocumentInput]
    channel: str

    @property
    def personal_id(self) -> str:
        return "".join(str(self.applicant.get("personal_id", "")).split())


@dataclass(frozen=True, slots=True)
class SlipConflict:
    """One reason why a slip waits for an officer's decision."""

    kind: str
    message: str
    case_code: str = ""


@dataclass(frozen=True, slots=True)
class FollowedSlip:
    """What anybody with the slip may see: where it leads, no personal data."""

    code: str
    case_code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """How long the hour on a slip is believed by itself, with its source; `assumed` until the province confirms it."""

    trusted_for: timedelta
    words: str
    document: str
    article: str = ""
    assumed: bool = False


class SlipInConflict(Conflict):
    """Phiếu này cần cán bộ quyết định trước khi thành hồ sơ."""

    def __init__(self, conflicts: Sequence[SlipConflict]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__(conflicts[0].message if conflicts else "")


class SlipNotFound(NotFound):
    """Không có phiếu tiếp nhận tạm mang số này."""


class SlipNumberUsed(Conflict):
    """Số phiếu này đã về máy chủ với nội dung khác."""


class SlipSettled(Conflict):
    """Phiếu này đã được xử lý xong."""


class DeviceClosed(Conflict):
    """Máy này đã thôi dùng để tiếp nhận ngoại tuyến; mời chuẩn bị lại máy."""


class DeviceNotFound(NotFound):
    """Không tìm thấy máy tiếp nhận ngoại tuyến này."""


class NumberNotGranted(Invalid):
    """Số phiếu nằm ngoài dải số đã cấp cho máy này."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call on the hall's display: the number, and the desk it is to go to (gọi số)."""

    label: str
    desk: str
    called_at: datetime
    calls: int


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue as the hall sees it now; `wait_minutes` is what who takes a number now may expect."""

    id: int
    name: str
    letter: str
    fields: tuple[str, ...]
    places: int
    is_open: bool
    waiting: int
    wait_minutes: int


@dataclass(frozen=True, slots=True)
class FollowedTicket:
    """A ticket as its holder follows it: the state, how many stand before, how long it may take."""

    code: str
    label: str
    queue: str
    unit_id: int
    status: str
    ready_at: datetime
    desk: str
    before: int
    wait_minutes: int
    is_booked: bool


@dataclass(frozen=True, slots=True)
class Times:
    """Waiting and service time in minutes, the middle one and the ninth of ten (trung vị, p90)."""

    name: str
    served: int
    absent: int
    wait_p50: float | None
    wait_p90: float | None
    service_p50: float | None
    service_p90: float | None


class QueueNotFound(NotFound):
    """Không có hàng đợi này."""


class QueueClosed(Conflict):
    """Hàng đợi này đang đóng, mời chọn hàng khác hoặc hỏi quầy hướng dẫn."""


class LetterTaken(Conflict):
    """Chữ cái này đã dùng cho hàng đợi khác của quầy."""


class TicketNotFound(NotFound):
    """Không tìm thấy số thứ tự này."""


class NobodyWaits(Conflict):
    """Không có ai đang chờ ở các hàng này."""


class SomebodyAtDesk(Conflict):
    """Bạn đang gọi hoặc phục vụ một người; mời kết thúc lượt này trước khi gọi số kế tiếp."""


class TicketNotAtDesk(Conflict):
    """Lượt này không còn ở quầy của bạn."""


class SlotTaken(Conflict):
    """Khung giờ này vừa hết chỗ, mời chọn khung khác."""


class AlreadyBooked(Conflict):
    """Bạn đã có một số đang chờ trong ngày này."""


class ParcelKnown(Conflict):
    """Bưu gửi mang mã này đã được ghi nhận."""


class ParcelNotFound(NotFound):
    """Không tìm thấy bưu gửi này."""
