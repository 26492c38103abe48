"""Values that cross the borders of payments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One fee or charge of an order, whole đồng; `words` tells how it was computed (một khoản thu)."""

    name: str
    amount_vnd: int
    kind: str = "fee"
    key: str = ""
    basis: str = ""
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        """The line as it lies in the order's row."""
        return {
            "name": self.name, "amount_vnd": self.amount_vnd, "kind": self.kind, "key": self.key, "basis": self.basis,
            "words": self.words,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry of the book: debit above zero, credit below (một dòng định khoản)."""

    account: str
    amount_vnd: int
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class CollectingAccount:
    """The bank account fees of some units go to (tài khoản thu phí)."""

    key: str
    name: str
    bank_bin: str
    bank_code: str
    bank_name: str
    number: str
    partner: str
    providers: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderData:
    """A payment order as others see it (khoản phải nộp)."""

    id: int
    subject: str
    case_code: str
    occasion: str
    unit_id: int
    account: str
    lines: tuple[OrderLine, ...]
    amount_vnd: int
    paid_vnd: int
    refunded_vnd: int
    status: str
    payer_name: str
    payer_personal_id: str
    payer_address: str
    raised_at: datetime
    paid_at: datetime | None
    paid_by: str

    @property
    def left_vnd(self) -> int:
        """What is still to be paid."""
        return max(self.amount_vnd - self.paid_vnd, 0)


@dataclass(frozen=True, slots=True)
class Money:
    """Money a provider says has come in: one transaction of its own number (tiền về)."""

    provider: str
    external_id: str
    account: str
    amount_vnd: int
    paid_at: datetime
    reference: str = ""
    text: str = ""
    payer: str = ""
    payer_account: str = ""


@dataclass(frozen=True, slots=True)
class MoneyData:
    """Money that came for an order, as it is booked now: 0 where the bank turned out not to have it."""

    id: int
    provider: str
    amount_vnd: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of money that came in."""

    payment_id: int
    order_id: int | None
    verdict: str


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What a provider needs to begin a payment."""

    reference: str
    amount_vnd: int
    case_code: str
    procedure_code: str
    procedure_name: str
    unit_code: str
    unit_name: str
    account: CollectingAccount
    lines: tuple[OrderLine, ...]
    payer_name: str
    payer_personal_id: str
    payer_address: str
    ip: str
    return_url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says of one try when it is asked (kết quả hỏi lại)."""

    state: str
    external_id: str = ""
    amount_vnd: int | None = None
    paid_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One transaction in a provider's report of a day."""

    external_id: str
    reference: str
    amount_vnd: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a bank's statement; `amount_vnd` is below zero for money that left."""

    external_id: str
    at: datetime
    amount_vnd: int
    text: str
    counterparty: str = ""
    counterparty_account: str = ""


@dataclass(frozen=True, slots=True)
class TransferDetails:
    """What a payer types or scans to transfer money (thông tin chuyển khoản)."""

    qr_text: str
    bank_name: str
    account_number: str
    account_name: str
    amount_vnd: int
    text: str
