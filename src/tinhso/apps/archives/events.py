"""What happens to archived files. Streams: `archive_list:<id>`, `archival_file:<id>` and, for a file, `case:<id>`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ListOpened(Event):
    """A list of closed cases to be submitted was opened (lập danh mục hồ sơ nộp lưu)."""

    type: ClassVar[str] = "archive.list_opened"
    list_id: int
    unit_id: int
    files: int
    closed_before: datetime


@dataclass(frozen=True)
class FileLeftOut(Event):
    """A file was taken off a list that is not submitted yet (đưa hồ sơ ra khỏi danh mục)."""

    type: ClassVar[str] = "archive.file_left_out"
    list_id: int
    case_id: int
    reason: str


@dataclass(frozen=True)
class ListSubmitted(Event):
    """The list waits for the head's approval (trình duyệt danh mục nộp lưu)."""

    type: ClassVar[str] = "archive.list_submitted"
    list_id: int
    unit_id: int


@dataclass(frozen=True)
class ListReturned(Event):
    """The head sent the list back to be mended (trả lại danh mục nộp lưu)."""

    type: ClassVar[str] = "archive.list_returned"
    list_id: int
    reason: str


@dataclass(frozen=True)
class ListApproved(Event):
    """The head approved the list; packages are made by jobs (duyệt danh mục nộp lưu)."""

    type: ClassVar[str] = "archive.list_approved"
    list_id: int
    unit_id: int


@dataclass(frozen=True)
class SubmissionPackaged(Event):
    """A submission package of a file was made, checked and stored (lập gói nộp lưu, SIP)."""

    type: ClassVar[str] = "archive.submission_packaged"
    archival_file_id: int
    case_id: int
    file_id: int
    sha256: str
    documents: int


@dataclass(frozen=True)
class PackagingFailed(Event):
    """A package could not be made (không lập được gói)."""

    type: ClassVar[str] = "archive.packaging_failed"
    archival_file_id: int
    case_id: int
    problem: str


@dataclass(frozen=True)
class PackagingRetried(Event):
    """The files that could not be packed are to be tried again (đóng gói lại)."""

    type: ClassVar[str] = "archive.packaging_retried"
    list_id: int


@dataclass(frozen=True)
class ListAccepted(Event):
    """The archive took the packages over and gave a receipt (tiếp nhận hồ sơ nộp lưu, biên bản giao nhận)."""

    type: ClassVar[str] = "archive.list_accepted"
    list_id: int
    unit_id: int
    receipt_number: str


@dataclass(frozen=True)
class FileKept(Event):
    """An archival package was made of the submitted one, checked and stored (lập gói lưu trữ, AIP)."""

    type: ClassVar[str] = "archive.file_kept"
    archival_file_id: int
    case_id: int
    file_id: int
    sha256: str


@dataclass(frozen=True)
class FileRenewed(Event):
    """A kept package was made anew with papers that got time stamps or evidence since (lập lại gói lưu trữ)."""

    type: ClassVar[str] = "archive.file_renewed"
    archival_file_id: int
    case_id: int
    file_id: int
    sha256: str
    replaced_file_id: int
    replaced_sha256: str


@dataclass(frozen=True)
class UseRequested(Event):
    """Somebody asked to use an archived file, for a purpose (yêu cầu khai thác hồ sơ lưu trữ)."""

    type: ClassVar[str] = "archive.use_requested"
    dissemination_id: int
    archival_file_id: int
    case_id: int
    purpose: str


@dataclass(frozen=True)
class UsePackaged(Event):
    """The package for use is ready (lập gói khai thác, DIP)."""

    type: ClassVar[str] = "archive.use_packaged"
    dissemination_id: int
    file_id: int
    sha256: str
