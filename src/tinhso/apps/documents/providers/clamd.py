"""Asking clamd, the scanner for malware: the content is streamed over its socket (INSTREAM), it reads no file of ours."""

import socket
import struct
from typing import BinaryIO

_PORTION = 131_072
_SECONDS = 120


class ScannerUnavailable(OSError):
    """clamd does not answer, or answers what nobody understands."""


class NotScannable(ValueError):
    """clamd will not scan this: too large for its limits."""


def scan(address: str, content: BinaryIO) -> str:
    """The name of what was found, or "" when there is nothing.

    `address`: path of the socket, or `host:port`. Raises: NotScannable, ScannerUnavailable, OSError while reading.
    """
    try:
        with _connected(address) as wire:
            wire.sendall(b"zINSTREAM\0")
            answer = _streamed(wire, content)
    except (ConnectionError, TimeoutError, socket.gaierror, FileNotFoundError) as error:
        raise ScannerUnavailable(f"clamd at {address}: {error}") from error
    if answer.endswith("FOUND"):
        return answer.removeprefix("stream:").removesuffix("FOUND").strip()
    if answer.endswith("OK"):
        return ""
    if "size limit exceeded" in answer:
        raise NotScannable(answer)
    raise ScannerUnavailable(f"clamd at {address} answers {answer!r}")


def _streamed(wire: socket.socket, content: BinaryIO) -> str:
    try:
        while portion := content.read(_PORTION):
            wire.sendall(struct.pack(">I", len(portion)) + portion)
        wire.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it hangs up once its limit of size is reached; what it said before is still there to read
    answer = b""
    while not answer.endswith(b"\0"):
        portion = wire.recv(4_096)
        if not portion:
            break
        answer += portion
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _connected(address: str) -> socket.socket:
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and not address.startswith("/"):
        return socket.create_connection((host, int(port)), timeout=_SECONDS)
    wire = socket.socket(socket.AF_UNIX)
    wire.settimeout(_SECONDS)
    try:
        wire.connect(address)
    except OSError:
        wire.close()
        raise
    return wire
