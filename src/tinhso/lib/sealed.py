"""A sealed stream: content encrypted in pieces with a key of its own, written in one pass and read at any place.

Form: 16 bytes of head (mark, piece size, zeros), then pieces of 64 KiB, each AES-256-GCM with its tag. The nonce of a piece is
its number and whether it is the last one, so that pieces cannot be swapped, repeated or cut off unnoticed (the STREAM
construction). A key is made for one content and used for nothing else, which is why counting nonces are safe.
"""

import io
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 65_536
KEY_BYTES = 32
_MARK = b"TSSEAL1\0"
HEAD = _MARK + PIECE.to_bytes(4, "big") + bytes(4)
_TAG = 16
_PIECES_AT_ONCE = 16

ReadAt = Callable[[int, int], bytes]


class SealBroken(OSError):
    """The sealed content was changed, cut off, or sealed with another key."""


def new_key() -> bytes:
    """A fresh data key."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def sealed_size(size: int) -> int:
    """How many bytes `size` plain bytes take when sealed."""
    pieces = max(1, -(-size // PIECE))
    return len(HEAD) + size + pieces * _TAG


def plain_size(sealed: int) -> int:
    """How many plain bytes a sealed content of this many bytes holds.

    Raises:
        SealBroken: no sealed content has this length.
    """
    body = sealed - len(HEAD)
    pieces = max(1, -(-body // (PIECE + _TAG)))
    if body < _TAG or sealed_size(body - pieces * _TAG) != sealed:
        raise SealBroken(f"{sealed} bytes are no sealed content")
    return body - pieces * _TAG


def wrap_key(data_key: bytes, *, with_key: bytes, bound_to: bytes) -> bytes:
    """A data key sealed with a key-encryption key; `bound_to` names the content it opens."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(with_key).encrypt(nonce, data_key, bound_to)


def unwrap_key(wrapped: bytes, *, with_key: bytes, bound_to: bytes) -> bytes:
    """The data key.

    Raises:
        SealBroken: another key-encryption key, another content, or a changed wrapping.
    """
    try:
        return AESGCM(with_key).decrypt(wrapped[:12], wrapped[12:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("the data key does not open") from error


class Sealer:
    """Writes plain bytes of any portions to a file as a sealed stream; `finish` writes the last piece."""

    def __init__(self, out: BinaryIO, key: bytes) -> None:
        self._out, self._cipher = out, AESGCM(key)
        self._held, self._number = bytearray(), 0
        out.write(HEAD)

    def write(self, portion: bytes) -> None:
        """Take a portion; full pieces go out at once, the last one is held until more comes or it is finished."""
        self._held += portion
        while len(self._held) > PIECE:
            self._put(bytes(self._held[:PIECE]), is_last=False)
            del self._held[:PIECE]

    def finish(self) -> None:
        """Write the last piece."""
        self._put(bytes(self._held), is_last=True)
        self._held.clear()

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), piece, HEAD))
        self._number += 1


class SealedSpool:
    """A temporary file without a name, sealed with a key that is nowhere but in this object; a context manager.

    Written first, in any portions, then read: what is left of it on the disk when the process dies opens for nobody.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self._key = tempfile.TemporaryFile(dir=folder), new_key()  # noqa: SIM115 - closed with this object
        self._sealer: Sealer | None = Sealer(self._file, self._key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, portion: bytes, /) -> int:
        """Take a portion, as a file does."""
        if self._sealer is None:
            raise ValueError("the spool is being read")
        self._sealer.write(portion)
        return len(portion)

    def flush(self) -> None:
        """Nothing to do: pieces are sealed as they are full."""

    def reader(self) -> BinaryIO:
        """The plain content, from its beginning; nothing can be written any more."""
        if self._sealer is not None:
            self._sealer.finish()
            self._sealer = None
            self._file.flush()
        place = self._file.fileno()
        plain = SealedReader(
            lambda at, length: os.pread(place, length, at), sealed=os.fstat(place).st_size, key=self._key
        )
        return cast("BinaryIO", io.BufferedReader(plain, buffer_size=262_144))


class SealedReader(io.RawIOBase):
    """The plain content of a sealed stream for reading and seeking; `read_at(offset, length)` gives its sealed bytes."""

    def __init__(self, read_at: ReadAt, *, sealed: int, key: bytes, close: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.size = plain_size(sealed)
        self._read_at, self._cipher, self._close = read_at, AESGCM(key), close
        self._last = max(0, -(-self.size // PIECE) - 1)
        self._at, self._first, self._plain = 0, -1, b""
        if read_at(0, len(HEAD)) != HEAD:
            raise SealBroken("not a sealed content")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "memoryview[int]", /) -> int:  # type: ignore[override]  # any writable buffer is one
        if self._at >= self.size:
            return 0
        number, within = divmod(self._at, PIECE)
        if not (0 <= self._first <= number < self._first + _PIECES_AT_ONCE and self._plain) or (
            (number - self._first) * PIECE + within >= len(self._plain)
        ):
            self._load(number)
        start = (number - self._first) * PIECE + within
        portion = self._plain[start : start + len(buffer)]
        buffer[: len(portion)] = portion
        self._at += len(portion)
        return len(portion)

    def close(self) -> None:
        if not self.closed and self._close is not None:
            self._close()
        super().close()

    def _load(self, first: int) -> None:
        step = PIECE + _TAG
        sealed = self._read_at(len(HEAD) + first * step, _PIECES_AT_ONCE * step)
        pieces = []
        try:
            for number, start in enumerate(range(0, len(sealed), step), first):
                nonce = _nonce(number, is_last=number == self._last)
                pieces.append(self._cipher.decrypt(nonce, sealed[start : start + step], HEAD))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"piece {first} or one after it does not open") from error
        if not pieces:
            raise SealBroken("sealed bytes are missing")
        self._first, self._plain = first, b"".join(pieces)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([is_last])
