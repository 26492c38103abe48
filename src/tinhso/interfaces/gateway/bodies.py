"""Bodies of requests: small ones whole in memory, large ones in pieces as they come, hashed on the way."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from tinhso.lib.text import whole_number
from tinhso.lib.xroad import Headers, ProtocolError

WHOLE = 65_536  # up to here a body is held whole; above, memory stays flat


class RequestBody:
    """The body of one request. After `begin`, `whole` holds it when it is small; else it comes in `pieces`."""

    def __init__(
        self, receive: Any, headers: Headers, *, idle_s: float, is_here: Callable[[], bool] = lambda: False
    ) -> None:
        self._receive, self._idle_s, self._is_here = receive, idle_s, is_here
        self._digest = hashlib.sha512()
        self._start: list[bytes] = []
        self._more = True
        self.size = 0
        self.whole: bytes | None = None
        self.before_end: Callable[[], None] | None = None  # asked before the last piece is handed on; it may refuse
        self.length = next(
            (whole_number(value.decode("latin-1")) for name, value in headers if name == b"content-length"), None
        )

    @property
    def digest(self) -> bytes | None:
        """SHA-512 of what has come, or None when there is nothing."""
        return self._digest.digest() if self.size else None

    async def begin(self) -> None:
        """Read on until all is here or it is too much to hold."""
        while self._more and self.size <= WHOLE:
            piece = await self._next()
            if piece:
                self._start.append(piece)
        if not self._more:
            self.whole = b"".join(self._start)

    async def pieces(self) -> AsyncIterator[bytes]:
        """All of it, from the first byte."""
        held = b""  # kept back when the end is to be judged first
        while self._start or self._more:
            piece = self._start.pop(0) if self._start else await self._next()
            if self.before_end is None:
                ready = piece
            else:
                ready, held = (held, piece) if piece else (b"", held)
            if ready:
                yield ready
        if self.before_end is not None:
            self.before_end()
            if held:
                yield held

    async def _next(self) -> bytes:
        if self._is_here():  # nothing to wait for, so no clock to set
            message = await self._receive()
        else:
            try:
                async with asyncio.timeout(self._idle_s):
                    message = await self._receive()
            except TimeoutError:
                raise ProtocolError("Client.Timeout", "Bên gửi ngừng gửi nội dung quá lâu") from None
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        piece: bytes = message.get("body", b"")
        self._more = message.get("more_body", False)
        self.size += len(piece)
        if piece:
            self._digest.update(piece)
        return piece


class ClientGoneError(Exception):
    """The client has hung up: there is nobody to answer."""
