"""What happens to the book of results after a result was issued."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ExtractRequested(Event):
    """Có người xin trích lục, bản sao từ sổ gốc, hoặc cấp lại bản bị mất, hỏng (`kind`)."""

    type: ClassVar[str] = "case.extract_requested"
    case_id: int
    extract_id: int
    result_id: int
    kind: str


@dataclass(frozen=True)
class ExtractApproved(Event):
    """Người có thẩm quyền đồng ý cấp; the paper has its number and is typeset, signed and sealed by a job."""

    type: ClassVar[str] = "case.extract_approved"
    case_id: int
    extract_id: int
    result_id: int
    kind: str
    number: str


@dataclass(frozen=True)
class ExtractDeclined(Event):
    """Người có thẩm quyền không cấp, nêu lý do."""

    type: ClassVar[str] = "case.extract_declined"
    case_id: int
    extract_id: int
    reason: str
