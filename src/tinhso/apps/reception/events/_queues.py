"""What happens to queues and tickets. Streams: `queue:<id>`, `ticket:<id>`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class QueueSet(Event):
    """A queue of a hall was opened, changed or closed (đặt hàng đợi)."""

    type: ClassVar[str] = "reception.queue_set"
    queue_id: int
    unit_id: int
    name: str
    letter: str
    fields: list[str]
    places: int
    is_open: bool


@dataclass(frozen=True)
class TicketTaken(Event):
    """Somebody took a number (lấy số thứ tự)."""

    type: ClassVar[str] = "reception.ticket_taken"
    ticket_id: int
    label: str
    source: str
    ready_at: datetime


@dataclass(frozen=True)
class TicketCalled(Event):
    """A number was called to a desk (gọi số)."""

    type: ClassVar[str] = "reception.ticket_called"
    ticket_id: int
    desk: str
    calls: int


@dataclass(frozen=True)
class TicketStarted(Event):
    """The person stands at the desk (bắt đầu phục vụ)."""

    type: ClassVar[str] = "reception.ticket_started"
    ticket_id: int


@dataclass(frozen=True)
class TicketEnded(Event):
    """A ticket is done, its holder was absent, or it was given back (kết thúc lượt)."""

    type: ClassVar[str] = "reception.ticket_ended"
    ticket_id: int
    status: str


@dataclass(frozen=True)
class TicketMoved(Event):
    """A ticket waits in another queue now; it keeps its number and its turn (chuyển hàng)."""

    type: ClassVar[str] = "reception.ticket_moved"
    ticket_id: int
    to_queue_id: int


@dataclass(frozen=True)
class CaseOfVisit(Event):
    """A case was taken while this ticket was being served (hồ sơ của lượt)."""

    type: ClassVar[str] = "reception.case_of_visit"
    ticket_id: int
    case_id: int
