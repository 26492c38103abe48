"""One connection of a client: HTTP/1.1 parsed by llhttp, each request handed to the application in the terms of ASGI.

A server of our own, because the application needs two things together that none of the usual ones gives: the certificate
the connection was made with, and little work per request (decision 0031).
"""

import asyncio
import hashlib
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Protocol, cast

import httptools
import structlog

_HIGH, _LOW = 131_072, 65_536  # bytes of a body read ahead of its reader
_MOST_HEAD = 65_536  # bytes of a request's address and headers
_MOST_WAITING = 8  # requests sent ahead of the answers before them
_LINGER_S = 2.0  # a client that is refused in the middle of its body may go on so long before the line is cut
_HEAD_S, _IDLE_S, _WRITE_S = 15.0, 75.0, 30.0
_STATUS = {one.value: f"HTTP/1.1 {one.value} {one.phrase}\r\n".encode() for one in HTTPStatus}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_NO_BODY = frozenset({204, 304})
_log = structlog.get_logger(__name__)

Application = Callable[[dict[str, Any], Callable[[], Any], Callable[[dict[str, Any]], Any]], Awaitable[None]]


class Host(Protocol):
    """What a connection needs of the server it belongs to."""

    application: Application
    connections: "set[Connection]"
    is_stopping: bool


class Connection(asyncio.Protocol):
    """What comes in is parsed as it comes; requests are served one after another, in order."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.loop = asyncio.get_running_loop()
        self.parser = httptools.HttpRequestParser(self)
        self.transport: asyncio.Transport | None = None
        self.client: tuple[str, int] | None = None
        self.extensions: dict[str, Any] = {}
        self.deadline = self.loop.time() + _HEAD_S
        self.waiting: deque[Request] = deque()
        self.present: Request | None = None
        self.reading: Request | None = None
        self.is_paused = self.is_closed = self.is_ending = False
        self.writable: asyncio.Future[None] | None = None
        self._begin()

    def _begin(self) -> None:
        self.url, self.size = b"", 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_head_done = False

    # What the event loop calls.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # by its shape: the loop's own is no subclass
        self.host.connections.add(self)
        peer = transport.get_extra_info("peername")
        self.client = (str(peer[0]), int(peer[1])) if peer else None
        shown = transport.get_extra_info("ssl_object")
        certificate = shown.getpeercert(binary_form=True) if shown is not None else None
        if certificate:
            self.extensions = {"tinhso.peer": {"fingerprint": hashlib.sha256(certificate).hexdigest()}}

    def data_received(self, data: bytes) -> None:
        if self.is_ending and self.reading is None:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as error:  # another protocol was offered; we stay with this one
            rest = data[error.args[0] :]
            if rest:
                self.data_received(rest)
        except httptools.HttpParserError:
            self._refuse(400)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = True
        self.host.connections.discard(self)
        for request in (self.present, *self.waiting):
            if request is not None:
                request.tell()
        self.waiting.clear()
        self.resume_writing()

    def pause_writing(self) -> None:
        if self.writable is None:
            self.writable = self.loop.create_future()

    def resume_writing(self) -> None:
        if self.writable is not None and not self.writable.done():
            self.writable.set_result(None)
        self.writable = None

    # What the parser calls.
    def on_message_begin(self) -> None:
        self._begin()
        self.deadline = self.loop.time() + _HEAD_S

    def on_url(self, url: bytes) -> None:
        self.url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if not self.is_head_done:  # what follows a body in pieces stands apart
            self.headers.append((name.lower(), value.strip(b" \t")))
        elif self.reading is not None:
            self.reading.trailers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self.is_head_done = True
        if self.is_ending:
            return
        self.deadline = float("inf")
        path, _, query = self.url.partition(b"?")
        version = self.parser.get_http_version()
        method = self.parser.get_method()
        scope = {
            "type": "http", "http_version": version, "method": method.decode("ascii"), "scheme": "http",
            "path": "", "raw_path": path, "query_string": query, "headers": self.headers, "client": self.client,
            "extensions": self.extensions,
        }  # fmt: skip
        is_old = version != "1.1"
        keeps = not is_old and self.parser.should_keep_alive() and not self.host.is_stopping
        self.reading = Request(self, scope, keeps=keeps, is_old=is_old)
        if self.present is None:
            self._serve(self.reading)
        else:
            self.waiting.append(self.reading)
            if len(self.waiting) >= _MOST_WAITING:
                self.pause()

    def on_body(self, body: bytes) -> None:
        if self.reading is not None:
            self.reading.take(body)

    def on_message_complete(self) -> None:
        if self.reading is not None:
            self.reading.is_whole = True
            self.reading.tell()
            self.reading = None
            if self.is_ending:
                self.close()

    def _count(self, size: int) -> None:
        self.size += size
        if self.size > _MOST_HEAD and not self.is_ending:
            self._refuse(431)

    # What the requests call.
    def pause(self) -> None:
        """Read no more for now."""
        if not self.is_paused and self.transport is not None:
            self.is_paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self.is_paused and self.transport is not None and not self.is_closed:
            self.is_paused = False
            self.transport.resume_reading()

    async def write(self, data: bytes) -> None:
        """Send; waits while the client does not keep up, and gives it up when it takes nothing for long."""
        if self.is_closed or self.transport is None:
            return
        self.transport.write(data)
        if self.writable is not None:
            self.deadline = self.loop.time() + _WRITE_S
            await self.writable
            self.deadline = float("inf")

    def finished(self, request: "Request") -> None:
        """An answer is out whole: the next request's turn, or the end."""
        self.present = None
        if self.is_closed:
            return
        if not request.is_whole:  # refused in the middle: what is still coming is dropped
            self.is_ending = True
            self.deadline = self.loop.time() + _LINGER_S
            self.resume()
        elif not request.keeps or self.host.is_stopping:
            self.close()
        elif self.waiting:
            self._serve(self.waiting.popleft())
            self.resume()
        else:
            self.deadline = self.loop.time() + _IDLE_S
            self.resume()

    def cut(self) -> None:
        """Break off, so that nobody takes a part of an answer for the whole."""
        if self.transport is not None and not self.is_closed:
            raw = self.transport.get_extra_info("socket")
            if raw is not None:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    def close(self) -> None:
        """Hang up when all is sent."""
        self.is_ending = True
        if self.transport is not None:
            self.transport.close()

    def close_if_idle(self) -> None:
        """Hang up unless a request is being served."""
        if self.present is None:
            self.close()

    def expire(self, at: float) -> None:
        """Cut when what was waited for has not come in time."""
        if self.deadline < at and self.transport is not None:
            self.transport.abort()

    def _serve(self, request: "Request") -> None:
        self.present = request
        request.task = self.loop.create_task(request.run())

    def _refuse(self, status: int) -> None:
        self.is_ending, self.reading = True, None
        if self.transport is not None and self.present is None and not self.is_closed:
            self.transport.write(_STATUS[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
        else:
            self.cut()


class Request:
    """One request while it is served: the application receives its body and sends its answer through it."""

    __slots__ = (
        "answered", "connection", "head", "held", "is_asked_for", "is_bare", "is_chunked", "is_old", "is_whole", "keeps",
        "news", "pieces", "scope", "task", "trailers",
    )  # fmt: skip

    def __init__(self, connection: Connection, scope: dict[str, Any], *, keeps: bool, is_old: bool) -> None:
        self.connection, self.scope, self.keeps, self.is_old = connection, scope, keeps, is_old
        self.pieces: list[bytes] = []
        self.held = 0
        self.news: asyncio.Future[None] | None = None
        self.is_whole = self.answered = self.is_chunked = self.is_bare = False
        self.is_asked_for = any(
            name == b"expect" and value.lower() == b"100-continue" for name, value in scope["headers"]
        )
        self.head: bytes | None = None
        self.task: asyncio.Task[None] | None = None
        self.trailers: list[tuple[bytes, bytes]] = []
        scope["tinhso.is_here"], scope["tinhso.trailers"] = self.is_here, self.trailers

    def is_here(self) -> bool:
        """Whether `receive` has something at once."""
        return self.is_whole or bool(self.pieces)

    async def run(self) -> None:
        """Serve it; whatever is not answered whole is cut."""
        try:
            await self.connection.host.application(self.scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001 - of one request: the others go on
            _log.warning("a request failed", error=repr(error))
        if self.answered:
            self.connection.finished(self)
        else:
            self.connection.cut()

    def take(self, body: bytes) -> None:
        """A piece of the body has come."""
        self.pieces.append(body)
        self.held += len(body)
        if self.held > _HIGH:
            self.connection.pause()
        self.tell()

    def tell(self) -> None:
        """There is something new for who waits."""
        if self.news is not None and not self.news.done():
            self.news.set_result(None)

    async def receive(self) -> dict[str, Any]:
        """What has come of the body since the last time, waiting for something to come."""
        while not self.pieces and not self.is_whole:
            if self.connection.is_closed:
                return {"type": "http.disconnect"}
            if self.is_asked_for:
                self.is_asked_for = False
                await self.connection.write(_CONTINUE)
                continue
            self.news = self.connection.loop.create_future()
            try:
                await self.news
            finally:
                self.news = None
        body = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
        self.pieces = []
        if self.held > _LOW:
            self.connection.resume()
        self.held = 0
        return {"type": "http.request", "body": body, "more_body": not self.is_whole}

    async def send(self, message: dict[str, Any]) -> None:
        """A part of the answer. The head leaves with the first piece of the body."""
        if message["type"] == "http.response.start":
            self._start(message["status"], message["headers"])
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self.is_bare:
            data = b""
        elif self.is_chunked:
            data = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (
                b"" if more else b"0\r\n%b\r\n" % b"".join(b"%b: %b\r\n" % pair for pair in message.get("trailers", ()))
            )
        else:
            data = body
        if self.head is not None:
            self.keeps = self.keeps and (more or self.is_whole)
            data, self.head = self.head + (b"\r\n" if self.keeps else b"connection: close\r\n\r\n") + data, None
        if not more:
            self.answered = True
        if data:
            await self.connection.write(data)

    def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        head = [_STATUS.get(status) or b"HTTP/1.1 %d \r\n" % status, *[b"%b: %b\r\n" % pair for pair in headers]]
        self.is_bare = self.scope["method"] == "HEAD" or status in _NO_BODY
        if not self.is_bare and not any(name == b"content-length" for name, _ in headers):
            if self.is_old:  # its end is that of the connection
                self.keeps = False
            else:
                self.is_chunked = True
                head.append(b"transfer-encoding: chunked\r\n")
        self.head = b"".join(head)
