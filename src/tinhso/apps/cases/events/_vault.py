"""Components from the vault: reused, digitised, and what follows when their document ends."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ComponentDigitised(Event):
    """Thành phần hồ sơ giấy được cán bộ số hóa; sets the flag of QĐ 766/QĐ-TTg, which nothing else sets."""

    type: ClassVar[str] = "case.component_digitised"
    case_id: int
    key: str
    document_id: int
    file_id: int


@dataclass(frozen=True)
class ComponentReused(Event):
    """Thành phần hồ sơ được tái sử dụng; sets the flags of QĐ 766/QĐ-TTg, which nothing else sets.

    `reuse` is `component` or `result`, after what the document was; `vault_document_id` is None for the result of a leg
    handed on inside a linked case, which does not pass through the vault.
    """

    type: ClassVar[str] = "case.component_reused"
    case_id: int
    key: str
    document_id: int
    file_id: int
    reuse: str
    vault_document_id: int | None = None
    type_code: str = ""


@dataclass(frozen=True)
class SourceEnded(Event):
    """Giấy tờ mà hồ sơ đang dùng đã được thay thế hoặc bị thu hồi."""

    type: ClassVar[str] = "case.source_ended"
    case_id: int
    alert_id: int
    key: str
    name: str
    how: str
    reason: str
    account_ids: list[int]
    replacement_id: int | None = None


@dataclass(frozen=True)
class SourceSettled(Event):
    """Cán bộ đã xử lý việc giấy tờ nguồn bị thay thế, thu hồi."""

    type: ClassVar[str] = "case.source_settled"
    case_id: int
    alert_id: int
    key: str
    settlement: str
    note: str = ""
    file_id: int | None = None
