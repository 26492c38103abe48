"""What is in an office file, which is a ZIP archive: told by its list of contents, unpacked only where archives nest."""

import io
import zipfile
import zlib
from typing import BinaryIO

from tinhso.lib.inspection import report as r
from tinhso.lib.inspection.report import Limits, Report

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ZIP = "application/zip"
_PARTS = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}
_SMALL = 5_000  # what packs to less than this cannot unfold into much
_COMMANDS = ("vbaproject.bin", ".exe", ".js", ".vbs", ".bat", ".scr", ".dll")
_HEAD = b"PK\x03\x04"
_NESTED_AT_MOST = 50_000_000


def inspect_archive(file: BinaryIO, limits: Limits) -> Report:
    """The type of an office file by its parts; refused when it unfolds into too much or carries commands."""
    try:
        return _inspect(file, limits, depth=0)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError, IndexError):
        return Report(ZIP, r.UNREADABLE)


def _inspect(file: BinaryIO, limits: Limits, *, depth: int) -> Report:
    size = file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if _unfolds(parts, size, limits):
            return Report(ZIP, r.BOMB)
        names = {part.filename for part in parts}
        if any(name.lower().endswith(_COMMANDS) or name.startswith(("Basic/", "Scripts/")) for name in names):
            return Report(ZIP, r.MACRO)
        nested = _nested_problem(archive, parts, limits, depth=depth)
        if nested:
            return Report(ZIP, nested)
        if any(part.flag_bits & 1 for part in parts):
            return Report(ZIP, r.ENCRYPTED)
        return Report(_type_of(archive, names))


def _unfolds(parts: list[zipfile.ZipInfo], size: int, limits: Limits) -> bool:
    """Whether it has too many parts, unfolds into too much, or lets parts share their bytes (which only bombs do)."""
    return (
        len(parts) > limits.parts
        or sum(part.file_size for part in parts) > limits.unpacked
        or sum(part.compress_size for part in parts) > size
        or any(part.file_size > limits.ratio * max(part.compress_size, _SMALL) for part in parts)
    )


def _nested_problem(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], limits: Limits, *, depth: int) -> str:
    for part in parts:
        if part.flag_bits & 1 or part.file_size < len(_HEAD):
            continue
        with archive.open(part) as content:
            if content.read(len(_HEAD)) != _HEAD:
                continue
        if depth + 1 > limits.depth or part.file_size > _NESTED_AT_MOST:
            return r.BOMB
        with archive.open(part) as content:
            inner = _inspect(io.BytesIO(content.read(_NESTED_AT_MOST)), limits, depth=depth + 1)
        if inner.problem:
            return inner.problem
    return ""


def _type_of(archive: zipfile.ZipFile, names: set[str]) -> str:
    for media_type, part in _PARTS.items():
        if part in names and "[Content_Types].xml" in names:
            return media_type
    if {"mimetype", "content.xml"} <= names:
        with archive.open("mimetype") as content:
            told = content.read(100).decode("ascii", "replace").strip()
        if told in {ODT, ODS}:
            return told
    return ZIP
