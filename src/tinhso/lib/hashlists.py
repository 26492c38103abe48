"""A long sorted list of hashes in a file, looked up without reading it: breached passwords as they are published."""

import os
import re
from pathlib import Path
from typing import BinaryIO

_LINE = re.compile(rb"(?P<hash>[0-9A-Fa-f]{40})(?::[0-9]+)?\r?\n?")
# A line is a hash, a colon, a count and the end of the line; nothing in such a file is longer.
_LONGEST_LINE = 80
_SAMPLES = 64


class HashListError(Exception):
    """The file is not there, or is no list of SHA-1 hashes in order; the message says which."""


def holds(path: Path, digest: str) -> bool:
    """Whether the file has a line with this SHA-1 (forty hexadecimal digits).

    The file has lines `HASH` or `HASH:COUNT` ordered by hash, as haveibeenpwned publishes them. It is halved until the
    place is found: some forty short reads in a file of forty gigabytes.

    Raises:
        HashListError: the file cannot be read, or what is met in it is no such line.
    """
    wanted = digest.upper().encode("ascii")
    try:
        with path.open("rb", buffering=0) as file:
            low, high = 0, os.fstat(file.fileno()).st_size
            # The line that begins first at or after `low`, and before `high`, is looked at; every turn one bound moves.
            while low < high:
                middle = (low + high) // 2
                start, found = _line_from(file, middle)
                if not found or start >= high:
                    high = middle
                elif found == wanted:
                    return True
                elif found < wanted:
                    low = start + 1
                else:
                    high = middle
    except OSError as error:
        raise HashListError(f"{path}: {error.strerror}") from error
    return False


def problem_of(path: Path) -> str | None:
    """Why the file does not serve, or None: lines from all over it are read, and must be hashes in rising order."""
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if not size:
                return f"{path}: tệp rỗng"
            latest = b""
            for part in range(_SAMPLES):
                _start, found = _line_from(file, size * part // _SAMPLES)
                if found and found < latest:
                    return f"{path}: các dòng không xếp theo mã băm"
                latest = found or latest
            last = _last_line(file, size)
            if last < latest:
                return f"{path}: các dòng không xếp theo mã băm"
    except OSError as error:
        return f"{path}: {error.strerror}"
    except HashListError as error:
        return str(error)
    return None


def _line_from(file: BinaryIO, offset: int) -> tuple[int, bytes]:
    """Where the first line begins that begins at or after an offset, and its hash; empty at the end of the file."""
    start = max(0, offset - 1)
    file.seek(start)
    read = file.read(2 * _LONGEST_LINE)
    if offset:
        end = read.find(b"\n")
        if end < 0:
            if len(read) == 2 * _LONGEST_LINE:
                raise _no_line(file, start)
            return start + len(read), b""
        start, read = start + end + 1, read[end + 1 :]
    if not read:
        return start, b""
    return start, _hash_of(file, start, read)


def _last_line(file: BinaryIO, size: int) -> bytes:
    begin = max(0, size - 2 * _LONGEST_LINE)
    file.seek(begin)
    lines = file.read().rstrip(b"\r\n").split(b"\n")
    return _hash_of(file, begin, lines[-1])


def _hash_of(file: BinaryIO, start: int, read: bytes) -> bytes:
    line = read.split(b"\n", 1)[0]
    found = _LINE.fullmatch(line)
    if found is None:
        raise _no_line(file, start)
    return found["hash"].upper()


def _no_line(file: BinaryIO, start: int) -> HashListError:
    return HashListError(f"{file.name}: không có dòng mã băm SHA-1 ở vị trí {start}")
