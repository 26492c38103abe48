"""The helper process: it loads what it needs once, and for every question forks a child that lives for that one only.

Started by `helper.py` with one end of a socket as its first argument. A question is a packet that carries two descriptors
(the sealed file, the way back) and nothing else; the question's text comes over the way back. The child has a bounded
address space and time, may write no files, and has no network where the system lets it give that up.
"""

import contextlib
import ctypes
import gc
import io
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from tinhso.lib.inspection import archives, content, pages, pdf, pictures, scans  # noqa: F401 - loaded once, before the forks
from tinhso.lib.inspection.report import UNREADABLE, Limits, Report
from tinhso.lib.sealed import SealBroken, SealedReader

_MEMORY = 1_536 * 1_048_576
_SECONDS = 30
_NEW_USER, _NEW_NETWORK = 0x1000_0000, 0x4000_0000


def serve(questions: socket.socket) -> None:
    """Fork a child for each question until the asking process is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Best effort: a container may forbid it, and then the lack of any address to call is all there is.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(questions, 1, 2)
        if not message:
            return
        if os.fork() == 0:
            code = 1
            with contextlib.suppress(BaseException):
                questions.close()
                _answer(*descriptors)
                code = 0
            os._exit(code)
        for descriptor in descriptors:
            os.close(descriptor)


def _answer(sealed: int, way: int) -> None:
    with socket.socket(fileno=way) as back, back.makefile("rwb") as wire:
        asked = json.loads(wire.readline())
        _confine(asked.get("seconds", _SECONDS))
        size = os.fstat(sealed).st_size
        reader = SealedReader(
            lambda at, length: os.pread(sealed, length, at), sealed=size, key=bytes.fromhex(asked["key"])
        )
        file = io.BufferedReader(reader, buffer_size=262_144)
        if asked["task"] == "inspect":
            _say(wire, _inspected(file, Limits(**asked["limits"])).asdict())
        elif asked["task"] == "sheets":
            _tell_sheets(wire, file, asked)
        else:
            for blob, width, height in _likenesses(file, asked):
                _say(wire, {"size": len(blob), "width": width, "height": height})
                wire.write(blob)
            _say(wire, {"size": 0})


def _inspected(file: BinaryIO, limits: Limits) -> Report:
    try:
        return content.inspect(file, limits)
    except (MemoryError, RecursionError):
        return Report(problem=UNREADABLE)
    except SealBroken:
        return Report(problem="seal")


def _likenesses(file: BinaryIO, asked: dict[str, Any]) -> Iterator[tuple[bytes, int, int]]:
    if asked["media_type"] == "application/pdf":
        yield from pages.render_pages(file, first=asked["first"], count=asked["count"], longest=asked["longest"])
    elif asked["first"] == 0:
        yield pictures.likeness(file, longest=asked["longest"])


def _tell_sheets(wire: Any, file: BinaryIO, asked: dict[str, Any]) -> None:
    try:
        for sheet in scans.sheets_of(file, asked["media_type"], most=asked["most"]):
            blob = sheet.jpeg if asked["pictures"] else b""
            _say(wire, {"size": len(blob), "sheet": sheet.figures()})
            wire.write(blob)
        _say(wire, {"sheet": None})
    except scans.NotASheet:
        _say(wire, {"sheet": None, "damaged": True})


def _say(wire: Any, value: dict[str, Any]) -> None:
    wire.write(json.dumps(value).encode() + b"\n")
    wire.flush()


def _confine(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(seconds * 2)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
