"""Values of the archive that other layers see, and the refusals it speaks."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tinhso.kernel.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long files of some fields are kept (thời hạn bảo quản); no fields: every other file. `years` 0: for ever."""

    fields: tuple[str, ...]
    maintenance: str
    years: int
    mode: str
    basis: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveRules:
    """What content/archives/archives.yaml says: when a closed case goes to the archive, and how long it is kept."""

    closed_days: int
    unit_years: int
    most_files: int
    archive_name: str
    archive_code: str
    retention: tuple[RetentionRule, ...]

    def rule_for(self, case_field: str) -> RetentionRule | None:
        """The first rule of that field, or the one for all others."""
        return next((rule for rule in self.retention if not rule.fields or case_field in rule.fields), None)


@dataclass(frozen=True, slots=True)
class ListRow:
    """A submission list as lists and pages show it, with its progress."""

    id: int
    title: str
    unit_id: int
    unit_name: str
    status: str
    status_label: str
    files: int
    packed: int
    failed: int
    kept: int
    created_by: str
    created_at: datetime
    receipt_number: str = ""

    @property
    def percent(self) -> int:
        done = self.kept if self.status == "accepted" else self.packed
        return round(100 * done / self.files) if self.files else 0


@dataclass(frozen=True, slots=True)
class FileRow:
    """One archival file of a list."""

    id: int
    case_code: str
    title: str
    maintenance: str
    keep_until: date | None
    status: str
    status_label: str
    documents: int
    data_bytes: int
    problem: str
    signatures: str
    has_sip: bool
    has_aip: bool


@dataclass(frozen=True, slots=True)
class ListDetail:
    """A list with its files and what this officer may do."""

    row: ListRow
    files: tuple[FileRow, ...]
    note: str
    approved_by: str
    approved_at: datetime | None
    accepted_by: str
    accepted_at: datetime | None
    verbs: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class FileToPack:
    """What a flow needs of an archival file."""

    id: int
    case_id: int
    uuid: str
    file_code: str
    title: str
    unit_id: int
    maintenance: str
    mode: str
    keep_until: date | None
    listed_at: datetime
    approved_by: str
    approved_at: datetime | None
    status: str
    sip_file_id: int | None = None
    aip_file_id: int | None = None
    accepted_by: str = ""
    accepted_at: datetime | None = None
    receipt_number: str = ""


@dataclass(frozen=True, slots=True)
class DipToMake:
    """What a flow needs of a request for use."""

    id: int
    file: FileToPack
    uuid: str
    purpose: str
    recipient: str
    requested_at: datetime
    stored_file_id: int | None = None


@dataclass(frozen=True, slots=True)
class PackedFacts:
    """What was found while a package was made; `signatures` counts the checked papers by level and outcome."""

    documents: int
    data_bytes: int
    pages: int
    signatures: dict[str, Any] = field(default_factory=dict)


class ListNotFound(NotFound):
    """Không có danh mục nộp lưu này."""


class ArchivalFileNotFound(NotFound):
    """Không có hồ sơ lưu trữ này."""


class ListMoved(Conflict):
    """Danh mục này không còn ở bước ấy; mời xem lại."""


class ListEmpty(Conflict):
    """Không có hồ sơ nào đến hạn nộp lưu ở đơn vị này."""


class ListNotPacked(Conflict):
    """Danh mục còn hồ sơ chưa đóng gói được."""


class NotTheSamePerson(Conflict):
    """Người lập danh mục không tự duyệt và không tự tiếp nhận."""


class FileNotKept(Conflict):
    """Hồ sơ này chưa được tiếp nhận vào lưu trữ nên chưa khai thác được."""


class RetentionMissing(Conflict):
    """Chưa quy định thời hạn lưu trữ cho lĩnh vực này; thời hạn là thông tin bắt buộc của gói."""
