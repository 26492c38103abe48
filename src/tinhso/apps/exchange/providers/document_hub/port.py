"""What every dialect of the document axis can do, and how their refusals are told apart."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol

import httpx

from tinhso.apps.exchange.data import ArrivedPacket, HubAgency, HubRefused, HubUnavailable, PacketDelivery
from tinhso.apps.exchange.enums import PacketKind, PacketTransport

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
MOST_PACKET = 100 * 1_048_576
# Wrong credentials, wrong sender, unreadable packet: the same again would be refused again.
_FINAL = frozenset({"10", "15", "19", "21", "22"})


class DocumentHub(Protocol):
    """The document axis (trục liên thông văn bản).

    Every method raises `HubRefused` (do not try again), `HubUnavailable` (try again later), or `HubUnsupported`.
    """

    def send(self, content: bytes, *, kind: PacketKind, sender: str, at: datetime) -> str:
        """Hand over a packet; returns its number on the axis. The same bytes again are harmless."""

    def arrived(self, *, kind: PacketKind, since: date, at: datetime) -> list[ArrivedPacket]:
        """What has come for our agencies since a day, oldest first, fetched or not."""

    def fetch(self, packet_id: str, *, at: datetime) -> bytes:
        """A packet as it was sent."""

    def report(self, packet_id: str, transport: PacketTransport, *, at: datetime) -> None:
        """Tell the axis how the fetching went: nothing else. A document's own state is a packet of kind `status`."""

    def deliveries(self, packet_id: str, *, at: datetime) -> list[PacketDelivery]:
        """How far a packet of ours is at each receiver."""

    def agencies(self, *, after: int, at: datetime) -> list[HubAgency]:
        """What has changed in the directory after a version, oldest change first; after 0: all."""


def answered(call: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer of the axis, told apart from no answer.

    Raises:
        HubUnavailable: not reached, too slow, or out of order.
    """
    try:
        found = call()
    except httpx.HTTPError as error:
        raise HubUnavailable from error
    if found.status_code >= 500 or found.status_code in {404, 408, 429}:
        raise HubUnavailable(f"Trục liên thông văn bản trả lời {found.status_code}.")
    return found


def read_told(found: httpx.Response, *, code: str, words: str) -> dict[str, Any]:
    """The JSON of an answer whose field `code` says "0".

    Raises:
        HubRefused: it says another code that stays what it is.
        HubUnavailable: one that may pass, or what came is no answer of the axis.
    """
    try:
        told = found.json()
        reason, why = str(told[code]), str(told.get(words) or "")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HubUnavailable("Trục liên thông văn bản trả lời không đúng định dạng.") from error
    if reason == "0":
        return dict(told)
    if reason in _FINAL:
        raise HubRefused(f"Trục liên thông văn bản từ chối (mã {reason}): {why}", reason=reason)
    raise HubUnavailable(f"Trục liên thông văn bản báo lỗi {reason}: {why}")


def read_packet(found: httpx.Response, *, code: str, words: str) -> bytes:
    """The bytes of a packet; JSON in its place is a refusal.

    Raises:
        HubRefused, HubUnavailable: as `read_told`.
    """
    if "json" in found.headers.get("content-type", ""):
        read_told(found, code=code, words=words)
    if not found.content.lstrip().startswith((b"<", b"\xef\xbb\xbf<")) or len(found.content) > MOST_PACKET:
        raise HubUnavailable("Trục liên thông văn bản không trả về gói edXML.")
    return found.content


def packet_of(row: Any, *, kind: PacketKind) -> ArrivedPacket:
    """One row of a list of arrived packets.

    Raises:
        HubUnavailable: a row that cannot be read.
    """
    try:
        return ArrivedPacket(
            id=str(row["docId"]), kind=kind, sender=str(row["from"]), receiver=str(row["to"]),
            transport=PacketTransport(row["status"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise HubUnavailable("Danh sách gói đến không đọc được.") from error
