"""HTTP/1.1 towards providers: pooled connections, bodies in pieces, nothing followed, nothing decoded.

A client of our own because a general one spends more on a call than everything else here together, and because what
passes must pass as it is: no redirects, no decompression, no cookies.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import h11

from tinhso.lib.xroad import Headers

_HIGH = 262_144  # bytes of an answer read ahead of its reader
_IDLE_S = 4.0  # a provider may close idle connections at any moment: none is used after resting longer
_MOST_IDLE = 64
_MOST_HEADER_BYTES = 65_536
_BROKEN_OFF = "bên cung cấp ngắt kết nối giữa chừng"


class UpstreamError(Exception):
    """The provider cannot be reached, breaks off, or does not speak HTTP. `is_sent`: something may have reached it."""

    def __init__(self, message: str, *, is_sent: bool) -> None:
        super().__init__(message)
        self.is_sent = is_sent


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections go."""

    host: str
    port: int
    tls: ssl.SSLContext | None

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


class Connection(asyncio.Protocol):
    """One connection: one call at a time. h11 judges what is HTTP and what is not."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.is_lost = False
        self.idle_since = 0.0
        self._writable: asyncio.Future[None] | None = None
        self._wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEADER_BYTES)
        self._forget()

    def _forget(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.is_answered = self.is_complete = False
        self.error = ""
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._is_paused = False
        self._news: asyncio.Future[None] | None = None

    # What the event loop calls.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream connection
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._feed(data)
        self._tell()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        if not self.is_complete and not self.error:
            self._feed(b"")
        if not self.is_complete and not self.error:
            self.error = _BROKEN_OFF
        self._tell()
        self.resume_writing()

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    def _feed(self, data: bytes) -> None:
        if self.is_complete or self.error:
            self.is_lost = True  # words after the end of an answer belong to nobody: the connection serves no more
            return
        try:
            self._wire.receive_data(data)
            while self._take(self._wire.next_event()):
                pass
        except h11.RemoteProtocolError as error:
            self.error = _BROKEN_OFF if not data else f"trả lời không đúng HTTP: {error}"

    def _take(self, event: Any) -> bool:
        """Whether there may be more."""
        if isinstance(event, h11.Response):
            if sum(len(name) + len(value) for name, value in event.headers) > _MOST_HEADER_BYTES:
                self.error = "tiêu đề trả lời quá dài"
                return False
            self.status, self.headers, self.is_answered = event.status_code, list(event.headers), True
        elif isinstance(event, h11.Data):
            self._pieces.append(bytes(event.data))
            self._held += len(event.data)
            if self._held > _HIGH and not self._is_paused and self.transport is not None:
                self._is_paused = True
                self.transport.pause_reading()
        elif isinstance(event, h11.EndOfMessage):
            self.is_complete = True
            return False
        elif event is h11.PAUSED:
            self.error = "bên cung cấp đổi giao thức"
            return False
        elif event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
            return False
        return True

    # What the call does.
    async def begin(self, request: h11.Request, body: bytes | None) -> None:
        """Send the head, and the whole body when it is here (None: it follows in pieces).

        Raises:
            UpstreamError: lost, or a head that cannot be sent.
        """
        self._forget()
        try:
            data = self._wire.send(request) or b""
            if body is not None:
                data += (self._wire.send(h11.Data(body)) or b"") if body else b""
                data += self._wire.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError as error:
            raise UpstreamError(f"không gửi được yêu cầu: {error}", is_sent=False) from error
        await self._write(data)

    async def send_piece(self, piece: bytes) -> None:
        """Send more of the body."""
        await self._write(self._wire.send(h11.Data(piece)) or b"")

    async def end(self) -> None:
        """The body is complete.

        Raises:
            UpstreamError: it is shorter than announced.
        """
        try:
            await self._write(self._wire.send(h11.EndOfMessage()) or b"")
        except h11.LocalProtocolError as error:
            raise UpstreamError(f"nội dung không đúng độ dài đã báo: {error}", is_sent=True) from error

    async def _write(self, data: bytes) -> None:
        if self.is_lost or self.transport is None:
            raise UpstreamError(self.error or _BROKEN_OFF, is_sent=True)
        self.transport.write(data)
        if self._writable is not None:
            await self._writable

    def rest(self, at: float) -> bool:
        """Whether it can serve another call; if so, make ready for it."""
        if self.is_lost or not self.is_complete or self._wire.trailing_data[0]:
            return False
        try:
            self._wire.start_next_cycle()
        except h11.LocalProtocolError:
            return False
        self.idle_since = at
        return True

    async def answered(self) -> None:
        """Until the head of the answer is here."""
        while not self.is_answered:
            self._raise_if_failed()
            await self._wait()
        self._raise_if_failed()

    async def pieces(self, *, idle_s: float) -> AsyncIterator[bytes]:
        """The body, as it comes.

        Raises:
            UpstreamError: it breaks off, or nothing comes for too long.
        """
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._held -= len(piece)
                yield piece
            if self.is_complete:
                return
            self._raise_if_failed()
            if self._is_paused and self.transport is not None:
                self._is_paused = False
                self.transport.resume_reading()
            try:
                async with asyncio.timeout(idle_s):
                    await self._wait()
            except TimeoutError:
                raise UpstreamError("bên cung cấp ngừng gửi giữa chừng", is_sent=True) from None

    def close(self) -> None:
        """Hang up."""
        self.is_lost = True
        if self.transport is not None:
            self.transport.abort()

    def _raise_if_failed(self) -> None:
        if self.error:
            raise UpstreamError(self.error, is_sent=True)

    async def _wait(self) -> None:
        self._news = asyncio.get_running_loop().create_future()
        try:
            await self._news
        finally:
            self._news = None

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


@dataclass(slots=True)
class Pool:
    """Connections to providers that rest between calls."""

    connect_s: float = 5.0
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    _idle: dict[Origin, deque[Connection]] = field(default_factory=dict)
    _origins: dict[str, tuple[Origin, str]] = field(default_factory=dict)

    def origin_of(self, address: str) -> tuple[Origin, str]:
        """Where a base address leads, and its path."""
        known = self._origins.get(address)
        if known is None:
            parts = urlsplit(address)
            tls = self.tls if parts.scheme == "https" else None
            origin = Origin(parts.hostname or "", parts.port or (443 if tls else 80), tls)
            known = self._origins[address] = (origin, parts.path.rstrip("/"))
        return known

    async def take(self, origin: Origin, *, fresh: bool = False) -> Connection:
        """A connection that is not in use.

        Raises:
            UpstreamError: none can be made.
        """
        loop = asyncio.get_running_loop()
        idle = self._idle.get(origin)
        while idle and not fresh:
            known = idle.pop()
            if not known.is_lost and loop.time() - known.idle_since < _IDLE_S:
                return known
            known.close()
        try:
            async with asyncio.timeout(self.connect_s):
                _, made = await loop.create_connection(Connection, origin.host, origin.port, ssl=origin.tls)
        except TimeoutError:
            raise UpstreamError("không kết nối được trong thời gian cho phép", is_sent=False) from None
        except OSError as error:
            raise UpstreamError(f"không kết nối được: {error.strerror or error}", is_sent=False) from error
        return made

    def give_back(self, origin: Origin, used: Connection) -> None:
        """Keep it for the next call, unless it cannot serve one."""
        idle = self._idle.setdefault(origin, deque())
        if len(idle) < _MOST_IDLE and used.rest(asyncio.get_running_loop().time()):
            idle.append(used)
        else:
            used.close()

    def use(self, tls: ssl.SSLContext) -> None:
        """From now on show and believe other certificates."""
        self.close()
        self._origins.clear()
        self.tls = tls

    def close(self) -> None:
        """Hang up everywhere."""
        for idle in self._idle.values():
            for one in idle:
                one.close()
        self._idle.clear()
