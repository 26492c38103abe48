"""Taking a stream in: sealed on its way to a temporary file of this machine, so that its plain bytes never touch the disk."""

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tinhso.apps.documents.providers.disk import INCOMING, DiskBlob
from tinhso.lib.sealed import SealedReader, Sealer, new_key

_PORTION = 262_144


class StreamTooLongError(ValueError):
    """The stream holds more than the limit; `seen` bytes were read before it was given up."""

    def __init__(self, seen: int) -> None:
        self.seen = seen
        super().__init__(f"more than the limit: {seen} bytes read")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A content being taken in: sealed with `key` under a temporary path until a store keeps it."""

    path: Path
    key: bytes
    sha256: str
    size: int
    head: bytes

    def open(self) -> SealedReader:
        """Its plain content for reading and seeking."""
        blob = DiskBlob(self.path)
        return SealedReader(blob.read_at, sealed=blob.size, key=self.key, close=blob.close)


@contextmanager
def take_in(folder: Path, stream: BinaryIO, *, limit: int, head_bytes: int) -> Iterator[Incoming]:
    """Seal a stream into a temporary file in portions, digesting on the way; the temporary file goes when the block ends.

    Raises:
        StreamTooLongError: at the first portion beyond `limit` bytes.
    """
    incoming = folder / INCOMING
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, key = incoming / secrets.token_hex(12), new_key()
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            sealer = Sealer(file, key)
            while portion := stream.read(_PORTION):
                size += len(portion)
                if size > limit:
                    raise StreamTooLongError(size)
                if len(head) < head_bytes:
                    head += portion[: head_bytes - len(head)]
                digest.update(portion)
                sealer.write(portion)
            sealer.finish()
            file.flush()
            os.fsync(file.fileno())
        yield Incoming(path=path, key=key, sha256=digest.hexdigest(), size=size, head=head)
    finally:
        path.unlink(missing_ok=True)


def take_bytes(folder: Path, content: bytes, *, limit: int) -> AbstractContextManager[Incoming]:
    """As `take_in`, for something small that is in memory already."""
    return take_in(folder, io.BytesIO(content), limit=limit, head_bytes=0)


def sweep(folder: Path, *, before: datetime) -> int:
    """Remove temporary files last written before an instant; returns how many."""
    abandoned = [path for path in (folder / INCOMING).glob("*") if path.stat().st_mtime < before.timestamp()]
    for path in abandoned:
        path.unlink(missing_ok=True)
    return len(abandoned)
