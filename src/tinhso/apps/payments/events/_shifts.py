"""Cash shifts. Stream `cashshift:<id>`."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ShiftOpened(Event):
    """Mở ca thu tiền tại quầy."""

    type: ClassVar[str] = "payment.shift_opened"
    shift_id: int
    unit_id: int
    float_vnd: int


@dataclass(frozen=True)
class ShiftClosed(Event):
    """Chốt ca thu tiền: expected and counted, for the drawer and for the card terminal."""

    type: ClassVar[str] = "payment.shift_closed"
    shift_id: int
    expected_vnd: int
    counted_vnd: int
    card_expected_vnd: int
    card_counted_vnd: int
    reason: str


@dataclass(frozen=True)
class ShiftApproved(Event):
    """Duyệt chênh lệch của ca thu tiền."""

    type: ClassVar[str] = "payment.shift_approved"
    shift_id: int
    difference_vnd: int
