"""The one look into a file: by its first bytes, then by its kind, then for a second nature."""

import io
from typing import BinaryIO

import filetype

from tinhso.lib.inspection import report as r
from tinhso.lib.inspection.report import Limits, Report

HEAD_BYTES = 8_192
_ZIP_HEAD, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
_ZIP_END_SIZE, _ZIP_TAIL = 22, 66_000
_MARKUP = (b"<script", b"<html", b"<svg", b"<?php", b"<!doctype", b"<iframe")
_PORTION = 1_048_576
_OVERLAP = 16


def media_type_of(head: bytes) -> str:
    """The media type by the first bytes; "" when unknown. An archive is settled later by what it holds."""
    if head.lstrip(b"\x00\t\n\r \xef\xbb\xbf").startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"MZ"):
        return "application/x-msdownload"
    if head.startswith(_ZIP_HEAD):
        return "application/zip"
    kind = filetype.guess(head)
    return str(kind.mime) if kind else ""


def inspect(file: BinaryIO, limits: Limits) -> Report:
    """Everything that is told of a file before it is taken."""
    media_type = media_type_of(file.read(HEAD_BYTES))
    if media_type in {"application/pdf", "image/png", "image/jpeg"} and _second_nature(file, media_type):
        return Report(media_type, r.POLYGLOT)
    file.seek(0)
    if media_type == "application/pdf":
        from tinhso.lib.inspection.pdf import inspect_pdf

        return inspect_pdf(file, limits)
    if media_type == "application/zip":
        from tinhso.lib.inspection.archives import inspect_archive

        return inspect_archive(file, limits)
    if media_type in {"image/png", "image/jpeg"}:
        from tinhso.lib.inspection.pictures import inspect_picture

        return inspect_picture(file, media_type, limits)
    return Report(media_type)


def _second_nature(file: BinaryIO, media_type: str) -> bool:
    """Whether the file is also something else: an archive by its tail, a page by its head, a PDF inside a picture."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _ZIP_TAIL))
    tail = file.read()
    at = tail.rfind(_ZIP_END)
    if at >= 0 and len(tail) - at >= _ZIP_END_SIZE:
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        entries = int.from_bytes(tail[at + 10 : at + 12], "little")
        if entries and at + _ZIP_END_SIZE + comment <= len(tail):
            return True
    file.seek(0)
    if media_type == "application/pdf":
        head = file.read(1_024)
        return any(mark in head.lower() for mark in _MARKUP)
    return _holds(file, (b"%PDF-", *_MARKUP))


def _holds(file: BinaryIO, marks: tuple[bytes, ...]) -> bool:
    before = b""
    while portion := file.read(_PORTION):
        text = (before + portion).lower()
        if any(mark.lower() in text for mark in marks):
            return True
        before = portion[-_OVERLAP:]
    return False
