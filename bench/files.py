"""Files: a large one in and out, with the memory of the process before and after."""

import os
import resource
import time
from io import RawIOBase
from typing import Any

from bench.tables import table


class _Pdf(RawIOBase):
    """A PDF of this many bytes that is nowhere whole: a small one, and behind its end comment lines that do not repeat."""

    def __init__(self, head: bytes, size: int) -> None:
        super().__init__()
        self._head, self._left = head, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        length = min(len(buffer), self._left)
        piece = self._head[:length] or (b"%" + os.urandom((length + 1) // 2).hex().encode())[:length]
        self._head, self._left = self._head[len(piece) :], self._left - len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


def measure(*, megabytes: int = 200) -> dict[str, Any]:
    """Seconds, megabytes a second and growth of the process in KiB for storing a file and for reading it back."""
    from django.conf import settings
    from tests.factories.files import PDF

    from tinhso.apps.documents import actions, queries
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    settings.TINHSO_MAX_UPLOAD_MB = megabytes
    actions.store_file(
        content=PDF, name="am.pdf", actor=SYSTEM, at=clock.now()
    )  # the helper is there, modules are loaded
    before, started = _peak(), time.perf_counter()
    size = megabytes * 1_048_576
    stored = actions.store_file(content=_Pdf(PDF, size), name="to.pdf", actor=SYSTEM, at=clock.now())  # type: ignore[arg-type]
    stored_s, middle = time.perf_counter() - started, _peak()
    started, read = time.perf_counter(), 0
    with queries.open_file(stored.id) as stream:
        while piece := stream.read(262_144):
            read += len(piece)
    read_s = time.perf_counter() - started
    if read != size:
        raise SystemExit(f"{read} of {size} bytes came back")
    return {
        "megabytes": megabytes, "store_s": round(stored_s, 2), "store_rate": round(megabytes / stored_s),
        "store_growth_kib": middle - before, "read_s": round(read_s, 2), "read_rate": round(megabytes / read_s),
        "read_growth_kib": _peak() - middle, "resident_kib": before,
    }  # fmt: skip


def _peak() -> int:
    """Most memory this process ever held, KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    rows = [
        (
            "taken in: sealed, digested, looked into, kept",
            found["store_s"],
            found["store_rate"],
            found["store_growth_kib"],
        ),
        ("read back, opened piece by piece", found["read_s"], found["read_rate"], found["read_growth_kib"]),
    ]
    return (
        f"### A file of {found['megabytes']} MB\n\nA process of {found['resident_kib'] / 1024:.0f} MiB before; growth is"
        " of its peak of resident memory.\n\n" + table(["", "s", "MB/s", "growth KiB"], rows)
    )
