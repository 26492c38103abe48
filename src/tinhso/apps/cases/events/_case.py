"""From the draft to the rating: the events of the plain course of a case."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class DraftStarted(Event):
    """Người nộp bắt đầu soạn hồ sơ."""

    type: ClassVar[str] = "case.draft_started"
    case_id: int
    procedure: str
    version_id: int


@dataclass(frozen=True)
class DraftSaved(Event):
    """Bản nháp được lưu; only the names of the fields are told."""

    type: ClassVar[str] = "case.draft_saved"
    case_id: int
    fields: list[str]


@dataclass(frozen=True)
class DraftDiscarded(Event):
    """Người nộp bỏ bản nháp."""

    type: ClassVar[str] = "case.draft_discarded"
    case_id: int


@dataclass(frozen=True)
class DocumentAttached(Event):
    """Một thành phần hồ sơ được đính kèm."""

    type: ClassVar[str] = "case.document_attached"
    case_id: int
    key: str
    presence: str
    file_id: int | None = None


@dataclass(frozen=True)
class DocumentRemoved(Event):
    """Một tệp đính kèm được bỏ khỏi bản nháp."""

    type: ClassVar[str] = "case.document_removed"
    case_id: int
    key: str
    file_id: int | None = None


@dataclass(frozen=True)
class CaseSubmitted(Event):
    """Hồ sơ đã nộp, chờ tiếp nhận. `code` is empty for papers handed over at a counter until they are received."""

    type: ClassVar[str] = "case.submitted"
    case_id: int
    code: str
    procedure: str
    version_id: int
    unit_id: int
    channel: str


@dataclass(frozen=True)
class CaseReceived(Event):
    """Hồ sơ được tiếp nhận; thời hạn bắt đầu, unless it was filed elsewhere and the competent agency has it yet to get.

    `limit` is what holds for this case in this `area`; `national_limit` what the province has shortened.
    """

    type: ClassVar[str] = "case.received"
    case_id: int
    code: str
    unit_id: int
    limit_key: str
    limit: str
    received_at: datetime
    due_at: datetime | None
    national_limit: str = ""
    area: str = ""
    starts_clock: bool = True


@dataclass(frozen=True)
class IntakeRefused(Event):
    """Từ chối tiếp nhận hồ sơ."""

    type: ClassVar[str] = "case.intake_refused"
    case_id: int
    reason: str
    occasion: int = 0


@dataclass(frozen=True)
class SupplementRequested(Event):
    """Yêu cầu bổ sung; at appraisal the clock stops."""

    type: ClassVar[str] = "case.supplement_requested"
    case_id: int
    supplement_id: int
    stage: str
    requested_at: datetime
    items: list[str]
    reason: str
    documents: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    basis: str = ""
    approved_by: str = ""
    answer_until: datetime | None = None


@dataclass(frozen=True)
class SupplementAnswered(Event):
    """Người nộp đã bổ sung; the clock goes on, or starts again where the procedure says so."""

    type: ClassVar[str] = "case.supplement_answered"
    case_id: int
    supplement_id: int
    stage: str
    answered_at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True)
class StepEntered(Event):
    """Hồ sơ chuyển đến một bước (bàn giao)."""

    type: ClassVar[str] = "case.step_entered"
    case_id: int
    step: str
    role: str
    unit_id: int
    assignee_id: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class StepLeft(Event):
    """Một bước xong; `lateness` compares it with its own budget."""

    type: ClassVar[str] = "case.step_left"
    case_id: int
    step: str
    outcome: str
    lateness: str
    note: str = ""


@dataclass(frozen=True)
class CaseAssigned(Event):
    """Hồ sơ được phân công cho một người ở bước hiện tại."""

    type: ClassVar[str] = "case.assigned"
    case_id: int
    step: str
    assignee_id: int | None
    reason: str = "assigned"
    previous_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True)
class ResultProposed(Event):
    """Dự thảo kết quả được trình."""

    type: ClassVar[str] = "case.result_proposed"
    case_id: int
    result_id: int
    outcome: str


@dataclass(frozen=True)
class SigningBatchConsented(Event):
    """Lãnh đạo đồng ý ký một loạt kết quả bằng một lần xác nhận. Stream: `account:<id>`."""

    type: ClassVar[str] = "case.signing_batch_consented"
    batch_id: int
    count: int


@dataclass(frozen=True)
class ResultApproved(Event):
    """Lãnh đạo phê duyệt; số văn bản đã giữ trong sổ, chờ ký số."""

    type: ClassVar[str] = "case.result_approved"
    case_id: int
    result_id: int
    number: str


@dataclass(frozen=True)
class ResultSigned(Event):
    """Kết quả đã ký số và đóng dấu."""

    type: ClassVar[str] = "case.result_signed"
    case_id: int
    result_id: int
    file_id: int
    number: str


@dataclass(frozen=True)
class ResultFailed(Event):
    """Ký số không thành; the number stays in the book as cancelled."""

    type: ClassVar[str] = "case.result_failed"
    case_id: int
    result_id: int
    reason: str


@dataclass(frozen=True)
class CaseResolved(Event):
    """Đã có kết quả, chờ trả; thời hạn dừng."""

    type: ClassVar[str] = "case.resolved"
    case_id: int
    outcome: str
    resolved_at: datetime
    lateness: str


@dataclass(frozen=True)
class ResultDelivered(Event):
    """Kết quả đã trả cho người nộp."""

    type: ClassVar[str] = "case.delivered"
    case_id: int
    to_name: str
    method: str


@dataclass(frozen=True)
class CaseWithdrawn(Event):
    """Người nộp rút hồ sơ. `occasion` counts the endings before this one: a case opened again may end again."""

    type: ClassVar[str] = "case.withdrawn"
    case_id: int
    reason: str
    fee_effect: str = ""
    fee_vnd: int = 0
    occasion: int = 0


@dataclass(frozen=True)
class CaseStopped(Event):
    """Dừng giải quyết: không bổ sung đúng hạn, hoặc cán bộ dừng có lý do và căn cứ."""

    type: ClassVar[str] = "case.stopped"
    case_id: int
    reason: str
    basis: str = ""
    fee_effect: str = ""
    fee_vnd: int = 0
    occasion: int = 0


@dataclass(frozen=True)
class PaperIssued(Event):
    """Một giấy tờ của hồ sơ đã lập."""

    type: ClassVar[str] = "case.paper_issued"
    case_id: int
    kind: str
    file_id: int
    code: str


@dataclass(frozen=True)
class ServiceRated(Event):
    """Người nộp đánh giá."""

    type: ClassVar[str] = "case.rated"
    case_id: int
    satisfaction: str
    has_comment: bool = field(default=False)
    faults: list[str] = field(default_factory=list)
    by_link: bool = False
