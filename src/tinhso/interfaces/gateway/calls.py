"""What a request says of itself, and whether its client is who it says."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tinhso.apps.exchange.data import Registry, SubsystemData
from tinhso.apps.exchange.enums import Connection
from tinhso.apps.exchange.queries import TOKEN_MARK, token_digest
from tinhso.kernel.clock import PROVINCE_TIME, now
from tinhso.lib.xroad import (
    ClientId,
    Headers,
    IdentifierError,
    ProtocolError,
    Target,
    forwarded_request_headers,
    one_value,
    parse_client,
    parse_target,
)

PREFIX = "/r1/"
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_LIMITS = {b"x-road-id": 200, b"x-road-userid": 100, b"x-road-issue": 200, b"x-road-represented-party": 200}
_LONGEST_TARGET = 8_000
_LONGEST_CLIENT, _LONGEST_SERVICE = 500, 600  # as long as the log's columns
# Whoever comes through a proxy has the proxy's address: it proves nothing about him.
_PROXIED = frozenset({b"forwarded", b"x-forwarded-for", b"via"})


@dataclass(slots=True)
class Call:
    """One request: what it asks, for whom, and the ids it goes by."""

    method: str
    raw_target: str
    query: str
    target: Target
    client: ClientId
    client_name: str
    service_name: str
    headers: Headers
    message_id: str
    exchange_id: UUID
    user_id: str
    issue: str
    represented: str
    security_server: str
    started: float

    @property
    def is_safe(self) -> bool:
        """Whether asking changes nothing at the provider."""
        return self.method in {"GET", "HEAD", "OPTIONS"}

    @property
    def is_idempotent(self) -> bool:
        """Whether asking twice is as good as once."""
        return self.is_safe or self.method in {"PUT", "DELETE"}

    @property
    def duration_us(self) -> int:
        return int((time.perf_counter() - self.started) * 1_000_000)


def read_call(scope: dict[str, Any]) -> Call:
    """The request's facts.

    Raises:
        ProtocolError: `Client.BadRequest` with the reason.
    """
    started = time.perf_counter()
    headers: Headers = list(scope["headers"])
    method = scope["method"]
    path = raw_path(scope)
    query = scope["query_string"].decode("latin-1")
    raw_target = f"{path}?{query}" if query else path
    if method not in METHODS:
        raise ProtocolError("Client.BadRequest", f"Không nhận phương thức {method}")
    if len(raw_target) > _LONGEST_TARGET:
        raise ProtocolError("Client.BadRequest", f"Địa chỉ dài quá {_LONGEST_TARGET} ký tự")
    if not raw_target.isascii() or not raw_target.isprintable() or " " in raw_target:
        raise ProtocolError("Client.BadRequest", "Địa chỉ có ký tự chưa mã hóa phần trăm")
    try:
        found = {name: one_value(headers, name) or "" for name in _LIMITS}
        client = one_value(headers, b"x-road-client")
        server = one_value(headers, b"x-road-security-server") or ""
        if not client:
            raise ProtocolError("Client.BadRequest", "Thiếu tiêu đề X-Road-Client")
        parsed, target = parse_client(client), parse_target(path.removeprefix(PREFIX))
    except (ValueError, IdentifierError) as error:
        raise ProtocolError("Client.BadRequest", str(error)) from error
    for name, most in _LIMITS.items():
        if len(found[name]) > most or not found[name].isprintable():
            raise ProtocolError("Client.BadRequest", f"Tiêu đề {name.decode()} quá dài hoặc có ký tự lạ")
    if len(str(parsed)) > _LONGEST_CLIENT or len(str(target.service)) > _LONGEST_SERVICE:
        raise ProtocolError("Client.BadRequest", "Mã định danh quá dài")
    exchange_id = uuid4()
    return Call(
        method=method, raw_target=raw_target, query=query, target=target, client=parsed,
        client_name=str(parsed), service_name=str(target.service), headers=headers,
        message_id=found[b"x-road-id"] or str(exchange_id), exchange_id=exchange_id, user_id=found[b"x-road-userid"],
        issue=found[b"x-road-issue"], represented=found[b"x-road-represented-party"], security_server=server,
        started=started,
    )  # fmt: skip


def raw_path(scope: dict[str, Any]) -> str:
    """The path as it came, percent-encoding untouched."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")


def authenticate(client: ClientId, headers: Headers, scope: dict[str, Any], registry: Registry) -> SubsystemData:
    """The subsystem that asks, when it proves to be it in the way declared for it.

    Raises:
        ProtocolError: unknown, served by another server, or not proved.
    """
    moment = now()
    found = registry.subsystem(client, moment.astimezone(PROVINCE_TIME).date())
    if found is None or found.server:
        raise ProtocolError("Server.ClientProxy.UnknownMember", f"Không có hệ thống «{client}» ở cổng này")
    if found.connection is Connection.CERTIFICATE:
        owner_name, valid_to = registry.certificates.get(peer_of(scope), ("", moment))
        if owner_name != str(client) or valid_to <= moment:
            raise _unproved(client, "hệ thống này phải kết nối bằng chứng thư của mình, qua cổng dành cho chứng thư")
        return found
    text = bearer_of(headers)
    if text:
        owner, expires_at = registry.tokens.get(token_digest(text), (None, moment))
        if owner != client or expires_at <= moment:
            raise _unproved(client, "mã truy cập không đúng hoặc đã hết hạn")
        return found
    if found.connection is Connection.TOKEN:
        raise _unproved(client, "hệ thống này phải gửi mã truy cập")
    if any(name in _PROXIED for name, _ in headers):
        raise _unproved(client, "kết nối qua máy trung gian không chứng minh được hệ thống nào gọi")
    if not found.is_near((scope.get("client") or ("", 0))[0]):
        raise _unproved(client, "địa chỉ mạng không thuộc các mạng đã khai báo")
    return found


def authenticate_server(client: ClientId, server: str, registry: Registry) -> SubsystemData:
    """The subsystem that asks, when it lies behind the server whose certificate the connection was made with.

    Raises:
        ProtocolError: not in our registry, or not behind that server.
    """
    found = registry.subsystem(client, now().astimezone(PROVINCE_TIME).date())
    if found is None or not found.server:
        raise ProtocolError("Server.ServerProxy.UnknownMember", f"Không có hệ thống «{client}» ở máy chủ khác")
    if found.server != server:
        raise ProtocolError(
            "Server.ServerProxy.SslAuthenticationFailed", f"«{client}» không ở sau máy chủ «{server}» đang kết nối"
        )
    return found


def server_of(scope: dict[str, Any], registry: Registry) -> str:
    """The other organisation's server that made this connection, by its certificate; empty when it is none."""
    moment = now()
    code, valid_to = registry.server_certificates.get(peer_of(scope), ("", moment))
    on = moment.astimezone(PROVINCE_TIME).date()
    return code if valid_to > moment and registry.server(code, on) is not None else ""


def bearer_of(headers: Headers) -> str:
    """The exchange's own token, if the request carries one; other credentials are the provider's business."""
    for name, value in headers:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            text = value[7:].strip().decode("latin-1")
            return text if text.startswith(TOKEN_MARK) else ""
    return ""


def peer_of(scope: dict[str, Any]) -> str:
    """SHA-256 of the certificate the connection was made with, where the server of this port asks for one."""
    found: str = scope.get("extensions", {}).get("tinhso.peer", {}).get("fingerprint", "")
    return found


def passing_headers(call: Call) -> Headers:
    """The headers that go on to the provider."""
    return forwarded_request_headers(
        call.headers, request_id=str(call.exchange_id), message_id=call.message_id,
        drop_authorization=bool(bearer_of(call.headers)),
    )  # fmt: skip


def _unproved(client: ClientId, reason: str) -> ProtocolError:
    return ProtocolError("Server.ClientProxy.AuthenticationFailed", f"«{client}»: {reason}")
