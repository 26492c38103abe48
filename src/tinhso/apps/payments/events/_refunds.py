"""Refunds, on the order's stream, or the payment's where no order is known."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class RefundProposed(Event):
    """Đề nghị hoàn trả tiền đã nộp."""

    type: ClassVar[str] = "payment.refund_proposed"
    refund_id: int
    order_id: int | None
    amount_vnd: int
    reason: str


@dataclass(frozen=True)
class RefundChecked(Event):
    """Đã kiểm tra đề nghị hoàn trả (người thứ nhất)."""

    type: ClassVar[str] = "payment.refund_checked"
    refund_id: int
    order_id: int | None


@dataclass(frozen=True)
class RefundApproved(Event):
    """Đã duyệt hoàn trả (người thứ hai)."""

    type: ClassVar[str] = "payment.refund_approved"
    refund_id: int
    order_id: int | None
    amount_vnd: int


@dataclass(frozen=True)
class RefundRefused(Event):
    """Không duyệt hoàn trả, có lý do."""

    type: ClassVar[str] = "payment.refund_refused"
    refund_id: int
    order_id: int | None
    reason: str


@dataclass(frozen=True)
class RefundPaid(Event):
    """Tiền hoàn trả đã đi."""

    type: ClassVar[str] = "payment.refund_paid"
    refund_id: int
    order_id: int | None
    amount_vnd: int
    method: str
    reference: str
