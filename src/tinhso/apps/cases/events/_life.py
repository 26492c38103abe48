"""Turns in the life of a case: opened again, handed on, corrected, revoked, moved to another version."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class SupplementProposed(Event):
    """Đề xuất yêu cầu bổ sung, chờ lãnh đạo ký phiếu."""

    type: ClassVar[str] = "case.supplement_proposed"
    case_id: int
    proposal_id: int
    items: list[str]
    reason: str


@dataclass(frozen=True)
class SupplementProposalDecided(Event):
    """Lãnh đạo cho gửi, hoặc không cho gửi, phiếu yêu cầu bổ sung."""

    type: ClassVar[str] = "case.supplement_proposal_decided"
    case_id: int
    proposal_id: int
    accepted: bool
    note: str = ""


@dataclass(frozen=True)
class CaseReturned(Event):
    """Trả lại bước trước; `stage` is the kind of step it was sent back from."""

    type: ClassVar[str] = "case.returned"
    case_id: int
    from_step: str
    to_step: str
    stage: str
    note: str


@dataclass(frozen=True)
class CaseReopened(Event):
    """Mở lại hồ sơ đã kết thúc do sai sót.

    `clock` is `resume` (the time between `closed_at` and `reopened_at` does not count) or `restart` (from zero);
    `supplement` says that the case waits for the applicant again.
    """

    type: ClassVar[str] = "case.reopened"
    case_id: int
    from_status: str
    to_status: str
    reason: str
    basis: str
    clock: str
    closed_at: datetime
    reopened_at: datetime
    supplement: bool = False
    fee_effect: str = ""
    fee_vnd: int = 0


@dataclass(frozen=True)
class CorrectionProposed(Event):
    """Dự thảo kết quả đính chính, thay kết quả đã ký khi được ký."""

    type: ClassVar[str] = "case.correction_proposed"
    case_id: int
    result_id: int
    replaces_id: int
    reason: str


@dataclass(frozen=True)
class CorrectionDropped(Event):
    """Không đính chính nữa; the signed result holds."""

    type: ClassVar[str] = "case.correction_dropped"
    case_id: int
    result_id: int
    reason: str


@dataclass(frozen=True)
class ResultReplaced(Event):
    """Kết quả đã ký được thay bằng kết quả đính chính."""

    type: ClassVar[str] = "case.result_replaced"
    case_id: int
    result_id: int
    number: str
    by_result_id: int
    by_number: str


@dataclass(frozen=True)
class ResultRevoked(Event):
    """Kết quả đã ký bị hủy bỏ, thu hồi bằng một quyết định.

    `paper_id` is the decision this system issues (0: made elsewhere), `signer_title` the lines above its signer's name.
    """

    type: ClassVar[str] = "case.result_revoked"
    case_id: int
    result_id: int
    number: str
    decision: str
    reason: str
    fee_effect: str = ""
    fee_vnd: int = 0
    paper_id: int = 0
    signer_title: str = ""


@dataclass(frozen=True)
class CaseHandedOn(Event):
    """Hồ sơ được chuyển đến cơ quan khác, chờ cơ quan đó nhận."""

    type: ClassVar[str] = "case.handed_on"
    case_id: int
    transfer_id: int
    kind: str
    from_unit_id: int
    to_unit_id: int
    desk_id: int
    reason: str
    basis: str


@dataclass(frozen=True)
class CaseHandedOver(Event):
    """Cơ quan được chuyển đến đã nhận hồ sơ. `restarts_clock`: its limit counts from here (sai thẩm quyền)."""

    type: ClassVar[str] = "case.handed_over"
    case_id: int
    transfer_id: int
    kind: str
    unit_id: int
    handed_over_at: datetime
    restarts_clock: bool
    basis: str = ""


@dataclass(frozen=True)
class HandoverDeclined(Event):
    """Cơ quan được chuyển đến không nhận; hồ sơ về nơi đã chuyển."""

    type: ClassVar[str] = "case.handover_declined"
    case_id: int
    transfer_id: int
    reason: str


@dataclass(frozen=True)
class LimitChanged(Event):
    """Thời hạn của hồ sơ đổi theo phiên bản thủ tục mới; counted from the same start."""

    type: ClassVar[str] = "case.limit_changed"
    case_id: int
    limit: str
    limit_key: str
    before: str


@dataclass(frozen=True)
class CaseVersionMoved(Event):
    """Hồ sơ chuyển sang phiên bản khác của thủ tục, theo một đề nghị đã duyệt."""

    type: ClassVar[str] = "case.version_moved"
    case_id: int
    move_id: int
    from_version_id: int
    to_version_id: int
    reason: str


@dataclass(frozen=True)
class VersionMoveProposed(Event):
    """Đề nghị chuyển hồ sơ đang giải quyết sang phiên bản khác."""

    type: ClassVar[str] = "procedure.move_proposed"
    move_id: int
    procedure: str
    to_version_id: int
    cases: int
    reason: str
    basis: str


@dataclass(frozen=True)
class VersionMoveDecided(Event):
    """Đề nghị chuyển phiên bản được duyệt hay không; approved, each case is moved by a job."""

    type: ClassVar[str] = "procedure.move_decided"
    move_id: int
    procedure: str
    approved: bool


@dataclass(frozen=True)
class VersionMoveFinished(Event):
    """Đã chuyển xong các hồ sơ của một đề nghị."""

    type: ClassVar[str] = "procedure.move_finished"
    move_id: int
    procedure: str
    moved: int
    failed: int


@dataclass(frozen=True)
class ReorganisationProposed(Event):
    """Đề nghị bàn giao mọi hồ sơ đang giải quyết của một đơn vị cho đơn vị kế thừa."""

    type: ClassVar[str] = "unit.handover_proposed"
    reorganisation_id: int
    from_unit_id: int
    to_unit_id: int
    cases: int
    reason: str
    basis: str


@dataclass(frozen=True)
class ReorganisationDecided(Event):
    """Đề nghị bàn giao được duyệt hay không; approved, a job hands the cases over in batches."""

    type: ClassVar[str] = "unit.handover_decided"
    reorganisation_id: int
    from_unit_id: int
    approved: bool


@dataclass(frozen=True)
class ReorganisationFinished(Event):
    """Đã bàn giao xong hồ sơ của một đơn vị cho đơn vị kế thừa."""

    type: ClassVar[str] = "unit.handover_finished"
    reorganisation_id: int
    from_unit_id: int
    to_unit_id: int
    examined: int
    moved: int


@dataclass(frozen=True)
class CaseInherited(Event):
    """Hồ sơ được bàn giao cho đơn vị kế thừa; the clock goes on, nobody holds the case at its new desk yet."""

    type: ClassVar[str] = "case.inherited"
    case_id: int
    reorganisation_id: int
    from_unit_id: int
    to_unit_id: int
    unit_id: int | None
    intake_unit_id: int | None
    step: str
    desk_id: int | None
    assignee_id: int | None
    basis: str
