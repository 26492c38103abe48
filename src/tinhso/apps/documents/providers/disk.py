"""Content-addressed files in a folder: the name of a file is the SHA-256 of its content, so content never changes.

Order of writing: temporary file, fsync, rename, fsync of the folder, and only then the row that names it. A power cut
leaves at worst a file no row knows.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tinhso.kernel.crash import crash

_CHUNK = 262_144


class StreamTooLongError(ValueError):
    """The stream holds more than the limit; `seen` bytes were read before it was given up."""

    def __init__(self, seen: int) -> None:
        self.seen = seen
        super().__init__(f"more than the limit: {seen} bytes read")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file being taken in: on disk under a temporary name until `keep` gives it its own."""

    path: Path
    sha256: str
    size: int
    head: bytes


def path_of(folder: Path, sha256: str) -> Path:
    """Where content with this digest lies."""
    return folder / sha256[:2] / sha256[2:4] / sha256


@contextmanager
def take_in(folder: Path, stream: BinaryIO, *, limit: int, head_bytes: int) -> Iterator[Incoming]:
    """Copy a stream to a temporary file in pieces, digesting on the way; the temporary file goes when the block ends.

    Raises:
        StreamTooLongError: at the first piece beyond `limit` bytes.
    """
    incoming = folder / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = incoming / secrets.token_hex(12)
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            while piece := stream.read(_CHUNK):
                size += len(piece)
                if size > limit:
                    raise StreamTooLongError(size)
                if len(head) < head_bytes:
                    head += piece[: head_bytes - len(head)]
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        yield Incoming(path=path, sha256=digest.hexdigest(), size=size, head=head)
    finally:
        path.unlink(missing_ok=True)


def keep(folder: Path, incoming: Incoming) -> None:
    """Give the file its lasting name, durably. The same content a second time changes nothing."""
    target = path_of(folder, incoming.sha256)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming.path.replace(target)
    crash("store_file:after_rename")
    for parent in (target.parent, target.parent.parent, folder):
        _sync_folder(parent)


def open_content(folder: Path, sha256: str) -> BinaryIO:
    """The content for reading.

    Raises:
        FileNotFoundError: the file is not on this disk.
    """
    return path_of(folder, sha256).open("rb")


def sweep_incoming(folder: Path, *, before: datetime) -> int:
    """Remove temporary files last written before an instant; returns how many."""
    abandoned = [path for path in (folder / "incoming").glob("*") if path.stat().st_mtime < before.timestamp()]
    for path in abandoned:
        path.unlink(missing_ok=True)
    return len(abandoned)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
