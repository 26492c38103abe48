"""HTTP/1.1 towards providers: pooled connections, bodies in pieces, nothing followed, nothing decoded.

A client of our own because a general one spends more on a call than everything else here together, and because what
passes must pass as it is: no redirects, no decompression, no cookies.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

import httptools

from tinhso.lib.xroad import Headers

_HIGH = 262_144  # bytes of an answer read ahead of its reader
_IDLE_S = 4.0  # a provider may close idle connections at any moment: none is used after resting longer
_MOST_IDLE = 64
_MOST_HEADER_BYTES = 65_536
_BROKEN_OFF = "bên cung cấp ngắt kết nối giữa chừng"
_NOT_BELIEVED = "chứng thư không được tin cậy"


class UpstreamError(Exception):
    """The provider cannot be reached, breaks off, or does not speak HTTP. `is_sent`: something may have reached it.

    `is_untrusted`: one side does not believe the other's certificate.
    """

    def __init__(self, message: str, *, is_sent: bool, is_untrusted: bool = False) -> None:
        super().__init__(message)
        self.is_sent, self.is_untrusted = is_sent, is_untrusted


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections go."""

    host: str
    port: int
    tls: ssl.SSLContext | None

    @property
    def authority(self) -> bytes:
        """The value of the Host header."""
        return _authority(self.host, self.port, 443 if self.tls else 80)


@lru_cache(1_024)
def _authority(host: str, port: int, usual: int) -> bytes:
    written = f"[{host}]" if ":" in host else host
    return (written if port == usual else f"{written}:{port}").encode("idna")


class Connection(asyncio.Protocol):
    """One connection: one call at a time. llhttp judges what is HTTP and what is not."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.is_lost = False
        self.idle_since = 0.0
        self._writable: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._forget()
        self.is_complete = True  # nothing has been asked: whatever comes now belongs to nobody

    def _forget(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.trailers: Headers = []
        self.is_answered = self.is_complete = self._is_untrusted = False
        self.error = ""
        self.pieces_here: list[bytes] = []
        self._head_size = self._held = 0
        self._is_paused = self._is_head_only = self._is_chunked = self._ends_with_line = False
        self._news: asyncio.Future[None] | None = None

    # What the event loop calls.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # by its shape: the loop's own is no subclass

    def data_received(self, data: bytes) -> None:
        if self.is_complete or self.error:
            self.is_lost = True  # words after the end of an answer belong to nobody: the connection serves no more
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.error = self.error or "bên cung cấp đổi giao thức"
        except httptools.HttpParserError as error:
            self.error = self.error or f"trả lời không đúng HTTP: {error}"
        self._tell()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        if not self.is_complete and not self.error:
            if self.is_answered and self._ends_with_line and error is None:
                self.is_complete = True
            else:
                self._is_untrusted = isinstance(error, ssl.SSLError)
                self.error = _NOT_BELIEVED if self._is_untrusted else _BROKEN_OFF
        self._tell()
        self.resume_writing()

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # What the parser calls.
    def on_message_begin(self) -> None:
        if self.is_complete:
            self.is_lost = True

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_size += len(name) + len(value)
        if self._head_size > _MOST_HEADER_BYTES:
            self.error = self.error or "tiêu đề trả lời quá dài"
        elif not self.is_answered and not self.is_lost:
            self.headers.append((name.lower(), value.strip(b" \t")))
        elif self.is_answered and not self.is_complete:
            self.trailers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        if self.is_complete:
            return
        self.status = self._parser.get_status_code()
        if 100 <= self.status < 200:
            if self.status == 101:
                self.error = "bên cung cấp đổi giao thức"
            self.headers = []
            return
        self.is_answered = True
        lengths = [value for name, value in self.headers if name == b"content-length"]
        chunked = any(name == b"transfer-encoding" for name, _ in self.headers)
        is_bare = self._is_head_only or self.status in {204, 304}
        self._ends_with_line = not lengths and not chunked and not is_bare
        if self._is_head_only:
            # The parser does not know that no body follows: this connection ends here unless there could be none.
            self.is_complete = True
            self.is_lost = self.is_lost or not (lengths == [b"0"] or self.status in {204, 304})

    def on_body(self, body: bytes) -> None:
        if self.is_complete:
            self.is_lost = True
            return
        self.pieces_here.append(body)
        self._held += len(body)
        if self._held > _HIGH and not self._is_paused and self.transport is not None and not self.is_lost:
            self._is_paused = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
        if self.is_answered:
            self.is_complete = True
            self.is_lost = self.is_lost or not self._parser.should_keep_alive()

    # What the call does.
    async def begin(self, head: bytes, body: bytes | None, *, is_head_only: bool, is_chunked: bool) -> None:
        """Send the head, and the whole body when it is here (None: it follows in pieces).

        Raises:
            UpstreamError: lost.
        """
        if self.is_lost:
            raise UpstreamError(_BROKEN_OFF, is_sent=False)
        self._forget()
        self._is_head_only, self._is_chunked = is_head_only, is_chunked
        await self._write(head + body if body else head)

    async def send_piece(self, piece: bytes) -> None:
        """Send more of the body."""
        await self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._is_chunked else piece)

    async def end(self, trailers: Headers = []) -> None:  # noqa: B006 - never changed
        """The body is complete; with `trailers` after it where it went in chunks."""
        if self._is_chunked:
            await self._write(b"0\r\n%b\r\n" % b"".join(b"%b: %b\r\n" % pair for pair in trailers))

    async def _write(self, data: bytes) -> None:
        if self.is_lost or self.transport is None:
            raise UpstreamError(self.error or _BROKEN_OFF, is_sent=True)
        self.transport.write(data)
        if self._writable is not None:
            await self._writable

    def rest(self, at: float) -> bool:
        """Whether it can serve another call; if so, make ready for it."""
        if self.is_lost or not self.is_complete or self.error:
            return False
        if self._is_paused and self.transport is not None:  # the end came while nothing more was to be read
            self._is_paused = False
            self.transport.resume_reading()
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
            while self.pieces_here:
                taken = self.pieces_here
                self.pieces_here, self._held = [], 0
                yield taken[0] if len(taken) == 1 else b"".join(taken)
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

    def take_whole(self, most: int) -> bytes | None:
        """The body, when it has come whole already and is no longer than that; then there are no pieces."""
        if not self.is_complete or self.error or self._held > most:
            return None
        taken, self.pieces_here, self._held = self.pieces_here, [], 0
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def close(self) -> None:
        """Hang up."""
        self.is_lost = True
        if self.transport is not None:
            self.transport.abort()

    def _raise_if_failed(self) -> None:
        if self.error:
            raise UpstreamError(self.error, is_sent=True, is_untrusted=self._is_untrusted)

    async def _wait(self) -> None:
        self._news = self._loop.create_future()
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
        except ssl.SSLError as error:
            raise UpstreamError(_NOT_BELIEVED, is_sent=False, is_untrusted=True) from error
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

    def drop(self, origin: Origin) -> None:
        """Connections there are not used again."""
        for one in self._idle.pop(origin, ()):
            one.close()

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
