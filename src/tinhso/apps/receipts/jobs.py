"""What follows from money and from acts on receipts, and the rounds."""

from datetime import datetime, timedelta

from tinhso.apps.payments import queries as payments
from tinhso.apps.payments.enums import Provider
from tinhso.apps.payments.events import PaymentConfirmed, RefundPaid
from tinhso.apps.receipts import actions, flows
from tinhso.apps.receipts.data import ReceiptLine, ReceiptRequest
from tinhso.apps.receipts.events import ReceiptBegun, ReceiptCancelled
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME, now


@jobs.on(PaymentConfirmed)
def begin_receipt_of_order(*, event: PaymentConfirmed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập biên lai cho khoản phải nộp đã nộp đủ, by whatever way it was paid."""
    actions.begin_receipt(request=_request(event), actor=SYSTEM, at=now())


@jobs.on(ReceiptBegun)
def make_receipt(*, event: ReceiptBegun, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập, đóng dấu, lưu biên lai vừa có số."""
    flows.issue_receipt(receipt_id=event.receipt_id, at=now())


@jobs.on(RefundPaid)
def cancel_receipt_of_refund(*, event: RefundPaid, actor: Actor, at: datetime, entry_id: int) -> None:
    """Hủy biên lai của khoản đã hoàn trả hết; what was paid beyond the order leaves its receipt as it is."""
    if event.order_id is None:
        return
    order = payments.get_order(event.order_id)
    if order.refunded_vnd >= order.paid_vnd:
        actions.cancel_refunded_receipt(payment_key=_key(order.id), actor=SYSTEM, at=now())


@jobs.on(ReceiptCancelled)
def tell_provider(*, event: ReceiptCancelled, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo nhà cung cấp hủy biên lai ta đã hủy."""
    flows.tell_provider_cancelled(receipt_id=event.receipt_id)


@jobs.periodic(cron="*/5 * * * *")
def finish_receipts() -> None:
    """Lập nốt những biên lai đang dở: the seal has answered meanwhile, the provider is back."""
    flows.finish_drafts(at=now())


@jobs.periodic(cron="20 1 * * *")
def reconcile_receipts() -> None:
    """Đối soát biên lai với nhà cung cấp mỗi đêm, cho tháng của hôm qua."""
    at = now()
    flows.reconcile_month(month=(at - timedelta(days=1)).astimezone(PROVINCE_TIME).date(), at=at)


def _key(order_id: int) -> str:
    return f"order:{order_id}"


def _request(event: PaymentConfirmed) -> ReceiptRequest:
    order = payments.get_order(event.order_id)
    return ReceiptRequest(
        payment_key=_key(order.id), unit_id=order.unit_id, payer_name=order.payer_name,
        lines=tuple(ReceiptLine(line.name, line.amount_vnd, line.kind) for line in order.lines),
        method=Provider(event.provider).label, paid_at=event.paid_at, subject=order.subject, case_code=order.case_code,
        payer_id=order.payer_personal_id, payer_address=order.payer_address,
    )  # fmt: skip
