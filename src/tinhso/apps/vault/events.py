"""What happens to documents of a vault. Stream `vault:<holder>`; no personal number is told, only inner numbers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class DocumentKept(Event):
    """Giấy tờ vào kho của một người, tổ chức."""

    type: ClassVar[str] = "vault.document_kept"
    document_id: int
    holder_id: int
    type_code: str
    origin: str
    sha256: str
    source: str


@dataclass(frozen=True)
class DocumentRenewed(Event):
    """Giấy tờ trong kho có bản mới thêm dấu thời gian, bằng chứng; what is signed is the same. Digests are SHA-256."""

    type: ClassVar[str] = "vault.document_renewed"
    document_id: int
    holder_id: int
    digest_before: str
    digest_after: str


@dataclass(frozen=True)
class DocumentEnded(Event):
    """Giấy tờ trong kho được thay thế hoặc bị thu hồi; cases that use it listen."""

    type: ClassVar[str] = "vault.document_ended"
    document_id: int
    holder_id: int
    how: str
    reason: str
    replaced_by_id: int | None = None


@dataclass(frozen=True)
class DocumentExpiring(Event):
    """Nhắc giấy tờ sắp hết hiệu lực; once for each number of days left."""

    type: ClassVar[str] = "vault.document_expiring"
    document_id: int
    holder_id: int
    days: int
    valid_to: date


@dataclass(frozen=True)
class DocumentShared(Event):
    """Chủ giấy tờ tạo liên kết chia sẻ."""

    type: ClassVar[str] = "vault.document_shared"
    share_id: int
    document_id: int
    purpose: str
    expires_at: datetime
    max_opens: int


@dataclass(frozen=True)
class ShareRevoked(Event):
    """Chủ giấy tờ thu hồi liên kết chia sẻ."""

    type: ClassVar[str] = "vault.share_revoked"
    share_id: int
    document_id: int


@dataclass(frozen=True)
class ShareOpened(Event):
    """Một người mở bản chia sẻ; `opens` counts this one."""

    type: ClassVar[str] = "vault.share_opened"
    share_id: int
    document_id: int
    opens: int


@dataclass(frozen=True)
class ExportAsked(Event):
    """Chủ kho yêu cầu gói tải về toàn bộ giấy tờ."""

    type: ClassVar[str] = "vault.export_asked"
    export_id: int
    holder_id: int


@dataclass(frozen=True)
class ExportMade(Event):
    """Gói tải về đã đóng xong, hoặc không đóng được."""

    type: ClassVar[str] = "vault.export_made"
    export_id: int
    ok: bool
    documents: int
    size: int


@dataclass(frozen=True)
class ExportTaken(Event):
    """Chủ kho tải gói về."""

    type: ClassVar[str] = "vault.export_taken"
    export_id: int


@dataclass(frozen=True)
class ExportRemoved(Event):
    """Gói tải về hết hạn, đã xóa khỏi máy chủ."""

    type: ClassVar[str] = "vault.export_removed"
    export_id: int
