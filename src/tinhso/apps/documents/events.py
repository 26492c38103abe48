"""What happens to files and numbers. Streams: `file:<id>` and `book_entry:<id>`."""

from dataclasses import dataclass
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
