"""Values of the document hub: packets and agencies on the axis, whatever dialect it speaks."""

from dataclasses import dataclass

from tinhso.apps.exchange.enums import PacketKind, PacketTransport
from tinhso.kernel.errors import DomainError, Unavailable


@dataclass(frozen=True, slots=True)
class ArrivedPacket:
    """A packet that waits to be fetched (gói văn bản đến), for one agency of ours."""

    id: str
    kind: PacketKind
    sender: str
    receiver: str
    transport: PacketTransport


@dataclass(frozen=True, slots=True)
class PacketDelivery:
    """How far a packet of ours is at one receiver: of its fetching, not of the document (2.3 of the axis's guide)."""

    receiver: str
    transport: PacketTransport


@dataclass(frozen=True, slots=True)
class HubAgency:
    """An agency in the axis's directory (cơ quan trên trục); `old_code` is the one of before QĐ 20/2020, if it had one."""

    code: str
    name: str
    old_code: str
    parent_code: str
    mail: str
    version: int
    is_deleted: bool


class HubRefused(DomainError):
    """Trục liên thông văn bản từ chối yêu cầu này.

    Trying again is of no use: wrong credentials, a packet that cannot be read, a sender that is not ours.
    """

    status = 502

    def __init__(self, message: str = "", *, reason: str = "") -> None:
        self.reason = reason
        super().__init__(message)


class HubUnavailable(Unavailable):
    """Chưa kết nối được trục liên thông văn bản, sẽ thử lại."""


class HubUnsupported(DomainError):
    """Trục của tỉnh không có chức năng này."""
