"""Values of the vault that other apps and pages see, and the refusals it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tinhso.apps.vault.enums import DocumentState, HolderKind, Origin
from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class HolderKey:
    """Whose documents (chủ giấy tờ): a person by personal id, an organisation by tax code."""

    kind: HolderKind
    identifier: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A kind of document (loại giấy tờ). `code` is the national code (MaKetQua), or the province's own where none exists.

    `results` and `components` name what is of this kind and carries no national code: `<procedure>/<key>`.
    A `certified_copy` has the worth of the original it was made from, whatever that is (NĐ 23/2015/NĐ-CP Điều 3).
    `validity_months` counts from the day of issue, None where the law sets no term.
    """

    code: str
    name: str
    field: str = ""
    national: bool = True
    validity_months: int | None = None
    basis: str = ""
    results: frozenset[str] = frozenset()
    components: frozenset[str] = frozenset()
    assumed: bool = False
    certified_copy: bool = False


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """What the province has set for vaults (cài đặt kho): days, counts."""

    remind_days: tuple[int, ...]
    share_days: int
    share_opens: int
    export_hours: int


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document on its way into a vault. `source_key` names what it is made of, so that it enters once.

    `replaces` is the source key of the document whose place it takes; `valid_to` overrides the term of its type.
    """

    source_key: str
    origin: Origin
    name: str
    file_id: int
    case_code: str
    procedure_code: str
    component_key: str
    issued_on: date
    issuer: str
    issuer_unit_id: int | None = None
    type_code: str = ""
    number: str = ""
    valid_to: date | None = None
    check_code: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a procedure asks for, as the vault looks for it (thành phần hồ sơ cần tìm trong kho)."""

    key: str
    procedure_code: str
    code: str = ""
    takes_copies: bool = False  # a copy will do, so a certified electronic one does


@dataclass(frozen=True, slots=True)
class DocumentData:
    """One document of a vault on a day (giấy tờ trong kho). `report` holds the words of its signature check."""

    id: int
    uuid: UUID
    name: str
    type_code: str
    type_name: str
    number: str
    issuer: str
    issued_on: date
    valid_to: date | None
    state: DocumentState
    origin: Origin
    file_id: int
    sha256: str
    case_code: str
    procedure_code: str
    component_key: str
    check_code: str
    holder_id: int
    entered_at: datetime
    report: Mapping[str, Any]
    ended_at: datetime | None = None
    end_reason: str = ""
    replaced_by: UUID | None = None

    @property
    def is_usable(self) -> bool:
        """Whether the next case may use it today."""
        return self.state is DocumentState.VALID

    @property
    def told(self) -> str:
        """`Giấy phép xây dựng, số 12/GPXD, ngày 02/03/2026`."""
        number = f", số {self.number}" if self.number else ""
        return f"{self.name}{number}, ngày {self.issued_on:%d/%m/%Y}"


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Documents, newest first; `next` is the cursor of the rest."""

    items: tuple[DocumentData, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ShareData:
    """A link that shows one document for a time (liên kết chia sẻ)."""

    id: int
    document_id: int
    purpose: str
    created_at: datetime
    expires_at: datetime
    opens: int
    max_opens: int
    revoked_at: datetime | None
    latest_opened_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Whether it still shows the document."""
        return self.revoked_at is None and at < self.expires_at and self.opens < self.max_opens


@dataclass(frozen=True, slots=True)
class SharedDocument:
    """What a stranger with a link sees: the document, the words of its holder, what is left of the link."""

    document: DocumentData
    holder_name: str
    share: ShareData

    @property
    def mark(self) -> str:
        """The words across every page of the preview."""
        return f"Bản chia sẻ cho mục đích: {self.share.purpose}"


@dataclass(frozen=True, slots=True)
class ExportData:
    """A package of everything, on its way (gói tải về)."""

    id: int
    status: str
    done: int
    total: int
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    size: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Somebody looked (lượt xem): who, of which unit, in what role, at what, why, when."""

    entry_id: int
    at: datetime
    name: str
    unit: str
    role: str
    purpose: str
    what: tuple[str, ...]
    by_machine: bool
    account_id: int | None = None
    subject: str = ""


class DocumentNotFound(NotFound):
    """Không tìm thấy giấy tờ này trong kho."""


class DocumentNotUsable(Invalid):
    """Giấy tờ này không còn hiệu lực nên không dùng lại được."""


class DocumentNotFitting(Invalid):
    """Giấy tờ này không đúng loại mà thành phần hồ sơ yêu cầu."""


class ShareClosed(NotFound):
    """Liên kết chia sẻ này không có, đã hết hạn, đã hết lượt xem hoặc đã bị thu hồi."""


class ShareNotViewable(Conflict):
    """Loại tệp này không xem được trên trang chia sẻ; người chia sẻ cần gửi theo cách khác."""


class ExportNotReady(Conflict):
    """Gói giấy tờ chưa đóng xong hoặc đã bị xóa, mời tạo gói mới."""


class VaultOutOfReach(Forbidden):
    """Bạn không xem được kho giấy tờ này."""


class PreviewUnavailable(Unavailable):
    """Chưa dựng được bản xem của giấy tờ này, mời thử lại sau."""
