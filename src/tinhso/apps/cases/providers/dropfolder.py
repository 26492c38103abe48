"""The folders into which scanners write: one a counter, named by the unit's code (thư mục nhận tệp từ máy quét).

A scanner is a machine of its own that knows nothing of cases. What it writes is offered at its counter's page once it is
whole; taking a file claims it by renaming it, which only one can do, and removes it when it is kept. Names are those that the
folder itself lists: no path comes from outside, no link is followed.
"""

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from tinhso.kernel.errors import Conflict

# A scanner that writes page by page pauses between pages; a file that has rested for so long is whole.
REST_SECONDS = 4.0
# Who took a file and died leaves it claimed; after so long it is offered again.
_CLAIM_SECONDS = 600
_CLAIMED = ".dang-lay."
_ENDINGS = (".pdf", ".jpg", ".jpeg", ".png")
_MOST_LISTED = 60
_UNSAFE = re.compile(r"[^0-9A-Za-z.-]+")


class ScanGone(Conflict):
    """Tệp quét này vừa được lấy vào hồ sơ khác, hoặc máy quét đang ghi lại nó; mời xem lại danh sách."""


@dataclass(frozen=True, slots=True)
class ArrivedScan:
    """A whole file in a counter's folder (tệp máy quét vừa gửi); `size` in bytes."""

    name: str
    size: int
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What lies in a counter's folder: whole files, oldest first; how many are being written, how many are no scans."""

    files: tuple[ArrivedScan, ...] = ()
    writing: int = 0
    strange: int = 0


def folder_of(unit_code: str) -> Path:
    """The folder of a counter; it may not exist."""
    root = Path(settings.SCANS["folder"] or settings.DATA_DIR / "scans-in")
    return root / (_UNSAFE.sub("_", unit_code).lstrip(".") or "_")


def arrivals(unit_code: str) -> Arrivals | None:
    """What may be taken now; None where the operator has made no folder for this counter."""
    folder = folder_of(unit_code)
    files, writing, strange, now = [], 0, 0, time.time()
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    for entry in entries:
        found = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode):
            strange += 1
        elif entry.name.startswith(_CLAIMED):
            if now - found.st_ctime > _CLAIM_SECONDS:
                _rename(folder / entry.name, folder / entry.name.removeprefix(_CLAIMED))
        elif entry.name.startswith("."):
            continue
        elif not _is_scan(entry.name):
            strange += 1
        elif _is_being_written(found, now):
            writing += 1
        else:
            files.append(ArrivedScan(entry.name, found.st_size, datetime.fromtimestamp(found.st_mtime, tz=UTC)))
    files.sort(key=lambda one: (one.arrived_at, one.name))
    return Arrivals(tuple(files[:_MOST_LISTED]), writing, strange)


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that is ours: nobody else is offered it."""

    folder: Path
    name: str

    @property
    def _path(self) -> Path:
        return self.folder / f"{_CLAIMED}{self.name}"

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Its bytes.

        Raises:
            ScanGone: it went, was never a plain file, or the scanner wrote on while it was read.
        """
        try:
            number = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise ScanGone from error
        with os.fdopen(number, "rb") as stream:
            before = os.fstat(number)
            if not stat.S_ISREG(before.st_mode):
                raise ScanGone
            yield stream
            after = os.fstat(number)
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise ScanGone

    def give_back(self) -> None:
        """Offer it again: it was not taken after all."""
        with suppress(FileNotFoundError):
            _rename(self._path, self.folder / self.name)

    def remove(self) -> None:
        """It is kept, sealed, in the store: the plain copy goes."""
        self._path.unlink(missing_ok=True)


def claim(unit_code: str, name: str) -> Claim:
    """Make one of a counter's whole files ours.

    Raises:
        ScanGone: the folder offers no such file: a wrong name, another counter's, not whole, or somebody was quicker.
    """
    found = arrivals(unit_code)
    if found is None or name not in {one.name for one in found.files}:
        raise ScanGone
    ours = Claim(folder_of(unit_code), name)
    try:
        # Never over a claim of the same name that somebody is at work on: a link fails where there is one.
        os.link(ours.folder / name, ours.folder / f"{_CLAIMED}{name}", follow_symlinks=False)
        (ours.folder / name).unlink()
    except OSError as error:
        raise ScanGone from error
    return ours


def remove_older(*, before: datetime) -> int:
    """Remove what nobody took: papers of people lie there unsealed. Returns how many."""
    root = Path(settings.SCANS["folder"] or settings.DATA_DIR / "scans-in")
    removed = 0
    for path in root.glob("*/*") if root.is_dir() else ():
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _is_scan(name: str) -> bool:
    return name.lower().endswith(_ENDINGS) and name.isprintable()


def _is_being_written(found: os.stat_result, now: float) -> bool:
    return found.st_size == 0 or now - found.st_mtime < REST_SECONDS


def _rename(old: Path, new: Path) -> None:
    if not new.exists():
        old.rename(new)
