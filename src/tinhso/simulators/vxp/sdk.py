"""The SDK's dialect: POST nearly everywhere, logical headers signed with HMAC, `{status, ErrorCode, ErrorDesc, data}`."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.lib.edxml import PacketError, read_envelope
from tinhso.lib.vxp import SignatureError, read_headers
from tinhso.simulators.casebook import present
from tinhso.simulators.troubles import Trouble, Troubles
from tinhso.simulators.vxp.state import EDOC, STATUS, Axis, Packet, System, Transport
from tinhso.simulators.wire import read_object, read_upload

_TIME = "%Y-%m-%d %H:%M:%S"
_MOST_PAGE = 500
Serve = Callable[[System, dict[str, str], dict[str, Any], Request], Awaitable[Response]]


class Sdk:
    """The operations of the SDK over one axis."""

    def __init__(self, axis: Axis, troubles: Troubles) -> None:
        self.axis, self.troubles = axis, troubles

    def routes(self) -> list[Route]:
        """Relative to the service end point."""
        served: list[tuple[str, str, Serve]] = [
            ("POST", "/getAgenciesList", self._agencies), ("POST", "/getAgenciesListQD20", self._agencies),
            ("POST", "/getSynchronizeUnit", self._changes), ("POST", "/registerAgency", self._register),
            ("POST", "/deleteAgency", self._delete), ("POST", "/sendEdoc", self._send),
            ("POST", "/getReceivedEdocList", self._received), ("POST", "/getSentEdocList", self._sent),
            ("POST", "/getEdoc", self._fetch), ("GET", "/downloadEdoc", self._fetch),
            ("GET", "/countReceiveEdoc", self._count), ("GET", "/countReceiveStatus", self._count),
            ("POST", "/updateStatus", self._update),
        ]  # fmt: skip
        return [Route(path, self._guarded(path, serve), methods=[method]) for method, path, serve in served]

    def _guarded(self, path: str, serve: Serve) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if (bad := await self.troubles.behave(path.strip("/"))) is not None:
                return bad
            secrets = {name: system.secret for name, system in self.axis.systems.items()}
            try:
                told = read_headers(request.headers, secrets=secrets, at=present())
            except SignatureError as error:
                return _fail("15", str(error), status=401)
            body = await read_object(request) or {} if "json" in request.headers.get("content-type", "") else {}
            return await serve(self.axis.systems[told["systemid"]], told, body, request)

        return answer

    async def _agencies(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        level = str(body.get("level") or "")
        rows = [one for one in self.axis.agencies.values() if not one["deleted"]]
        if level.isdecimal():
            rows = [one for one in rows if one["code"].count(".") == int(level) - 1]
        return _ok(
            data=[{k: one[k] for k in ("id", "code", "code102", "name", "mail", "pid", "oldCode")} for one in rows]
        )

    async def _changes(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        since = str(body.get("version") or "0")
        if not since.isdecimal():
            return _fail("10", "version phải là số.")
        rows = [one for one in self.axis.agencies.values() if one["version"] > int(since)]
        return _ok(data=sorted(rows, key=lambda one: one["version"]))

    async def _register(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        code, name = str(body.get("code") or ""), str(body.get("name") or "")
        if not name or not system.speaks_for(code):
            return _fail("10", "Thiếu tên, hoặc mã không thuộc hệ thống này.")
        made = self.axis.put_agency(code, name, parent=str(body.get("pcode") or ""), mail=str(body.get("mail") or ""))
        return _ok(data=made["id"])

    async def _delete(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        code = str(body.get("AgencyCode") or "")
        if not system.speaks_for(code) or not self.axis.drop_agency(code):
            return _fail("10", "Không có cơ quan này trong hệ thống.")
        return _ok()

    async def _send(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        kind, (content, _) = told.get("messagetype", ""), await read_upload(request, "file_doc")
        if kind not in {EDOC, STATUS} or told.get("servicetype") != "eDoc" or content is None:
            return _fail("10", "Thiếu file_doc, hoặc servicetype, messagetype không đúng.")
        if hashlib.sha256(content).hexdigest() != told.get("hash-file", "").lower():
            return _fail("20", "hash-file không khớp với nội dung.")
        try:
            envelope = read_envelope(content)
        except PacketError as error:
            return _fail("22", str(error))
        if not system.speaks_for(envelope.sender) or envelope.is_status is not (kind == STATUS):
            return _fail("21", "Nơi gửi không thuộc hệ thống này, hoặc loại gói không khớp.")
        packet = self.axis.take(content, kind, envelope, times=2 if self.troubles.trouble is Trouble.DUPLICATE else 1)
        return _ok(DocId=packet.id)

    async def _received(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        kind, state = str(body.get("messagetype") or EDOC), str(body.get("status") or "")
        rows = [
            _received_row(packet, organ)
            for packet, organ in self.axis.inbox(system, kind)
            if _is_within(packet, body) and (not state or packet.state[organ] == state)
        ]
        size, index = str(body.get("pageSize") or "50"), str(body.get("pageIndex") or "1")
        if not (size.isdecimal() and index.isdecimal() and 0 < int(size) <= _MOST_PAGE and int(index) > 0):
            return _fail("10", "pageSize, pageIndex không đúng.")
        return _ok(data=rows[(int(index) - 1) * int(size) : int(index) * int(size)])

    async def _sent(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        packet = self.axis.packets.get(str(body.get("docId") or ""))
        if packet is None or not system.speaks_for(packet.envelope.sender):
            return _fail("18", "Không có gói này.")
        return _ok(
            data=[
                {
                    "toCode": organ, "receiveStatus": state.value, "receiveStatusDesc": "",
                    "receivedTime": f"{packet.touched[organ]:{_TIME}}" if state is not Transport.INITIAL else "",
                    "sendStatus": "done", "sendStatusDesc": "", "sentTime": f"{packet.sent_at:{_TIME}}",
                    "title": packet.envelope.subject, "notation": packet.envelope.notation,
                }
                for organ, state in packet.state.items()
            ]
        )  # fmt: skip

    async def _fetch(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        wanted = str(body.get("docId") or request.query_params.get("docId") or "")
        packet = self.axis.packets.get(wanted)
        if packet is None or not self.axis.may_fetch(packet, system):
            return _fail("18", "Không có gói này.")
        return Response(damaged(packet, self.troubles), media_type="application/octet-stream")

    async def _count(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        kind = STATUS if request.url.path.endswith("Status") else EDOC
        waiting = [1 for packet, organ in self.axis.inbox(system, kind) if packet.state[organ] is not Transport.DONE]
        return _ok(data=len(waiting))

    async def _update(self, system: System, told: dict[str, str], body: dict[str, Any], request: Request) -> Response:
        packet = self.axis.packets.get(str(body.get("docId") or ""))
        state = str(body.get("status") or "")
        if state not in {Transport.PROCESSING, Transport.DONE, Transport.FAIL}:
            return _fail("19", "status phải là processing, done hoặc fail.")
        if packet is None or not self.axis.mark(packet, system, Transport(state)):
            return _fail("18", "Không có gói này.")
        return _ok()


def damaged(packet: Packet, troubles: Troubles) -> bytes:
    """The packet as it arrives: whole, or cut off where the tester wants that."""
    return packet.content[: len(packet.content) // 2] if troubles.trouble is Trouble.WRONG else packet.content


def _received_row(packet: Packet, organ: str) -> dict[str, Any]:
    return {
        "docId": packet.id, "serviceType": "eDoc", "messageType": packet.kind,
        "created_time": f"{packet.sent_at:{_TIME}}", "updated_time": f"{packet.touched[organ]:{_TIME}}",
        "from": packet.envelope.sender, "to": organ, "status": packet.state[organ].value, "status_desc": "",
    }  # fmt: skip


def _is_within(packet: Packet, body: dict[str, Any]) -> bool:
    day = f"{packet.sent_at:%Y/%m/%d}"
    first, last = (str(body.get(name) or "").replace("-", "/")[:10] for name in ("fromDate", "toDate"))
    return (not first or first <= day) and (not last or day <= last)


def _ok(**more: Any) -> Response:
    return JSONResponse({"status": "OK", "ErrorCode": "0", "ErrorDesc": "", **more})


def _fail(code: str, words: str, *, status: int = 200) -> Response:
    return JSONResponse({"status": "FAIL", "ErrorCode": code, "ErrorDesc": words, "data": None}, status)
