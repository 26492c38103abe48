"""Blobs in a folder.

Order of writing: temporary file, fsync, rename, fsync of the folder, a second copy where one is waited for, and only then
the row that names it. A power cut leaves at worst a file no row knows, which is swept after a day.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tinhso.kernel.crash import crash
from tinhso.kernel.secondcopy import ask_for_second_copy

INCOMING = "incoming"


class DiskBlob:
    """An open file, read at any place."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self._descriptor).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, offset)

    def close(self) -> None:
        os.close(self._descriptor)


class DiskStorage:
    """The default store: a folder of this machine, or one that several machines mount."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where a blob lies."""
        return self.folder / name

    def keep(self, name: str, source: Path) -> None:
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        source.replace(target)
        crash("store_file:after_rename")
        for parent in (target.parent, target.parent.parent, self.folder):
            _sync_folder(parent)
        ask_for_second_copy(f"files/{name}")

    def open(self, name: str) -> DiskBlob:
        return DiskBlob(self.path(name))

    def delete(self, name: str) -> None:
        target = self.path(name)
        target.unlink(missing_ok=True)
        if target.parent.exists():
            _sync_folder(target.parent)

    def names(self) -> Iterator[tuple[str, datetime]]:
        for path in self.folder.glob("*/*/*"):
            if path.parts[len(self.folder.parts)] != INCOMING and path.is_file():
                yield path.relative_to(self.folder).as_posix(), datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
