"""Orders, tries, money. Streams: `paymentorder:<id>`; money nobody knows yet `payment:<id>`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class OrderRaised(Event):
    """Khoản phải nộp đã lập."""

    type: ClassVar[str] = "payment.order_raised"
    order_id: int
    subject: str
    occasion: str
    amount_vnd: int


@dataclass(frozen=True)
class OrderCancelled(Event):
    """Khoản phải nộp đã hủy, chưa nộp thì không phải nộp nữa."""

    type: ClassVar[str] = "payment.order_cancelled"
    order_id: int
    subject: str
    reason: str


@dataclass(frozen=True)
class AttemptOpened(Event):
    """Người nộp chọn cách thanh toán; nothing has been sent yet."""

    type: ClassVar[str] = "payment.attempt_opened"
    order_id: int
    attempt_id: int
    provider: str
    reference: str
    amount_vnd: int


@dataclass(frozen=True)
class AttemptSent(Event):
    """Bên thanh toán đã nhận yêu cầu; the payer is led to its page."""

    type: ClassVar[str] = "payment.attempt_sent"
    order_id: int
    attempt_id: int


@dataclass(frozen=True)
class AttemptEnded(Event):
    """Lượt thanh toán không thành hoặc hết thời gian chờ."""

    type: ClassVar[str] = "payment.attempt_ended"
    order_id: int
    attempt_id: int
    status: str
    reason: str


@dataclass(frozen=True)
class PaymentTaken(Event):
    """Tiền đã về, ghép được hay chưa; once for each transaction of a provider."""

    type: ClassVar[str] = "payment.taken"
    payment_id: int
    order_id: int | None
    provider: str
    external_id: str
    amount_vnd: int
    paid_at: datetime


@dataclass(frozen=True)
class PaymentMatched(Event):
    """Tiền chưa rõ của ai đã được cán bộ ghép với khoản phải nộp."""

    type: ClassVar[str] = "payment.matched"
    payment_id: int
    order_id: int
    amount_vnd: int
    reason: str


@dataclass(frozen=True)
class PaymentConfirmed(Event):
    """Khoản phải nộp đã nộp đủ: told once for an order, whatever comes later. Receipts and cases listen."""

    type: ClassVar[str] = "payment.confirmed"
    order_id: int
    subject: str
    occasion: str
    provider: str
    amount_vnd: int
    paid_at: datetime


@dataclass(frozen=True)
class PaymentCorrected(Event):
    """Tiền đã ghi nhầm được ghi lại theo ngân hàng khi đối soát."""

    type: ClassVar[str] = "payment.corrected"
    payment_id: int
    order_id: int | None
    old_vnd: int
    new_vnd: int
    reason: str


@dataclass(frozen=True)
class MessageDoubted(Event):
    """Bản tin của bên thanh toán không được tin: wrong sum, or against what is known. The provider is asked instead."""

    type: ClassVar[str] = "payment.message_doubted"
    order_id: int
    attempt_id: int
    verdict: str
    stated_vnd: int


@dataclass(frozen=True)
class PayerReturned(Event):
    """Người nộp đã quay về từ trang thanh toán; the provider is asked, the browser is not believed."""

    type: ClassVar[str] = "payment.payer_returned"
    order_id: int
    attempt_id: int
