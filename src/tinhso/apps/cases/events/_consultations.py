"""Opinions asked of other units. They move the clock only through the events of the clock itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ConsultationAsked(Event):
    """Xin ý kiến một đơn vị. `previous_id` is the answer this question redoes, 0 for a first one."""

    type: ClassVar[str] = "case.consultation_asked"
    case_id: int
    consultation_id: int
    unit_id: int
    step: str
    key: str
    question: str
    basis: str
    silence: str
    required: bool
    due_at: datetime
    previous_id: int = 0


@dataclass(frozen=True)
class ConsultationAnswered(Event):
    """Đơn vị được hỏi đã có ý kiến."""

    type: ClassVar[str] = "case.consultation_answered"
    case_id: int
    consultation_id: int
    unit_id: int
    opinion: str
    is_late: bool
    file_id: int | None = None


@dataclass(frozen=True)
class ConsultationReminded(Event):
    """Nhắc đơn vị được hỏi ý kiến trả lời."""

    type: ClassVar[str] = "case.consultation_reminded"
    case_id: int
    consultation_id: int
    unit_id: int
    due_at: datetime


@dataclass(frozen=True)
class ConsultationSilent(Event):
    """Hết hạn trả lời mà không có ý kiến; theo luật định coi như đồng ý."""

    type: ClassVar[str] = "case.consultation_silent"
    case_id: int
    consultation_id: int
    unit_id: int
    due_at: datetime
    basis: str


@dataclass(frozen=True)
class ConsultationOverdue(Event):
    """Hết hạn trả lời mà chưa có ý kiến, vẫn phải chờ; báo cho đơn vị đã hỏi."""

    type: ClassVar[str] = "case.consultation_overdue"
    case_id: int
    consultation_id: int
    unit_id: int
    due_at: datetime


@dataclass(frozen=True)
class ConsultationCancelled(Event):
    """Thôi xin ý kiến."""

    type: ClassVar[str] = "case.consultation_cancelled"
    case_id: int
    consultation_id: int
    unit_id: int
    reason: str
