"""Values that cross the border of the cases app, and the refusals it speaks."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tinhso.apps.cases.enums import LateCause, PauseReason
from tinhso.kernel.errors import Conflict, DomainError, Invalid, NotFound
from tinhso.lib.worktime import Change, Deadline, Pause


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """A component handed in with a submission: `file_id` for an upload, else how it was given (`Presence`).

    `vault` is the number of a document in the applicant's vault, for `Presence.VAULT`; `carried` says that the file is the
    result of another leg of the same linked case.
    """

    key: str
    presence: str
    file_id: int | None = None
    name: str = ""
    vault: str = ""
    carried: bool = False


# What an officer may stop the clock for by himself; the other reasons have acts of their own.
OFFICER_REASONS = (PauseReason.POSTING, PauseReason.OPINION, PauseReason.CONFIRMATION)


@dataclass(frozen=True, slots=True)
class OpenPause:
    """Why the clock stands still now, since when and by what right."""

    reason: PauseReason
    since: datetime
    basis: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        return f"{self.reason.label}: {self.note}" if self.note else str(self.reason.label)


@dataclass(frozen=True, slots=True)
class Clock:
    """The legal clock as the log tells it (đồng hồ pháp lý): its start, its limit, and what has moved it since."""

    start_at: datetime
    limit: str = ""
    changes: tuple[Change, ...] = ()
    extensions: int = 0
    open_pauses: tuple[OpenPause, ...] = ()
    ended_at: datetime | None = None

    @property
    def pauses(self) -> tuple[Pause, ...]:
        return tuple(change for change in self.changes if isinstance(change, Pause))

    @property
    def is_paused(self) -> bool:
        return bool(self.open_pauses)


@dataclass(frozen=True, slots=True)
class Indicator:
    """On time by the formula of QĐ 766/QĐ-TTg: what was compared, and why that instant."""

    on_time: bool
    counted_at: datetime | None
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class IncidentSpan:
    """A stretch in which a system was down or lagged, as it touches a case (sự cố hệ thống)."""

    incident_id: int
    kind: str
    start: datetime
    end: datetime | None
    stopped_clock: bool
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class LateBecause:
    """The incident that made a case late, with its evidence (quá hạn do sự cố)."""

    cause: LateCause
    incident_id: int
    minutes: int
    evidence: str


@dataclass(frozen=True, slots=True)
class TimeShare:
    """What a unit and an officer used of a case's time, apart from the waiting for others; office minutes."""

    unit_id: int
    name: str
    used_minutes: int = 0
    waited_minutes: int = 0
    stays: int = 0


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
    """What the register says of a paper's code (kiểm tra giấy tờ): essential facts, the holder's name masked.

    A paper that no longer holds says since when, and by what: the number that has taken its place (`replaced_by`), or
    the decision that revoked it (`decision_code` checks that paper). `replaces` is the number whose place this one took.
    """

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
    ended_at: datetime | None = None
    replaced_by: str = ""
    replaces: str = ""
    revoked_by: str = ""
    decision_code: str = ""
    approved_on: date | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """Why this date (vì sao hẹn ngày này): the steps of the deadline, the limit behind it, and its legal basis.

    `national_label` is the limit that the province has shortened, `area_label` the kind of place that lengthened it;
    both empty where nothing did. `moved` says in sentences how rounds of recomputation moved the date, `late_note` which
    incident made the case late. `indicator` is the same case by the formula of QĐ 766, `disagreement` says in a
    sentence why the two differ.
    """

    deadline: Deadline
    limit_label: str
    basis: str
    calendar: str
    assumed: bool = False
    name: str = ""
    effective_from: date | None = None
    national_label: str = ""
    area_label: str = ""
    open_pauses: tuple[OpenPause, ...] = ()
    extensions: int = 0
    indicator: Indicator | None = None
    disagreement: str = ""
    moved: tuple[str, ...] = ()
    late_note: str = ""

    @property
    def shortened(self) -> str:
        """One sentence where the province gives itself less time than the law does (thời hạn tỉnh rút ngắn)."""
        return f"Trung ương quy định {self.national_label}; tỉnh đã rút ngắn." if self.national_label else ""

    def to_dict(self) -> dict[str, object]:
        """`{"due_at", "steps", "limit", "basis", ...}` with ISO 8601 instants, as API and command line give it."""
        return {
            **self.deadline.to_dict(),
            "limit": self.limit_label,
            "basis": self.basis,
            "effective_from": self.effective_from.isoformat() if self.effective_from else None,
            "assumed": self.assumed,
            "national_limit": self.national_label or None,
            "area": self.area_label or None,
            "extensions": self.extensions,
            "waiting_for": [{"reason": str(p.reason), "since": p.since.isoformat()} for p in self.open_pauses],
            "indicator_766": {"on_time": self.indicator.on_time, "reason": self.indicator.reason}
            if self.indicator
            else None,
            "recomputed": list(self.moved),
            "late_because": self.late_note or None,
        }


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """When people are reminded of time running out, and whom an overdue case is reported to; hours are office hours."""

    effective_from: date
    due_soon_percent: int
    last_day: bool
    escalate_after_hours: int
    escalate_top_after_hours: int
    basis: str = ""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of one case of a batch."""

    case_id: int
    code: str
    ok: bool
    message: str = ""


class ConsultationNotFound(NotFound):
    """Không có lần lấy ý kiến này."""


class ConsultationClosed(Conflict):
    """Lần lấy ý kiến này đã kết thúc: đã có ý kiến, đã thôi hỏi, hoặc hết hạn coi như đồng ý."""


class ConsultationNotDue(Conflict):
    """Đơn vị được hỏi vẫn còn hạn trả lời."""


class ConsultationUnderWay(Conflict):
    """Đơn vị này đang được hỏi ý kiến, chưa trả lời."""


class OpinionsAwaited(Conflict):
    """Còn chờ ý kiến bắt buộc của đơn vị khác."""


class CaseNotFound(NotFound):
    """Không tìm thấy hồ sơ này."""


class CaseNotDraft(Conflict):
    """Hồ sơ này đã nộp, không sửa được nữa."""


class CaseNotReceivable(Conflict):
    """Hồ sơ này không còn ở bước tiếp nhận."""


class ResultNotFound(NotFound):
    """Không tìm thấy kết quả hoặc giấy tờ này."""


class ResultNotInBook(Conflict):
    """Kết quả này chưa được ban hành, hoặc không còn hiệu lực nên không cấp lại được."""


class ExtractMoved(Conflict):
    """Đề nghị này đã được quyết định."""


class MandateUnchecked(Invalid):
    """Hồ sơ do người đại diện nộp: mời xác nhận đã xem văn bản ủy quyền trước khi tiếp nhận."""


class MandateEnded(Invalid):
    """Việc đại diện đã chấm dứt khi văn bản ủy quyền chưa được kiểm tra, nên không tiếp nhận được hồ sơ này."""


class CaseOwesNothing(Conflict):
    """Hồ sơ này chưa có mã hoặc đã kết thúc, không lập thêm khoản thu."""


class CaseMoved(Conflict):
    """Hồ sơ đã được người khác xử lý trước."""


class SourceNotOpen(Conflict):
    """Không có cảnh báo giấy tờ nguồn nào đang chờ xử lý."""


class SourceUnsettled(Conflict):
    """Hồ sơ dùng một giấy tờ đã bị thay thế hoặc thu hồi: mời thay giấy tờ mới hoặc xác nhận vẫn dùng được trước khi ký."""


class CaseNotAwaitingSupplement(Conflict):
    """Hồ sơ này không có yêu cầu bổ sung nào đang chờ."""


class ClockAlreadyStopped(Conflict):
    """Thời hạn của hồ sơ đang dừng vì lý do này rồi."""


class ClockNotStopped(Conflict):
    """Thời hạn của hồ sơ không dừng vì lý do này."""


class ClockNotRunning(Conflict):
    """Hồ sơ không ở trong thời gian giải quyết nên không dừng hay gia hạn được."""


class ExtensionsUsedUp(Conflict):
    """Hồ sơ này đã được hẹn lại đủ số lần cho phép."""


class ExtensionTooLate(Conflict):
    """Phải xin lỗi và hẹn lại trước khi hết hạn ít nhất một ngày; hồ sơ này không còn kịp gia hạn."""


class IncidentNotFound(NotFound):
    """Không tìm thấy sự cố này."""


class IncidentAlreadyEnded(Conflict):
    """Sự cố này đã được ghi nhận là đã khắc phục."""


class ScanNotNeeded(Conflict):
    """Giấy tờ này không phải số hóa."""


class ScanMoved(Conflict):
    """Lượt số hóa này đã sang bước khác."""


class SupplementAlreadyRequested(Conflict):
    """Chỉ được yêu cầu bổ sung một lần ở giai đoạn này, và đã yêu cầu rồi (Điều 17 Nghị định 118/2025/NĐ-CP)."""


class SupplementNeedsHead(Conflict):
    """Khi thẩm định, phiếu yêu cầu bổ sung của thủ tục này do lãnh đạo phòng ký; mời đề xuất để lãnh đạo ký."""


class CaseNotWithdrawable(Conflict):
    """Hồ sơ đã có quyết định giải quyết nên không rút được nữa."""


class CaseNotStoppable(Conflict):
    """Chỉ dừng được hồ sơ đang giải quyết và chưa có quyết định."""


class CaseNotReopenable(Conflict):
    """Chỉ mở lại được hồ sơ bị từ chối tiếp nhận, đã rút, đã dừng, hoặc có kết quả đã bị hủy bỏ."""


class ResultNotCorrectable(Conflict):
    """Hồ sơ không có kết quả đã ký còn hiệu lực, hoặc đang có một bản đính chính chờ ký."""


class NotAwaitingHandover(Conflict):
    """Hồ sơ không chờ cơ quan nào nhận chuyển đến."""


class CaseTravelling(Conflict):
    """Hồ sơ đang chờ cơ quan được chuyển đến nhận; nhận rồi mới xử lý tiếp."""


class MoveNotFound(NotFound):
    """Không có đề nghị chuyển phiên bản này."""


class MoveNotOpen(Conflict):
    """Đề nghị chuyển phiên bản này không còn chờ duyệt."""


class MoveBySamePerson(Invalid):
    """Người đề nghị không tự duyệt; việc chuyển phiên bản phải do người khác duyệt."""


class ReorganisationNotFound(NotFound):
    """Không có đợt bàn giao hồ sơ này."""


class ReorganisationNotOpen(Conflict):
    """Đợt bàn giao hồ sơ này không còn chờ duyệt."""


class ReorganisationBySamePerson(Invalid):
    """Người đề nghị không tự duyệt; việc bàn giao hồ sơ phải do người khác duyệt."""


class NotASuccessor(Invalid):
    """Đơn vị nhận không phải đơn vị kế thừa toàn bộ của đơn vị này theo danh mục đơn vị."""


class CaseTaken(Conflict):
    """Hồ sơ này đang giao cho người khác; người phân công mới chuyển được."""


class WorkItemNotFound(NotFound):
    """Không tìm thấy tổ, nhãn, bộ lọc, câu soạn sẵn hoặc lịch nghỉ này."""


class CaseNotDeliverable(Conflict):
    """Hồ sơ chưa có kết quả để trả, hoặc đã trả rồi."""


class CaseNotRateable(Conflict):
    """Chỉ đánh giá được khi hồ sơ đã có kết quả, và mỗi hồ sơ một lần."""


class ProcedureNotOnline(DomainError):
    """Thủ tục này hiện chưa nhận hồ sơ trực tuyến tại cổng của tỉnh."""

    status = 409


class UnitNotCompetent(Invalid):
    """Đơn vị được chọn không có thẩm quyền giải quyết thủ tục này."""


@dataclass(frozen=True, slots=True)
class LegReport:
    """What a ministry's system says of a leg: a national status, when, and the result once there is one."""

    national_status: int
    reported_at: datetime
    taken_at: datetime | None = None
    finished_at: datetime | None = None
    note: str = ""
    result_name: str = ""
    result_number: str = ""
    result_fields: dict[str, Any] = field(default_factory=dict)
    file_id: int | None = None


class LegNotSendable(Conflict):
    """Bước liên thông này không còn chờ chuyển."""


class LegNotCorrectable(Conflict):
    """Chỉ đề nghị đính chính được kết quả của một bước trước mà bước này đang dùng."""


class LegNotAlone(Conflict):
    """Đây là một bước của hồ sơ liên thông: rút và trả kết quả làm một lần cho cả hồ sơ."""


class SupplementTooLate(Conflict):
    """Đã quá thời gian được yêu cầu bổ sung ở bước liên thông này."""


class LookupNotAllowed(Conflict):
    """Chỉ lấy được dữ liệu của chính bạn; dữ liệu của người khác do cán bộ đối chiếu khi giải quyết hồ sơ."""
