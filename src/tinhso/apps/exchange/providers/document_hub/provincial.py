"""The axis behind a province's REST dialect: system id and key in headers, four operations."""

from datetime import date, datetime
from typing import Any

import httpx

from tinhso.apps.exchange.data import ArrivedPacket, HubAgency, HubUnavailable, HubUnsupported, PacketDelivery
from tinhso.apps.exchange.enums import PacketKind, PacketTransport
from tinhso.apps.exchange.providers.document_hub.port import TIMEOUT, answered, packet_of, read_packet, read_told
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.outbound import trusted


class ProvincialHub:
    """A `DocumentHub` at a base address.

    `states` says how the fetching is reported: some provinces want `03` or `06` there, as if it were the document's state.
    """

    def __init__(
        self, url: str, *, system_id: str, secret: str, states: dict[PacketTransport, str] | None = None,
        http: httpx.Client | None = None,
    ) -> None:  # fmt: skip
        self._url = url.rstrip("/")
        self._headers = {"X-SystemId": system_id, "X-SecretKey": secret}
        self._states = dict(states or {})
        self._http = http or httpx.Client(timeout=TIMEOUT, follow_redirects=False, verify=trusted())

    def send(self, content: bytes, *, kind: PacketKind, sender: str, at: datetime) -> str:
        """Hand over a packet; the sender is read from it."""
        files = {"edocFile": ("packet.edxml", content, "application/octet-stream")}
        told = self._told("POST", "sendEdoc", data={"messageType": kind.value}, files=files)
        if not told.get("docId"):
            raise HubUnavailable("Trục liên thông văn bản trả lời thiếu nội dung.")
        return str(told["docId"])

    def arrived(self, *, kind: PacketKind, since: date, at: datetime) -> list[ArrivedPacket]:
        """All of the days from `since` to that of `at`."""
        asked = {
            "messageType": kind.value,
            "fromDate": f"{since:%Y/%m/%d}",
            "toDate": f"{at.astimezone(PROVINCE_TIME):%Y/%m/%d}",
        }
        rows = self._told("GET", "syncReceivedEdocList", params=asked).get("data")
        return [packet_of(row, kind=kind) for row in (rows if isinstance(rows, list) else [])]

    def fetch(self, packet_id: str, *, at: datetime) -> bytes:
        """A packet as it was sent."""
        found = self._call("GET", "getEdoc", params={"docId": packet_id})
        return read_packet(found, code="errorCode", words="errorDesc")

    def report(self, packet_id: str, transport: PacketTransport, *, at: datetime) -> None:
        """How the fetching went, in this province's words."""
        word = self._states.get(transport, transport.value)
        self._told("POST", "updateStatus", json={"docId": packet_id, "status": word})

    def deliveries(self, packet_id: str, *, at: datetime) -> list[PacketDelivery]:
        """Not in this dialect."""
        raise HubUnsupported

    def agencies(self, *, after: int, at: datetime) -> list[HubAgency]:
        """Not in this dialect."""
        raise HubUnsupported

    def _told(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        return read_told(self._call(method, path, **more), code="errorCode", words="errorDesc")

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        return answered(lambda: self._http.request(method, f"{self._url}/v1/{path}", headers=self._headers, **more))
