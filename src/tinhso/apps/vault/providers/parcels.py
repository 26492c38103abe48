"""Packages on disk, sealed as they are written: no plain copy of anybody's papers ever stands there.

Every package has a key of its own, forgotten when the package is removed.
"""

import os
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO

from tinhso.lib.sealed import SealedReader, Sealer

_BLOCK = 262_144


class SealingWriter(RawIOBase):
    """A file to write to, as the maker of archives wants it: forward only. `size` counts plain bytes."""

    def __init__(self, target: BinaryIO, key: bytes) -> None:
        self._sealer = Sealer(target, key)
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # narrower than any buffer
        self._sealer.write(bytes(data))
        self.size += len(data)
        return len(data)

    def finish(self) -> None:
        """Write what is left, marked as the end."""
        self._sealer.finish()


def read(path: Path, key: bytes) -> Iterator[bytes]:
    """The plain bytes of a package, piece by piece.

    Raises:
        SealBroken: cut, changed, or sealed with another key.
    """
    with path.open("rb") as file:

        def read_at(place: int, count: int) -> bytes:
            return os.pread(file.fileno(), count, place)

        reader = SealedReader(read_at, sealed=path.stat().st_size, key=key)
        while block := reader.read(_BLOCK):
            yield block


def remove(path: Path) -> None:
    """Take a package away; one that is gone already is no trouble."""
    path.unlink(missing_ok=True)
