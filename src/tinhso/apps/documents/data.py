"""Values of documents that other apps and pages see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tinhso.kernel.errors import Conflict, Invalid, NotFound, TooLarge, TooMany, Unavailable

# A bound register of the size in common use; no rule of law says how thick a book is.
_ENTRIES_OF_A_VOLUME = 500


@dataclass(frozen=True, slots=True)
class StoredFileData:
    """A file that is kept (tệp đã lưu). `sha256` in hexadecimal, `size` in bytes; `name` ends as its content says.

    `scan` is a `ScanState`, `state` that state in words; `notes` are `FileNote`s, `warnings` those in words. A file that
    `is_held` cannot be opened, shown or signed.
    """

    id: int
    sha256: str
    media_type: str
    size: int
    name: str
    stored_at: datetime
    scan: str = ""
    notes: tuple[str, ...] = ()
    pages: int | None = None
    preview: str = ""
    is_held: bool = False
    state: str = ""
    warnings: tuple[str, ...] = ()
    disposed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """The likeness of one page (trang xem trước), measured in pixels; `page` counts from 1."""

    page: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ScannedSheet:
    """One page of a scan: `jpeg` (empty when not asked for), pixels, dots to the inch, and what was measured of it."""

    jpeg: bytes
    width: int
    height: int
    dpi: int
    is_gray: bool
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UploadData:
    """A file that arrives in portions (tệp đang tải lên): `offset` of `length` bytes are here."""

    id: int
    token: str
    name: str
    length: int
    offset: int
    status: str
    expires_at: datetime
    file_id: int | None


@dataclass(frozen=True, slots=True)
class RetentionKind:
    """How long files of one kind are kept and why (thời hạn lưu giữ). `years` None: for ever."""

    key: str
    name: str
    years: int | None
    basis: str
    assumed: bool


@dataclass(frozen=True, slots=True)
class RetentionState:
    """How many files of a kind are kept, over their period, and of those still needed (tình hình lưu giữ)."""

    kind: RetentionKind
    kept: int
    over: int
    needed: int


@dataclass(frozen=True, slots=True)
class DisposalRow:
    """A disposal list as lists show it (danh mục tiêu hủy). `until`: the period of everything on it is over by then."""

    id: int
    unit_id: int
    status: str
    status_label: str
    until: date
    files: int
    left_out: int
    size: int
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisposalLine:
    """One file of a disposal list; `needed` says why it has to stay all the same, "" when nothing needs it."""

    id: int
    file_id: int
    name: str
    size: int
    kind: str
    basis: str
    closed_on: date | None
    over_on: date
    is_left_out: bool
    disposed_at: datetime | None
    needed: str


@dataclass(frozen=True, slots=True)
class DisposalDetail:
    """A disposal list with its files; `may_decide`: this officer may approve or refuse it now."""

    row: DisposalRow
    lines: tuple[DisposalLine, ...]
    may_decide: bool


@dataclass(frozen=True, slots=True)
class BookEntryData:
    """One number of a book of papers (số văn bản). `label` is the number as it is printed: "05", "12"."""

    id: int
    number: int
    year: int
    book: str
    unit_id: int
    status: str
    subject: str

    @property
    def label(self) -> str:
        # Numbers below ten take a leading zero (NĐ 30/2020/NĐ-CP, Phụ lục I, phần I, II.3.c).
        return f"{self.number:02d}"

    @property
    def volume(self) -> str:
        """The volume of the paper book this number would stand in (quyển số): five hundred entries each, by year."""
        return f"{(self.number - 1) // _ENTRIES_OF_A_VOLUME + 1:02d}/{self.year}"


@dataclass(frozen=True, slots=True)
class CancelledNumber:
    """A number that was taken and whose paper was never issued (số đã hủy); `subject` names what it was for."""

    label: str
    book: str
    year: int
    unit_id: int
    subject: str
    reserved_at: datetime
    cancelled_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class LetterForm:
    """A shared letter: official form, template, numbering, whose signature (mẫu giấy tờ dùng chung)."""

    key: str
    name: str
    form: str | None
    template: str
    number_format: str
    book: str
    signed_by: str
    basis: str
    required: frozenset[str]
    optional: frozenset[str]
    assumed: bool
    cites: str = ""  # the provision the letter itself rests on, printed as its basis

    @property
    def form_line(self) -> str | None:
        """What the foot of the paper says about its form, or None for an ordinary letter."""
        return f"Mẫu số {self.form}, {self.basis}" if self.form else None

    def number(self, *, label: str, unit: str) -> str:
        """The number and notation: `letter.number(label="07", unit="TTPVHCC")` → "07/PBS-TTPVHCC"."""
        return self.number_format.format(number=label, unit=unit)


class FileNotFound(NotFound):
    """Không tìm thấy tệp này."""


class FileTooLarge(TooLarge):
    """Tệp quá nặng."""


class FileRefused(Invalid):
    """Tệp này không nhận được."""


class ScanUnreadable(Invalid):
    """Không đọc được tệp quét: tệp hỏng, hoặc không phải PDF, JPEG hay PNG."""


class FileHeld(Conflict):
    """Tệp này đang được giữ lại, chưa mở được."""


class FileDisposedOf(NotFound):
    """Tệp này đã được tiêu hủy khi hết thời hạn lưu giữ."""


class PreviewNotFound(NotFound):
    """Không có bản xem trước của trang này."""


class UploadNotFound(NotFound):
    """Không có lượt tải lên này, hoặc đã hết hạn."""


class UploadMisplaced(Conflict):
    """Phần tải lên không nối tiếp phần đã có."""


class UploadQuotaReached(TooMany):
    """Bạn có quá nhiều tệp tải lên dở dang, mời hoàn tất hoặc hủy bớt."""


class DisposalNotFound(NotFound):
    """Không có danh mục tiêu hủy này."""


class DisposalEmpty(Conflict):
    """Không có tệp nào hết thời hạn lưu giữ ở đơn vị này."""


class DisposalWaiting(Conflict):
    """Đơn vị này đã có một danh mục đang chờ phê duyệt."""


class DisposalNotOpen(Conflict):
    """Danh mục này đã được quyết định."""


class StorageUnavailable(Unavailable):
    """Nơi lưu tệp chưa sẵn sàng, mời thử lại sau ít phút."""


class PaperNotTypeset(Unavailable):
    """Chưa dựng được văn bản từ mẫu, người vận hành cần xem lại mẫu."""


class NumberNotReserved(Conflict):
    """Số văn bản này đã ban hành hoặc đã hủy."""
