"""What happens between us and the national portal.

Streams: `case:<id>` for what belongs to a case of ours, `national:<code>` for one that is not (yet), `national` for rounds.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class NationalCaseTaken(Event):
    """Hồ sơ nộp trên Cổng Dịch vụ công quốc gia đã vào hệ thống.

    It keeps what the portal vouches for: who signed in, what was paid there, what came from the national store. Flags
    that go back to the portal come from here. Stream: `case:<id>`.
    """

    type: ClassVar[str] = "national.case_taken"
    case_id: int
    code: str
    filed_at: datetime | None
    seen_at: datetime
    verified_account: bool
    paid_online: bool
    from_national_store: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class NationalCaseHeld(Event):
    """Hồ sơ nộp trên Cổng Dịch vụ công quốc gia chưa nhận được, vì lý do nêu kèm. Stream: `national:<code>`."""

    type: ClassVar[str] = "national.case_held"
    code: str
    reason: str


@dataclass(frozen=True)
class NationalCaseDismissed(Event):
    """Cán bộ không nhận một hồ sơ của Cổng Dịch vụ công quốc gia, có lý do. Stream: `national:<code>`."""

    type: ClassVar[str] = "national.case_dismissed"
    code: str
    reason: str


@dataclass(frozen=True)
class MirroredCaseReported(Event):
    """Hệ thống của bộ báo tình trạng một hồ sơ theo dõi. Stream: `national:<code>`."""

    type: ClassVar[str] = "national.mirrored_case_reported"
    code: str
    status: int
    system: str


@dataclass(frozen=True)
class LagBegan(Event):
    """Đồng bộ bắt đầu chậm: the portal has not been reached for longer than the limit. Stream: `national`."""

    type: ClassVar[str] = "national.lag_began"
    since: datetime
    waiting: int
    incident_id: int


@dataclass(frozen=True)
class LagEnded(Event):
    """Đồng bộ hết chậm. Stream: `national`."""

    type: ClassVar[str] = "national.lag_ended"
    incident_id: int


@dataclass(frozen=True)
class ReconciliationFinished(Event):
    """Một lần đối soát đã xong. Stream: `national`."""

    type: ClassVar[str] = "national.reconciled"
    round_id: int
    compared: int
    waiting: int
    found: int
    gone: int


@dataclass(frozen=True)
class ReconciliationFailed(Event):
    """Một lần đối soát không xong vì không hỏi được Cổng Dịch vụ công quốc gia. Stream: `national`."""

    type: ClassVar[str] = "national.reconciliation_failed"
    round_id: int
    reason: str


@dataclass(frozen=True)
class DifferenceFound(Event):
    """Đối soát thấy hai bên khác nhau. Stream: `national:<code>`."""

    type: ClassVar[str] = "national.difference_found"
    difference_id: int
    code: str
    kind: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class DifferenceSettledBy(Event):
    """Cán bộ xử lý một chỗ khác nhau: gửi lại, nhận của bên kia, hoặc giữ nguyên có lý do. Stream: `national:<code>`."""

    type: ClassVar[str] = "national.difference_settled"
    difference_id: int
    code: str
    mend: str
    reason: str


@dataclass(frozen=True)
class CaseToldAgain(Event):
    """Hồ sơ được gửi lại cho Cổng Dịch vụ công quốc gia. Stream: `national:<code>`."""

    type: ClassVar[str] = "national.case_told_again"
    case_id: int
    code: str
    mark: str
