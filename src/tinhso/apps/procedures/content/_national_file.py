"""The file of the national catalogue: JSON lines, plain or xz-compressed."""

import hashlib
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinhso.kernel.errors import Invalid

# The whole national catalogue is about 60 MB of text; ten times that is not a catalogue.
LARGEST = 600_000_000


class NationalFileError(Invalid):
    """Không đọc được tệp danh mục."""


def file_digest(path: Path) -> str:
    """SHA-256 of the file as it is.

    Raises:
        NationalFileError: the file cannot be opened.
    """
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise NationalFileError(f"Không mở được tệp {path.name}: {error.strerror}.") from error


def read_national_file(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a `.jsonl` or `.jsonl.xz` file in order.

    Raises:
        NationalFileError: not such a file, damaged, not JSON (the line is named), or far too large.
    """
    name = path.name
    if not name.endswith((".jsonl", ".jsonl.xz")):
        raise NationalFileError(f"Tệp {name} phải có đuôi .jsonl hoặc .jsonl.xz.")
    size = 0
    try:
        with lzma.open(path, "rb") if name.endswith(".xz") else path.open("rb") as handle:
            for number, line in enumerate(handle, start=1):
                size += len(line)
                if size > LARGEST:
                    raise NationalFileError(f"Tệp {name} lớn bất thường, không phải tệp danh mục.")
                if line.strip():
                    yield _record(line, name, number)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise NationalFileError(f"Không đọc được tệp {name}: tệp hỏng hoặc không mở được.") from error


def _record(line: bytes, name: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise NationalFileError(f"Tệp {name}, dòng {number}: không phải JSON.") from error
    if not isinstance(value, dict):
        raise NationalFileError(f"Tệp {name}, dòng {number}: phải là một bản ghi thủ tục.")
    return value
