"""What happens to the paper of a case; Streams: `papermove:<id>`, `parcel:<id>`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class PaperMoved(Event):
    """The paper file came to an officer or a shelf (luân chuyển hồ sơ giấy)."""

    type: ClassVar[str] = "reception.paper_moved"
    case_id: int
    unit_id: int
    holder_id: int
    place: str


@dataclass(frozen=True)
class ParcelNoted(Event):
    """A parcel was sent or came in (ghi nhận bưu gửi)."""

    type: ClassVar[str] = "reception.parcel_noted"
    case_id: int
    parcel_id: int
    direction: str
    carrier: str
    tracking_code: str
    sent_at: datetime | None
    received_at: datetime | None
