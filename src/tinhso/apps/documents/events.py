"""What happens to files and numbers.

Streams: `file:<id>`, `content:<id>`, `upload:<id>`, `disposal:<id>`, `book_entry:<id>` and `file_keys`.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class FileStored(Event):
    """A file was stored (lưu tệp). Its name is not told: names of files often name people."""

    type: ClassVar[str] = "document.file_stored"
    file_id: int
    sha256: str
    media_type: str
    size: int


@dataclass(frozen=True)
class ContentArrived(Event):
    """A content was kept for the first time (nội dung mới); it waits to be scanned and drawn."""

    type: ClassVar[str] = "document.content_arrived"
    content_id: int


@dataclass(frozen=True)
class ContentScanned(Event):
    """A content was searched for malware (quét mã độc). `finding` is the scanner's name of what it found."""

    type: ClassVar[str] = "document.content_scanned"
    content_id: int
    state: str
    finding: str


@dataclass(frozen=True)
class ContentDrawn(Event):
    """Likenesses of a content's pages were made, or could not be (lập bản xem trước)."""

    type: ClassVar[str] = "document.content_drawn"
    content_id: int
    pages: int
    state: str


@dataclass(frozen=True)
class ContentSealed(Event):
    """Content from before files were sealed was sealed (mã hóa tệp cũ)."""

    type: ClassVar[str] = "document.content_sealed"
    content_id: int


@dataclass(frozen=True)
class ContentMoved(Event):
    """A content was moved to another store (chuyển nơi lưu)."""

    type: ClassVar[str] = "document.content_moved"
    content_id: int
    store: str


@dataclass(frozen=True)
class ContentShredded(Event):
    """The key of a content was destroyed: whatever copies of its bytes exist, nobody opens them again (hủy khóa)."""

    type: ClassVar[str] = "document.content_shredded"
    content_id: int
    sha256: str


@dataclass(frozen=True)
class FileKeyAdded(Event):
    """A new key-encryption key seals what is new (thêm khóa bảo vệ tệp)."""

    type: ClassVar[str] = "document.file_key_added"
    key_id: str


@dataclass(frozen=True)
class KeysRewrapped(Event):
    """A batch of data keys was sealed with the active key anew (bọc lại khóa dữ liệu)."""

    type: ClassVar[str] = "document.keys_rewrapped"
    key_id: str
    count: int


@dataclass(frozen=True)
class UploadStarted(Event):
    """A person began to send a file in portions (bắt đầu tải lên). Its name is not told."""

    type: ClassVar[str] = "document.upload_started"
    upload_id: int
    length: int


@dataclass(frozen=True)
class UploadCompleted(Event):
    """Every portion arrived and the file was stored (tải lên xong)."""

    type: ClassVar[str] = "document.upload_completed"
    upload_id: int
    file_id: int


@dataclass(frozen=True)
class UploadEnded(Event):
    """An upload was given up by the person, or expired, or was refused (tải lên bị hủy)."""

    type: ClassVar[str] = "document.upload_ended"
    upload_id: int
    reason: str


@dataclass(frozen=True)
class RetentionStarted(Event):
    """The retention period of a file began (bắt đầu tính thời hạn lưu giữ)."""

    type: ClassVar[str] = "document.retention_started"
    file_id: int
    kind: str
    since: date


@dataclass(frozen=True)
class DisposalProposed(Event):
    """Files whose period is over were proposed for disposal (lập danh mục tiêu hủy)."""

    type: ClassVar[str] = "document.disposal_proposed"
    disposal_id: int
    unit_id: int
    count: int


@dataclass(frozen=True)
class DisposalDecided(Event):
    """Another person approved or refused the list (phê duyệt danh mục tiêu hủy)."""

    type: ClassVar[str] = "document.disposal_decided"
    disposal_id: int
    approved: bool
    left_out: int
    reason: str


@dataclass(frozen=True)
class FileDisposed(Event):
    """A file was disposed of under an approved list (tiêu hủy tệp)."""

    type: ClassVar[str] = "document.file_disposed"
    file_id: int
    disposal_id: int
    sha256: str


@dataclass(frozen=True)
class DisposalDone(Event):
    """Everything of an approved list is disposed of (tiêu hủy xong)."""

    type: ClassVar[str] = "document.disposal_done"
    disposal_id: int
    count: int


@dataclass(frozen=True)
class NumberReserved(Event):
    """A number of a book was taken for a paper (lấy số văn bản)."""

    type: ClassVar[str] = "document.number_reserved"
    entry_id: int
    unit_id: int
    book: str
    year: int
    number: int
    subject: str


@dataclass(frozen=True)
class NumberIssued(Event):
    """The paper with this number was issued (ban hành văn bản)."""

    type: ClassVar[str] = "document.number_issued"
    entry_id: int


@dataclass(frozen=True)
class NumberCancelled(Event):
    """The paper with this number failed; the number is never given again (hủy số văn bản)."""

    type: ClassVar[str] = "document.number_cancelled"
    entry_id: int
    reason: str
