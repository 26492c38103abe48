"""What happens to computers and slips of the offline counter. Streams: `counterdevice:<id>`, `offlineslip:<id>`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class DeviceRegistered(Event):
    """A computer was prepared and got a series of its own (chuẩn bị máy tiếp nhận ngoại tuyến)."""

    type: ClassVar[str] = "reception.device_registered"
    device_id: int
    unit_id: int
    series: str


@dataclass(frozen=True)
class NumbersGranted(Event):
    """A computer may give out numbers up to this one (cấp dải số)."""

    type: ClassVar[str] = "reception.numbers_granted"
    device_id: int
    granted_to: int


@dataclass(frozen=True)
class DeviceClosedDown(Event):
    """A computer takes no more slips; the numbers that never came in are cancelled (thôi dùng máy)."""

    type: ClassVar[str] = "reception.device_closed"
    device_id: int
    reason: str
    cancelled: list[int]


@dataclass(frozen=True)
class SlipStored(Event):
    """A slip came in whole; from here on the server keeps it (phiếu về máy chủ)."""

    type: ClassVar[str] = "reception.slip_stored"
    slip_id: int
    code: str
    taken_at: datetime
    taken_by_id: int


@dataclass(frozen=True)
class SlipWaits(Event):
    """A slip waits for an officer's decision (phiếu vướng, chờ quyết định)."""

    type: ClassVar[str] = "reception.slip_waits"
    slip_id: int
    kinds: list[str]


@dataclass(frozen=True)
class CaseTakenOffline(Event):
    """A case was received without a line and entered later; told on the case's own stream (đồng bộ muộn).

    `received_at` is the hour by which the case runs: the slip's, or that of the synchronisation when the slip's hour
    was not believed. `accepted` names the conflicts an officer decided on.
    """

    type: ClassVar[str] = "reception.case_taken_offline"
    case_id: int
    slip_id: int
    slip: str
    taken_at: datetime
    received_at: datetime
    synced_at: datetime
    taken_by: str
    accepted: list[str]
    reason: str


@dataclass(frozen=True)
class SlipLinked(Event):
    """A slip belongs to a case that exists already (phiếu thuộc hồ sơ đã có)."""

    type: ClassVar[str] = "reception.slip_linked"
    slip_id: int
    case_id: int
    reason: str


@dataclass(frozen=True)
class SlipVoided(Event):
    """A slip was cancelled with a reason; its number is never given again (hủy phiếu)."""

    type: ClassVar[str] = "reception.slip_voided"
    slip_id: int
    reason: str
