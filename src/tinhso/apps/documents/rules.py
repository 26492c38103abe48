"""What a file is, judged by its content, and what it may be called. Values in, values out."""

import re
import unicodedata
from datetime import date

from tinhso.apps.documents.enums import ScanPolicy, ScanState
from tinhso.lib.inspection import report as found
from tinhso.lib.inspection.archives import DOCX, ODS, ODT, XLSX
from tinhso.lib.inspection.report import Report

# Media types that are taken, with the ending their names get and the word people know them by.
ALLOWED = {
    "application/pdf": ("pdf", "PDF"),
    "image/png": ("png", "ảnh PNG"),
    "image/jpeg": ("jpg", "ảnh JPEG"),
    DOCX: ("docx", "Word"),
    XLSX: ("xlsx", "Excel"),
    ODT: ("odt", "OpenDocument"),
    ODS: ("ods", "OpenDocument"),
}
# Taken from nobody, but kept when the system makes it itself (packages of the archive).
_MADE_HERE = {"application/zip": "zip"}
_OTHER_ENDINGS = {"image/jpeg": {"jpg", "jpeg"}}
_LONGEST_NAME = 150
# Control characters, and the marks that turn the direction of writing (they make "exe.pdf" of "fdp.exe").
_HIDDEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_KNOWN_WORDS = {
    "application/x-msdownload": "một chương trình", "application/x-executable": "một chương trình",
    "application/zip": "tệp nén", "application/x-rar-compressed": "tệp nén", "application/x-7z-compressed": "tệp nén",
    "video/mp4": "phim", "image/gif": "ảnh GIF", "image/webp": "ảnh WebP", "image/heic": "ảnh HEIC",
    "application/msword": "Word kiểu cũ (.doc)", "application/vnd.ms-excel": "Excel kiểu cũ (.xls)",
}  # fmt: skip
_KIND_WORDS = {"application/pdf": "Tệp PDF", "image/png": "Ảnh", "image/jpeg": "Ảnh", "application/zip": "Tệp"}
_REFUSED_NOTES = {
    found.SCRIPT: "có mã lệnh bên trong", found.LAUNCH: "có lệnh mở chương trình hoặc tệp khác",
    found.EMBEDDED: "có tệp khác đính bên trong", found.FORM_XFA: "dùng biểu mẫu động (XFA)",
    found.DAMAGED: "có chỗ hỏng", found.RESTRICTED: "có hạn chế in, sao chép",
    found.FORM: "có ô điền được", found.LAYERS: "có lớp nội dung ẩn, hiện được",
    found.MARKUP: "có ghi chú, dấu vẽ đè lên trang", found.SIGNED: "đã được ký số",
}  # fmt: skip


def problem_of(report: Report, name: str, *, most_pages: int, refused_notes: frozenset[str]) -> str:
    """Why a file is not taken, as a sentence that says what to do; "" when it is taken."""
    subject = f"{_KIND_WORDS.get(report.media_type, 'Tệp')} “{name}”"
    sentences = {
        found.UNREADABLE: f"{subject} đã hỏng hoặc không mở được; hãy xuất hoặc quét lại rồi gửi lại.",
        found.NO_PAGES: f"{subject} không có trang nào; hãy xuất hoặc quét lại rồi gửi lại.",
        found.ENCRYPTED: f"{subject} có mật khẩu nên không đọc được; hãy bỏ mật khẩu rồi gửi lại.",
        found.TOO_MANY_PAGES: f"{subject} có {report.detail} trang, tối đa là {most_pages}; hãy chia thành nhiều tệp.",
        found.TOO_LONG: f"{subject} quá phức tạp nên không nhận; hãy in ra tệp PDF mới rồi gửi lại.",
        found.TOO_MANY_PIXELS: f"{subject} có kích thước quá lớn ({report.detail} điểm ảnh).",
        found.BOMB: f"{subject} bung ra quá lớn nên không nhận.",
        found.MACRO: f"{subject} có mã lệnh (macro) bên trong nên không nhận; hãy lưu lại thành tệp không có macro.",
        found.POLYGLOT: f"{subject} có lẫn nội dung của một loại tệp khác nên không nhận; hãy xuất lại rồi gửi lại.",
    }
    if report.problem:
        return sentences.get(report.problem, sentences[found.UNREADABLE])
    if report.media_type not in ALLOWED:
        return refusal(report.media_type, name)
    for note in report.notes:
        if note in refused_notes:
            return f"{subject} {_REFUSED_NOTES[note]} nên không nhận; hãy in ra tệp PDF mới rồi gửi lại."
    return ""


def is_held(scan: str, *, policy: str) -> bool:
    """Whether a content in this state stays closed (giữ lại)."""
    if scan in {ScanState.PENDING, ScanState.INFECTED}:
        return True
    return scan in {ScanState.NOT_SCANNED, ScanState.UNSCANNABLE} and policy == ScanPolicy.HOLD


def retention_over_on(retain_from: date, *, years: int | None) -> date | None:
    """The first civil date on which files of a kind need not be kept any longer; None: for ever.

    The period is counted from 1 January of the year after the work was closed, so that a volume of one year falls due as
    a whole and never a day early (thời hạn tính từ năm kết thúc công việc; assumed, the Archive Law's text was not at hand).
    """
    return None if years is None else date(retain_from.year + 1 + years, 1, 1)


def closed_before(on: date, *, years: int) -> date:
    """The other way round: what was closed before this date is over on `on`."""
    return date(on.year - years, 1, 1)


def refusal(media_type: str, name: str) -> str:
    """Why a file of this content is not taken."""
    allowed = "PDF, ảnh PNG, ảnh JPEG, Word (.docx), Excel (.xlsx), OpenDocument (.odt, .ods)"
    known = _KNOWN_WORDS.get(media_type)
    found = f"Nội dung của tệp “{name}” là {known}" if known else f"Không nhận ra nội dung của tệp “{name}”"
    return f"{found}. Hệ thống nhận: {allowed}."


def over_limits(
    *, name: str, size: int, pages: int | None, most_bytes: int | None, most_pages: int | None
) -> str:  # fmt: skip
    """Why a kept file is too much for the procedure it is handed in with, as a sentence; "" when it is not."""
    if most_bytes is not None and size > most_bytes:
        return (
            f"Tệp “{name}” nặng {size_words(size)}, thủ tục này nhận tối đa {size_words(most_bytes)} mỗi tệp; "
            "hãy giảm dung lượng (quét 200-300 dpi) hoặc chia thành nhiều tệp."
        )
    if most_pages is not None and (pages or 0) > most_pages:
        return f"Tệp “{name}” có {pages} trang, thủ tục này nhận tối đa {most_pages} trang mỗi tệp; hãy chia thành nhiều tệp."
    return ""


def clean_name(name: str, *, media_type: str) -> str:
    """The name as it is kept and offered for download: no folders, nothing hidden, the ending of its content."""
    plain = _HIDDEN.sub("", unicodedata.normalize("NFC", name)).replace("\\", "/").rsplit("/", 1)[-1].strip(" ")
    ending = _MADE_HERE.get(media_type) or ALLOWED[media_type][0]
    stem, dot, suffix = plain.rpartition(".")
    known = {end for end, _ in ALLOWED.values()} | {"jpeg", *_MADE_HERE.values()}
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
