"""Exchanges with the server of another organisation: its members ask ours, ours ask its (decision 0039).

The call travels between the servers as the client sent it, over mutual TLS, with one header more, `tinhso-signature`: the
asking member's signature on the way there, the providing member's on the way back. Both sides compute the same hash of the
same head and body, and both logs hold both signatures. After a body that went in pieces the signature follows as a trailer;
whoever receives it hands on the last piece only when it holds.
"""

import base64
import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tinhso.apps.exchange.data import ServerData
from tinhso.interfaces.gateway.bodies import WHOLE, RequestBody
from tinhso.interfaces.gateway.calls import Call, authenticate_server, server_of
from tinhso.interfaces.gateway.exchange import Exchange, Send, Signed, member_of, own_headers
from tinhso.interfaces.gateway.providers import Answer, Place
from tinhso.interfaces.gateway.state import Gateway
from tinhso.interfaces.gateway.upstream import UpstreamError
from tinhso.kernel.clock import PROVINCE_TIME, now
from tinhso.lib.jsontext import read_json
from tinhso.lib.text import whole_number
from tinhso.lib.xroad import SIGNATURE, Headers, ProtocolError, headers_between_servers, message_hash, one_value

_TYPE = re.compile(r"(Client|Server\.(?:ClientProxy|ServerProxy))((?:\.[A-Za-z]{1,40}){1,3})")
_LONGEST_ERROR = 4_000


def exchange_for(gateway: Gateway, call: Call, body: RequestBody, send: Send, scope: dict[str, Any]) -> Exchange:
    """The exchange a call is: from another server, to another server, or between two that are served here."""
    registry = gateway.registry
    if registry.servers:
        came_from = server_of(scope, registry)
        if came_from:
            return FromServer(gateway, call, body, send, came_from)
        there = registry.server_of(call.target.service.provider, now().astimezone(PROVINCE_TIME).date())
        if there is not None:
            return ToServer(gateway, call, body, send, there)
    return Exchange(gateway, call, body, send)


class FromServer(Exchange):
    """A member behind another server asks a service of ours."""

    def __init__(self, gateway: Gateway, call: Call, body: RequestBody, send: Send, server: str) -> None:
        super().__init__(gateway, call, body, send)
        self.server = server
        self.trailers: Headers = []

    def _identify(self, scope: dict[str, Any]) -> Headers:
        authenticate_server(self.call.client, self.server, self.registry)
        try:
            self.call.exchange_id = UUID(one_value(self.call.headers, b"x-road-request-id") or "")
        except ValueError:
            raise ProtocolError("Client.BadRequest", "Máy chủ hỏi phải nêu một X-Road-Request-Id") from None
        self.trailers = scope.get("tinhso.trailers", [])
        self.body.before_end = self._sign_request
        return headers_between_servers(self.call.headers)

    async def _carry(self, headers: Headers) -> None:
        provider = self.call.target.service.provider
        if self.registry.server_of(provider, self.on) is not None:
            raise ProtocolError("Server.ServerProxy.UnknownMember", f"«{provider}» không ở máy chủ này")
        await super()._carry(headers)

    def _sign_request(self) -> None:
        """The request has come signed: by the member that asks, with a key it has given us."""
        if self.signed is None:
            found = message_hash(self.head, self.body.digest)
            given = (*self.call.headers, *self.trailers)
            self.signed = verified(self.gateway, found, member_of(self.call.client_name), given, self.side)

    async def _start(
        self, answer: Answer, passed: Headers, *, length: int | None, signed: Signed | None = None
    ) -> None:
        if signed is not None:
            await super()._start(answer, [*passed, _header(signed)], length=length)
        else:  # in pieces, so that a trailer can follow
            await super()._start(answer, [*passed, (b"trailer", SIGNATURE)], length=None)

    async def _finish(self, last: bytes, signed: Signed) -> None:
        trailers = [_header(signed)]
        await self.send({"type": "http.response.body", "body": last, "more_body": False, "trailers": trailers})


class ToServer(Exchange):
    """A system of ours asks a service behind another server."""

    side = "Server.ClientProxy"

    def __init__(self, gateway: Gateway, call: Call, body: RequestBody, send: Send, server: ServerData) -> None:
        super().__init__(gateway, call, body, send)
        self.server = server

    async def _carry(self, headers: Headers) -> None:
        origin = self.gateway.origin_of_server(self.server.code)
        if origin is None:
            raise ProtocolError(
                "Server.ClientProxy.SslAuthenticationFailed",
                f"Máy chủ «{self.server.code}» chưa có chứng thư đang hiệu lực trong danh bạ",
            )
        place = Place(origin, self.call.raw_target, self.server.timeout_s, self._signature)
        await self._through(self.server.code, self.server.at_once, place, headers)

    def _signature(self) -> Headers:
        self._sign_request()
        assert self.signed is not None  # noqa: S101 - just now
        return [_header(self.signed)]

    def _unreached(self, name: str, error: UpstreamError) -> ProtocolError:
        what = "SslAuthenticationFailed" if error.is_untrusted else "NetworkError"
        return ProtocolError(f"{self.side}.{what}", f"Máy chủ «{name}»: {error}")

    async def _respond(self, answer: Answer) -> None:
        told = next((value for name, value in answer.headers if name == b"x-road-error"), None)
        if told is not None:
            raise await _told(answer, told)
        await super()._respond(answer)

    def _passed(self, answer: Answer) -> Headers:
        assert self.signed is not None  # noqa: S101 - signed when the request was taken, or when it had passed whole
        passed = headers_between_servers(answer.headers)
        said = sorted(pair for pair in passed if pair[0].startswith(b"x-road-"))
        if said != sorted(own_headers(self.call, self.signed.hash)):
            raise ProtocolError(
                f"{self.side}.InconsistentResponse", f"Máy chủ «{self.server.code}» trả lời cho một yêu cầu khác"
            )
        return passed

    def _signed_answer(self, answer: Answer, data: bytes) -> Signed:
        given = (*answer.headers, *answer.trailers)
        return verified(self.gateway, data, member_of(self.call.service_name), given, self.side)


def verified(
    gateway: Gateway, data: bytes, member: str, headers: Iterable[tuple[bytes, bytes]], side: str
) -> Signed:  # fmt: skip
    """The signature that came with a message, when it is that member's over this hash, with a key in force.

    Raises:
        ProtocolError: `InvalidSignatureValue`.
    """
    moment = now()
    wrong = ProtocolError(f"{side}.InvalidSignatureValue", f"Chữ ký của «{member}» thiếu hoặc không đúng")
    try:
        name, _, text = (one_value(headers, SIGNATURE) or "").partition(" ")
        signature = base64.b64decode(text, validate=True)
        key = gateway.registry.verifying_keys.get(name)
        if key is None or key.owner != member or not key.valid_from <= moment < key.valid_to:
            wrong.detail = "khóa không phải khóa ký đang hiệu lực của thành viên trong danh bạ ở máy chủ nhận"
            raise wrong
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, data)
    except (ValueError, InvalidSignature):  # a header that stands twice, no base64, no signature of this
        raise wrong from None
    return Signed(data, signature, name)


def _header(signed: Signed) -> tuple[bytes, bytes]:
    return SIGNATURE, b"%b %b" % (signed.key.encode(), base64.b64encode(signed.signature))


async def _told(answer: Answer, value: bytes) -> ProtocolError:
    """The other server's refusal as one of ours to the client: what it says of itself happened at the provider's side."""
    content = b""
    async for piece in answer.pieces:
        content += piece
        if len(content) > WHOLE:
            break
    try:
        told = read_json(content)
        message, detail = str(told["message"])[:_LONGEST_ERROR], str(told.get("detail", ""))[:200]
    except (ValueError, TypeError, KeyError, AttributeError):
        message, detail = "Máy chủ bên cung cấp từ chối", ""
    found = _TYPE.fullmatch(value.decode("latin-1"))
    if found is None:
        return ProtocolError("Server.ServerProxy.InternalError", message, detail=detail)
    side = "Client" if found[1] == "Client" else "Server.ServerProxy"
    wait = next((one for name, one in answer.headers if name == b"retry-after"), b"")
    return ProtocolError(
        f"{side}{found[2]}", message, detail=detail, retry_after_s=whole_number(wait.decode("latin-1"), digits=6) or 0
    )
