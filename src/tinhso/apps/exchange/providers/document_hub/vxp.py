"""The axis in its SDK's dialect: every call signed with HMAC over its headers, packets as multipart."""

import hashlib
from datetime import date, datetime
from typing import Any

import httpx

from tinhso.apps.exchange.data import ArrivedPacket, HubAgency, HubUnavailable, PacketDelivery
from tinhso.apps.exchange.enums import PacketKind, PacketTransport
from tinhso.apps.exchange.providers.document_hub.port import TIMEOUT, answered, packet_of, read_packet, read_told
from tinhso.kernel.outbound import trusted
from tinhso.lib.vxp import signed_headers

_PAGE = 200
_MOST_PAGES = 500


class VxpHub:
    """A `DocumentHub` at a service end point, for one connected system."""

    def __init__(self, url: str, *, system_id: str, secret: str, http: httpx.Client | None = None) -> None:
        self._url, self._system_id, self._secret = url.rstrip("/"), system_id, secret
        self._http = http or httpx.Client(timeout=TIMEOUT, follow_redirects=False, verify=trusted())

    def send(self, content: bytes, *, kind: PacketKind, sender: str, at: datetime) -> str:
        """Hand over a packet, its SHA-256 in the signed headers."""
        headers = {
            "from": sender, "servicetype": "eDoc", "messagetype": kind.value,
            "hash-file": hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        files = {"file_doc": ("packet.edxml", content, "application/octet-stream")}
        told = self._told("sendEdoc", headers, at=at, files=files)
        return str(told.get("DocId") or "") or _strange()

    def arrived(self, *, kind: PacketKind, since: date, at: datetime) -> list[ArrivedPacket]:
        """Page by page until one is not full."""
        found: list[ArrivedPacket] = []
        for index in range(1, _MOST_PAGES + 1):
            asked = {
                "servicetype": "eDoc", "messagetype": kind.value, "fromDate": f"{since:%Y-%m-%d}",
                "pageSize": str(_PAGE), "pageIndex": str(index),
            }  # fmt: skip
            rows = self._rows("getReceivedEdocList", asked, at=at)
            found += [packet_of(row, kind=kind) for row in rows]
            if len(rows) < _PAGE:
                break
        return found

    def fetch(self, packet_id: str, *, at: datetime) -> bytes:
        """A packet as it was sent."""
        found = self._post("getEdoc", {}, at=at, json={"docId": packet_id})
        return read_packet(found, code="ErrorCode", words="ErrorDesc")

    def report(self, packet_id: str, transport: PacketTransport, *, at: datetime) -> None:
        """`updateStatus`: the fetching's own plane."""
        self._told("updateStatus", {}, at=at, json={"docId": packet_id, "status": transport.value})

    def deliveries(self, packet_id: str, *, at: datetime) -> list[PacketDelivery]:
        """By receiver."""
        rows = self._rows("getSentEdocList", {"docId": packet_id}, at=at)
        try:
            return [PacketDelivery(str(row["toCode"]), PacketTransport(row["receiveStatus"])) for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise HubUnavailable("Tình trạng gói đi không đọc được.") from error

    def agencies(self, *, after: int, at: datetime) -> list[HubAgency]:
        """`getSynchronizeUnit`: changes after a version."""
        try:
            return [
                HubAgency(
                    code=str(row["code"]), name=str(row["name"]), old_code=str(row.get("oldCode") or ""),
                    parent_code=str(row.get("pid") or ""), mail=str(row.get("mail") or ""),
                    version=int(row["version"]), is_deleted=bool(row.get("deleted")),
                )
                for row in self._rows("getSynchronizeUnit", {"version": str(after)}, at=at)
            ]  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise HubUnavailable("Danh bạ cơ quan của trục không đọc được.") from error

    def _rows(self, path: str, asked: dict[str, str], *, at: datetime) -> list[Any]:
        rows = self._told(path, {}, at=at, json=asked).get("data")
        if not isinstance(rows, list):
            _strange()
        return list(rows or [])

    def _told(self, path: str, headers: dict[str, str], *, at: datetime, **more: Any) -> dict[str, Any]:
        return read_told(self._post(path, headers, at=at, **more), code="ErrorCode", words="ErrorDesc")

    def _post(self, path: str, headers: dict[str, str], *, at: datetime, **more: Any) -> httpx.Response:
        signed = signed_headers(headers, system_id=self._system_id, secret=self._secret, at=at)
        return answered(lambda: self._http.post(f"{self._url}/{path}", headers=signed, **more))


def _strange() -> str:
    raise HubUnavailable("Trục liên thông văn bản trả lời thiếu nội dung.")
