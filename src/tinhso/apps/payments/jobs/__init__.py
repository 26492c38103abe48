"""What follows from events and by the clock."""

from datetime import datetime

from tinhso.apps.payments import flows
from tinhso.apps.payments.events import MessageDoubted, PayerReturned
from tinhso.kernel import jobs
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import now


@jobs.on(MessageDoubted)
def ask_about_doubt(*, event: MessageDoubted, actor: Actor, at: datetime, entry_id: int) -> None:
    """Hỏi lại bên thanh toán khi bản tin không đáng tin."""
    flows.ask_provider(attempt_id=event.attempt_id, at=now())


@jobs.on(PayerReturned)
def ask_after_return(*, event: PayerReturned, actor: Actor, at: datetime, entry_id: int) -> None:
    """Hỏi lại bên thanh toán khi người nộp quay về."""
    flows.ask_provider(attempt_id=event.attempt_id, at=now())


@jobs.periodic(cron="*/10 * * * *")
def ask_waiting_payments() -> None:
    """Hỏi lại những lượt thanh toán chưa rõ kết quả, từ 30 phút đến 3 ngày."""
    flows.ask_waiting(at=now())


@jobs.periodic(cron="*/5 * * * *")
def decide_kept_messages() -> None:
    """Kết luận những bản tin đã giữ mà tiến trình chết trước khi kết luận."""
    flows.decide_kept(at=now())


@jobs.periodic(cron="30 5 * * *")
def reconcile_days() -> None:
    """Đối soát những ngày vừa qua với nền tảng và ngân hàng."""
    flows.reconcile_latest(at=now())
