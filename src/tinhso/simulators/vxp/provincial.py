"""A province's REST dialect (guide v2.2 as its clients show it): `X-SystemId`, `X-SecretKey`, `{errorCode, errorDesc, ...}`.

Known meanings of the codes: 0 done, 15 wrong id or secret, 22 bad edXML; the others (10, 18 to 21, 23) are used here for
what the SDK's dialect uses them for.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.lib.edxml import PacketError, read_envelope
from tinhso.simulators.troubles import Trouble, Troubles
from tinhso.simulators.vxp.sdk import damaged
from tinhso.simulators.vxp.state import EDOC, STATUS, Axis, System, Transport
from tinhso.simulators.wire import read_object, read_upload

# Some provinces report the document's own state here (02 … 06); the axis must not take them for the fetching's.
_STATES = {one.value for one in (Transport.PROCESSING, Transport.DONE, Transport.FAIL)}
Serve = Callable[[System, Request], Awaitable[Response]]


class Provincial:
    """The four operations over the same axis."""

    def __init__(self, axis: Axis, troubles: Troubles) -> None:
        self.axis, self.troubles = axis, troubles

    def routes(self) -> list[Route]:
        """Relative to the base address."""
        return [
            Route("/v1/sendEdoc", self._guarded("sendEdoc", self._send), methods=["POST"]),
            Route("/v1/syncReceivedEdocList", self._guarded("syncReceivedEdocList", self._received), methods=["GET"]),
            Route("/v1/getEdoc", self._guarded("getEdoc", self._fetch), methods=["GET"]),
            Route("/v1/updateStatus", self._guarded("updateStatus", self._update), methods=["POST"]),
        ]

    def _guarded(self, what: str, serve: Serve) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if (bad := await self.troubles.behave(what)) is not None:
                return bad
            system = self.axis.systems.get(request.headers.get("x-systemid", ""))
            given = request.headers.get("x-secretkey", "")
            if system is None or not hmac.compare_digest(system.secret.encode(), given.encode()):
                return _told("15", "X-SystemId hoặc X-SecretKey không đúng.", status=401)
            return await serve(system, request)

        return answer

    async def _send(self, system: System, request: Request) -> Response:
        content, fields = await read_upload(request, "edocFile")
        kind = fields.get("messageType", "")
        if kind not in {EDOC, STATUS} or content is None:
            return _told("10", "Thiếu edocFile hoặc messageType.")
        try:
            envelope = read_envelope(content)
        except PacketError as error:
            return _told("22", str(error))
        if not system.speaks_for(envelope.sender) or envelope.is_status is not (kind == STATUS):
            return _told("21", "Nơi gửi không thuộc hệ thống này, hoặc loại gói không khớp.")
        packet = self.axis.take(content, kind, envelope, times=2 if self.troubles.trouble is Trouble.DUPLICATE else 1)
        return _told("0", "", docId=packet.id)

    async def _received(self, system: System, request: Request) -> Response:
        asked = request.query_params
        first, last = asked.get("fromDate", ""), asked.get("toDate", "9999/99/99")
        rows = [
            {
                "docId": packet.id, "messageType": packet.kind, "from": packet.envelope.sender, "to": organ,
                "status": packet.state[organ].value, "createdTime": f"{packet.sent_at:%Y/%m/%d %H:%M:%S}",
            }
            for packet, organ in self.axis.inbox(system, asked.get("messageType", EDOC))
            if first <= f"{packet.sent_at:%Y/%m/%d}" <= last
        ]  # fmt: skip
        return _told("0", "", data=rows)

    async def _fetch(self, system: System, request: Request) -> Response:
        packet = self.axis.packets.get(request.query_params.get("docId", ""))
        if packet is None or not self.axis.may_fetch(packet, system):
            return _told("18", "Không có gói này.")
        return Response(damaged(packet, self.troubles), media_type="application/octet-stream")

    async def _update(self, system: System, request: Request) -> Response:
        message = await read_object(request) or {}
        packet, state = self.axis.packets.get(str(message.get("docId") or "")), str(message.get("status") or "")
        if state not in _STATES:
            return _told("19", "status phải là processing, done hoặc fail.")
        if packet is None or not self.axis.mark(packet, system, Transport(state)):
            return _told("18", "Không có gói này.")
        return _told("0", "")


def _told(code: str, words: str, *, status: int = 200, **more: Any) -> Response:
    return JSONResponse({"errorCode": code, "errorDesc": words, **more}, status)
