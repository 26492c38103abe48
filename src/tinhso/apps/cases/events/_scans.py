"""Papers digitised at the counter."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ScanTaken(Event):
    """Đã nhận trang quét của một giấy tờ; nothing is in the case yet."""

    type: ClassVar[str] = "case.scan_taken"
    case_id: int
    scan_id: int
    key: str
    purpose: str
    file_ids: list[int]


@dataclass(frozen=True)
class ScanChecked(Event):
    """Đã kiểm tra chất lượng trang quét."""

    type: ClassVar[str] = "case.scan_checked"
    case_id: int
    scan_id: int
    pages: int
    problems: int


@dataclass(frozen=True)
class ScanConfirmed(Event):
    """Cán bộ xác nhận trang quét đủ và đúng với bản giấy; conversion and signature follow in a job."""

    type: ClassVar[str] = "case.scan_confirmed"
    case_id: int
    scan_id: int
    key: str
    purpose: str
    note: str


@dataclass(frozen=True)
class ScanDiscarded(Event):
    """Bỏ trang quét để quét lại."""

    type: ClassVar[str] = "case.scan_discarded"
    case_id: int
    scan_id: int
    key: str


@dataclass(frozen=True)
class ScanAttached(Event):
    """Bản số hóa đã ký được đưa vào hồ sơ."""

    type: ClassVar[str] = "case.scan_attached"
    case_id: int
    scan_id: int
    key: str
    code: str
    file_id: int
    document_id: int


@dataclass(frozen=True)
class ScanFailed(Event):
    """Chưa lập hoặc chưa ký được bản số hóa; the reason is on the page, and the officer may try again."""

    type: ClassVar[str] = "case.scan_failed"
    case_id: int
    scan_id: int
    reason: str


@dataclass(frozen=True)
class ScanRecognised(Event):
    """Đã nhận dạng chữ của bản quét để tra cứu; the signed file is not touched."""

    type: ClassVar[str] = "case.scan_recognised"
    case_id: int
    scan_id: int
    characters: int
