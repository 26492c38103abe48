"""What a file is, judged by its content, and what it may be called. Values in, values out."""

import re
import unicodedata
import zipfile
from typing import BinaryIO

import filetype

HEAD_BYTES = 8_192  # what the content type is judged by
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Media types that are taken, with the ending their names get and the word people know them by.
ALLOWED = {
    "application/pdf": ("pdf", "PDF"),
    "image/png": ("png", "ảnh PNG"),
    "image/jpeg": ("jpg", "ảnh JPEG"),
    DOCX: ("docx", "Word"),
    XLSX: ("xlsx", "Excel"),
}
_OTHER_ENDINGS = {"image/jpeg": {"jpg", "jpeg"}}
_ZIP_HEAD = b"PK\x03\x04"
_OFFICE_PARTS = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}
_MOST_PARTS, _MOST_UNPACKED, _MOST_RATIO = 5_000, 500_000_000, 200
_LONGEST_NAME = 150
# Control characters, and the marks that turn the direction of writing (they make "exe.pdf" of "fdp.exe").
_HIDDEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_KNOWN_WORDS = {
    "application/x-msdownload": "một chương trình", "application/x-executable": "một chương trình",
    "application/zip": "tệp nén", "application/x-rar-compressed": "tệp nén", "application/x-7z-compressed": "tệp nén",
    "video/mp4": "phim", "image/gif": "ảnh GIF", "image/webp": "ảnh WebP", "image/heic": "ảnh HEIC",
    "application/msword": "Word kiểu cũ (.doc)", "application/vnd.ms-excel": "Excel kiểu cũ (.xls)",
}  # fmt: skip


def media_type_of(head: bytes) -> str:
    """The media type by the first bytes; "" when unknown. Office files are settled later by `check_office`."""
    if head.lstrip(b"\x00\t\n\r \xef\xbb\xbf").startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"MZ"):
        return "application/x-msdownload"
    if head.startswith(_ZIP_HEAD):
        return "application/zip"
    kind = filetype.guess(head)
    return str(kind.mime) if kind else ""


def office_type_of(file: BinaryIO) -> tuple[str, str]:
    """The media type of an Office file by what the archive holds, and a sentence when it must be refused."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "application/zip", "Tệp nén này đã hỏng."
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        return "application/zip", "Tệp này bung ra quá lớn nên không nhận."
    if any(part.file_size > _MOST_RATIO * max(part.compress_size, 5_000) for part in parts):
        return "application/zip", "Tệp này bung ra quá lớn nên không nhận."
    names = {part.filename for part in parts}
    if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names):
        return (
            "application/zip",
            "Tệp có mã lệnh (macro) bên trong nên không nhận; hãy lưu lại thành tệp không có macro.",
        )
    for media_type, part in _OFFICE_PARTS.items():
        if part in names:
            return media_type, ""
    return "application/zip", ""


def refusal(media_type: str, name: str) -> str:
    """Why a file of this content is not taken."""
    allowed = "PDF, ảnh PNG, ảnh JPEG, Word (.docx), Excel (.xlsx)"
    known = _KNOWN_WORDS.get(media_type)
    found = f"Nội dung của tệp “{name}” là {known}" if known else f"Không nhận ra nội dung của tệp “{name}”"
    return f"{found}. Hệ thống nhận: {allowed}."


def clean_name(name: str, *, media_type: str) -> str:
    """The name as it is kept and offered for download: no folders, nothing hidden, the ending of its content."""
    plain = _HIDDEN.sub("", unicodedata.normalize("NFC", name)).replace("\\", "/").rsplit("/", 1)[-1].strip(" ")
    ending = ALLOWED[media_type][0]
    stem, dot, suffix = plain.rpartition(".")
    known = {end for end, _ in ALLOWED.values()} | {"jpeg"}
    if dot and suffix.lower() in known:
        kept = suffix.lower() if suffix.lower() in _OTHER_ENDINGS.get(media_type, {ending}) else ending
        plain, ending = stem, kept
    return f"{plain[:_LONGEST_NAME] or 'tep'}.{ending}"


def size_words(size: int) -> str:
    """A size as people say it: "200 MB", "1,5 MB", "12 KB"."""
    megabytes = size / 1_048_576
    if megabytes >= 10 or megabytes == int(megabytes) >= 1:
        return f"{round(megabytes)} MB"
    if megabytes >= 1:
        return f"{megabytes:.1f} MB".replace(".", ",")
    return f"{max(1, round(size / 1024))} KB"
