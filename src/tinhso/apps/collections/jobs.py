"""What follows from acts on rounds and from money, and the rounds of the clock."""

from datetime import datetime

from tinhso.apps.collections import actions, flows
from tinhso.apps.collections.events import CollectionClosed, CollectionOpened
from tinhso.apps.payments.events import PaymentCorrected, PaymentMatched, PaymentTaken, RefundPaid
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now


@jobs.on(CollectionOpened)
def raise_orders_of_list(*, event: CollectionOpened, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập khoản phải nộp cho từng dòng của đợt thu vừa mở."""
    flows.work_list(list_id=event.list_id, at=now())


@jobs.on(CollectionClosed)
def cancel_orders_of_list(*, event: CollectionClosed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Hủy phần chưa nộp của đợt thu vừa khóa."""
    flows.work_list(list_id=event.list_id, at=now())


@jobs.on(PaymentTaken)
def follow_money(*, event: PaymentTaken, actor: Actor, at: datetime, entry_id: int) -> None:
    """Ghi vào dòng thu tiền vừa về."""
    actions.follow_order(order_id=event.order_id, actor=SYSTEM, at=now())


@jobs.on(PaymentMatched)
def follow_matched(*, event: PaymentMatched, actor: Actor, at: datetime, entry_id: int) -> None:
    """Ghi vào dòng thu tiền vừa được ghép."""
    actions.follow_order(order_id=event.order_id, actor=SYSTEM, at=now())


@jobs.on(PaymentCorrected)
def follow_corrected(*, event: PaymentCorrected, actor: Actor, at: datetime, entry_id: int) -> None:
    """Ghi lại dòng thu theo số đã điều chỉnh khi đối soát."""
    actions.follow_order(order_id=event.order_id, actor=SYSTEM, at=now())


@jobs.on(RefundPaid)
def follow_refund(*, event: RefundPaid, actor: Actor, at: datetime, entry_id: int) -> None:
    """Ghi vào dòng thu tiền đã hoàn trả."""
    actions.follow_order(order_id=event.order_id, actor=SYSTEM, at=now())


@jobs.periodic(cron="*/10 * * * *")
def work_lists_left_over() -> None:
    """Làm tiếp những đợt thu bị ngắt giữa chừng."""
    flows.work_left_over(at=now())


@jobs.periodic(cron="0 8 * * *")
def remind_payers() -> None:
    """Nhắc nộp những khoản sắp đến hạn, quá hạn."""
    flows.remind_due(at=now())
