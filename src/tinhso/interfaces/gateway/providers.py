"""Asking the provider's software: a connection, the request, the head of the answer. Again only where that is harmless."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from tinhso.interfaces.gateway.bodies import RequestBody
from tinhso.interfaces.gateway.calls import Call
from tinhso.interfaces.gateway.state import Gateway
from tinhso.interfaces.gateway.upstream import Connection, Origin, UpstreamError
from tinhso.lib.text import whole_number
from tinhso.lib.xroad import SIGNATURE, Headers
from tinhso.lib.xroad.identifiers import path_matches


@dataclass(slots=True)
class Answer:
    """The head of an answer, and its body to come. `length`: what the provider announced."""

    status: int
    headers: Headers
    pieces: AsyncIterator[bytes]
    length: int | None
    is_head_only: bool
    release: Callable[[], None]
    whole: Callable[[int], bytes | None] = lambda _most: None
    trailers: Headers = field(default_factory=list)  # there when the last piece is

    @classmethod
    def of(cls, status: int, headers: Headers, content: bytes) -> "Answer":
        """An answer made here."""
        return cls(status, headers, _single(content), len(content), is_head_only=False, release=lambda: None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call goes: the connections, the address as the other side reads it, how long it may take.

    `signature`: towards another server, the header that signs the request; after a body in pieces it follows the last.
    """

    origin: Origin
    target: str
    timeout_s: int
    signature: Callable[[], Headers] | None = None


def is_endpoint(endpoint: tuple[str, str], call: Call) -> bool:
    """Whether a service's endpoint is the one called."""
    method, path = endpoint
    return method in {"*", call.method} and path_matches(path, call.target.path)


async def ask(gateway: Gateway, place: Place, call: Call, headers: Headers, body: RequestBody) -> Answer:
    """The provider's answer up to its head, within the place's time.

    A call that failed before anything was sent, or that may be repeated and whose body is still here, is tried once more
    on a fresh connection.

    Raises:
        UpstreamError: not reached, or broken off.
        TimeoutError: no head of an answer in time.
    """
    origin = place.origin
    head, is_chunked = _head(call, place, headers, body)
    asked = _Asked(head, call.method == "HEAD", is_chunked, place.signature)
    async with asyncio.timeout(place.timeout_s):
        try:
            used = await _send(gateway, origin, asked, body, fresh=False)
        except UpstreamError as error:
            if body.whole is None or (error.is_sent and not call.is_idempotent):
                raise
            used = await _send(gateway, origin, asked, body, fresh=True)
    length = next(
        (whole_number(value.decode("latin-1")) for name, value in used.headers if name == b"content-length"), None
    )
    return Answer(
        status=used.status, headers=used.headers, pieces=used.pieces(idle_s=gateway.limits.idle_s), length=length,
        is_head_only=asked.is_head_only, release=lambda: gateway.pool.give_back(origin, used), whole=used.take_whole,
        trailers=used.trailers,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    head: bytes
    is_head_only: bool
    is_chunked: bool
    signature: Callable[[], Headers] | None


async def _send(gateway: Gateway, origin: Origin, asked: _Asked, body: RequestBody, *, fresh: bool) -> Connection:
    used = await gateway.pool.take(origin, fresh=fresh)
    try:
        await used.begin(asked.head, body.whole, is_head_only=asked.is_head_only, is_chunked=asked.is_chunked)
        if body.whole is None:
            await _stream(used, body, asked.signature)
        await used.answered()
    except BaseException:
        used.close()
        raise
    return used


async def _stream(used: Connection, body: RequestBody, signature: Callable[[], Headers] | None) -> None:
    """Send in pieces. A provider that answers before the end hears no more; the rest is read for the hash alone."""
    async for piece in body.pieces():
        if not used.is_answered and not used.is_lost:
            await used.send_piece(piece)
    if used.is_answered:
        used.is_lost = True  # what it was sent is not a whole request: it can serve no other
    else:
        await used.end(signature() if signature is not None else [])


def _head(call: Call, place: Place, headers: Headers, body: RequestBody) -> tuple[bytes, bool]:
    asked = call.method.encode(), place.target.encode("ascii"), place.origin.authority
    lines = [b"%b %b HTTP/1.1\r\nhost: %b\r\n" % asked]
    lines += [b"%b: %b\r\n" % pair for pair in headers]
    is_chunked = body.whole is None and (body.length is None or place.signature is not None)
    if place.signature is not None:
        if is_chunked:
            lines.append(b"trailer: %b\r\n" % SIGNATURE)
        else:
            lines += [b"%b: %b\r\n" % pair for pair in place.signature()]
    if is_chunked:
        lines.append(b"transfer-encoding: chunked\r\n")
    elif body.length is not None or body.whole or call.method in {"POST", "PUT", "PATCH"}:
        size = len(body.whole) if body.whole is not None else body.length or 0
        lines.append(b"content-length: %d\r\n" % size)
    lines.append(b"\r\n")
    return b"".join(lines), is_chunked


async def _single(content: bytes) -> AsyncIterator[bytes]:
    if content:
        yield content
