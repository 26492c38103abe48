"""Asking the helper process (`child.py`), which is started at the first question and lives as long as this process."""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinhso.lib.inspection.report import UNREADABLE, Limits, Report
from tinhso.lib.inspection.sheet import Sheet

_lock = threading.Lock()
_questions: socket.socket | None = None
_process: subprocess.Popen[bytes] | None = None
_SECONDS = 30


class InspectionFailed(OSError):
    """The child died over the file: too much memory, too much time, or a fault of a library."""


def inspect(sealed: Path, key: bytes, *, limits: Limits) -> Report:
    """Look into a sealed file.

    A file over which the child dies is reported as unreadable. Raises: OSError when no child can be had.
    """
    asked = {"task": "inspect", "key": key.hex(), "limits": limits.asdict(), "seconds": _SECONDS}
    with _ask(sealed, asked) as wire:
        line = wire.readline()
    return Report(**json.loads(line)) if line else Report(problem=UNREADABLE)


def render(
    sealed: Path, key: bytes, *, media_type: str, first: int, count: int, longest: int
) -> Iterator[tuple[bytes, int, int]]:
    """Likenesses of pages as (JPEG, width, height).

    Raises:
        InspectionFailed: the child died; what came before is good.
    """
    asked = {
        "task": "render", "key": key.hex(), "media_type": media_type, "first": first, "count": count, "longest": longest,
        "seconds": _SECONDS,
    }  # fmt: skip
    with _ask(sealed, asked) as wire:
        while line := wire.readline():
            told = json.loads(line)
            if told["size"] == 0:
                return
            blob = wire.read(told["size"])
            if len(blob) < told["size"]:
                break
            yield blob, told["width"], told["height"]
    raise InspectionFailed("the file could not be drawn")


def sheets(sealed: Path, key: bytes, *, media_type: str, most: int, with_pictures: bool) -> Iterator[Sheet]:
    """The pages of a scanned file and what was measured of them; without pictures, `jpeg` is empty.

    Raises:
        InspectionFailed: no scan, a damaged one, or the child died; what came before is good.
    """
    asked = {
        "task": "sheets", "key": key.hex(), "media_type": media_type, "most": most, "pictures": with_pictures,
        "seconds": _SECONDS * 4,
    }  # fmt: skip
    with _ask(sealed, asked) as wire:
        while line := wire.readline():
            told = json.loads(line)
            if told["sheet"] is None:
                if told.get("damaged"):
                    break
                return
            blob = wire.read(told["size"])
            if len(blob) < told["size"]:
                break
            yield Sheet(jpeg=blob, **told["sheet"])
    raise InspectionFailed("the scan could not be read")


def _ask(sealed: Path, asked: dict[str, Any]) -> Any:
    here, there = socket.socketpair()
    descriptor = os.open(sealed, os.O_RDONLY)
    try:
        _send([descriptor, there.fileno()])
    finally:
        os.close(descriptor)
        there.close()
    here.settimeout(_SECONDS * 3)
    wire = here.makefile("rwb")
    here.close()  # the file keeps it open
    wire.write(json.dumps(asked).encode() + b"\n")
    wire.flush()
    return wire


def _send(descriptors: list[int]) -> None:
    global _questions
    with _lock:
        for is_last_try in (False, True):
            if _questions is None or _process is None or _process.poll() is not None:
                _let_go()
                _questions = _start()
            try:
                socket.send_fds(_questions, [b"?"], descriptors)
            except OSError:
                _let_go()
                if is_last_try:
                    raise
            else:
                return


def _let_go() -> None:
    global _questions
    if _questions is not None:
        _questions.close()
        _questions = None


def _start() -> socket.socket:
    global _process
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    package = Path(__file__).resolve().parents[3]
    environment = {"PYTHONPATH": str(package), "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    _process = subprocess.Popen(  # noqa: S603 - our own module, no word of a stranger
        [sys.executable, "-m", "tinhso.lib.inspection.child", str(theirs.fileno())],
        pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    theirs.close()
    return ours


@atexit.register
def stop() -> None:
    """Let the helper go (it goes by itself when this process ends)."""
    global _process
    _let_go()
    process, _process = _process, None
    if process is not None:
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
