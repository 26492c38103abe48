"""Values that cross the border of the cases app, and the refusals it speaks."""

from dataclasses import dataclass
from datetime import datetime

from tinhso.kernel.errors import Conflict, DomainError, Invalid, NotFound
from tinhso.lib.worktime import Deadline, Pause


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """A component handed in with a submission: `file_id` for an upload, else how it was given (`Presence`)."""

    key: str
    presence: str
    file_id: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """The legal clock as the log tells it (đồng hồ pháp lý)."""

    start_at: datetime
    pauses: tuple[Pause, ...] = ()

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].end is None


@dataclass(frozen=True, slots=True)
class TimeBar:
    """What the time bar of a case shows: shares of the legal time in per cent, and words (thanh thời hạn).

    `state` is one of `ok`, `soon`, `late`, `paused`, `done`, `none`; `segments` are (kind, per cent) in order.
    """

    state: str
    text: str
    segments: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class AvailableAction:
    """An act this officer may do now on this case; `key` names the page's form, `shortcut` its letter."""

    key: str
    label: str
    shortcut: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """Numbers beside the entries of the workspace's menu."""

    mine: int = 0
    waiting: int = 0
    due_soon: int = 0
    late: int = 0
    supplement: int = 0
    to_deliver: int = 0
    to_sign: int = 0


@dataclass(frozen=True, slots=True)
class TrackedCase:
    """What anybody with the code may see: no personal data (tra cứu hồ sơ)."""

    code: str
    procedure_code: str
    procedure_name: str
    unit_name: str
    state: str
    state_key: str
    submitted_at: datetime | None
    received_at: datetime | None
    due_at: datetime | None
    resolved_at: datetime | None
    delivered_at: datetime | None
    lateness: str
    steps: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedPaper:
    """What the register says of a paper's code (kiểm tra giấy tờ): essential facts, the holder's name masked."""

    check_code: str
    kind: str
    number: str
    title: str
    case_code: str
    unit_name: str
    holder: str
    issued_at: datetime
    signer: str
    valid: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Why this date (vì sao hẹn ngày này)."""

    deadline: Deadline
    limit_label: str
    basis: str
    calendar: str


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of one case of a batch."""

    case_id: int
    code: str
    ok: bool
    message: str = ""


class CaseNotFound(NotFound):
    """Không tìm thấy hồ sơ này."""


class CaseNotDraft(Conflict):
    """Hồ sơ này đã nộp, không sửa được nữa."""


class CaseNotReceivable(Conflict):
    """Hồ sơ này không còn ở bước tiếp nhận."""


class MandateUnchecked(Invalid):
    """Hồ sơ do người đại diện nộp: mời xác nhận đã xem văn bản ủy quyền trước khi tiếp nhận."""


class MandateEnded(Invalid):
    """Việc đại diện đã chấm dứt khi văn bản ủy quyền chưa được kiểm tra, nên không tiếp nhận được hồ sơ này."""


class CaseMoved(Conflict):
    """Hồ sơ đã được người khác xử lý trước."""


class CaseNotAwaitingSupplement(Conflict):
    """Hồ sơ này không có yêu cầu bổ sung nào đang chờ."""


class SupplementAlreadyRequested(Conflict):
    """Chỉ được yêu cầu bổ sung một lần ở giai đoạn này, và đã yêu cầu rồi (Điều 17 Nghị định 118/2025/NĐ-CP)."""


class CaseNotWithdrawable(Conflict):
    """Hồ sơ đã có quyết định giải quyết nên không rút được nữa."""


class CaseNotDeliverable(Conflict):
    """Hồ sơ chưa có kết quả để trả, hoặc đã trả rồi."""


class CaseNotRateable(Conflict):
    """Chỉ đánh giá được khi hồ sơ đã có kết quả, và mỗi hồ sơ một lần."""


class ProcedureNotOnline(DomainError):
    """Thủ tục này hiện chưa nhận hồ sơ trực tuyến tại cổng của tỉnh."""

    status = 409


class UnitNotCompetent(Invalid):
    """Đơn vị được chọn không có thẩm quyền giải quyết thủ tục này."""
