"""What happens to receipts. Stream `receipt:<id>`; where a receipt belongs to a case, that case's stream is told too."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ReceiptBegun(Event):
    """A receipt has its number and is to be made (lập biên lai)."""

    type: ClassVar[str] = "receipt.begun"
    receipt_id: int
    payment_key: str
    subject: str
    unit_id: int
    amount_vnd: int


@dataclass(frozen=True)
class ReceiptNumbered(Event):
    """An outside provider has given the receipt its number (nhà cung cấp cấp số biên lai)."""

    type: ClassVar[str] = "receipt.numbered"
    receipt_id: int
    provider: str
    series: str
    number: int


@dataclass(frozen=True)
class ReceiptIssued(Event):
    """A receipt was made, sealed and kept (đã lập biên lai)."""

    type: ClassVar[str] = "receipt.issued"
    receipt_id: int
    payment_key: str
    subject: str
    number: str
    amount_vnd: int
    file_id: int
    sha256: str


@dataclass(frozen=True)
class ReceiptFailed(Event):
    """A receipt could not be made; it keeps its number and is tried again (chưa lập được biên lai)."""

    type: ClassVar[str] = "receipt.failed"
    receipt_id: int
    reason: str


@dataclass(frozen=True)
class ReceiptEndingProposed(Event):
    """Somebody asked to cancel or replace an issued receipt (đề nghị hủy, thay thế biên lai)."""

    type: ClassVar[str] = "receipt.ending_proposed"
    receipt_id: int
    ending_id: int
    kind: str
    reason: str


@dataclass(frozen=True)
class ReceiptEndingRefused(Event):
    """The proposal was turned down (không duyệt đề nghị xử lý biên lai)."""

    type: ClassVar[str] = "receipt.ending_refused"
    receipt_id: int
    ending_id: int
    reason: str


@dataclass(frozen=True)
class ReceiptCancelled(Event):
    """An issued receipt no longer holds (hủy biên lai)."""

    type: ClassVar[str] = "receipt.cancelled"
    receipt_id: int
    payment_key: str
    subject: str
    number: str
    reason: str


@dataclass(frozen=True)
class ReceiptReplaced(Event):
    """A new receipt has taken the place of an issued one (thay thế biên lai)."""

    type: ClassVar[str] = "receipt.replaced"
    receipt_id: int
    by_receipt_id: int
    payment_key: str
    subject: str
    number: str
    by_number: str
    reason: str


@dataclass(frozen=True)
class ReceiptsReconciled(Event):
    """Our numbers were compared with the provider's (đối soát biên lai với nhà cung cấp)."""

    type: ClassVar[str] = "receipt.reconciled"
    unit_id: int
    month: str
    provider: str
    compared: int
    differences: list[str]
