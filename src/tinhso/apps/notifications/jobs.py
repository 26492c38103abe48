"""What follows from waiting messages, and the rounds of the clock."""

from datetime import datetime

from tinhso.apps.notifications import actions, flows
from tinhso.apps.notifications.events import ChatAnswered, MessagesQueued
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now

_PORTION = 2_000


@jobs.on(MessagesQueued)
def send_queued(*, event: MessagesQueued, actor: Actor, at: datetime, entry_id: int) -> None:
    """Gửi ngay các tin vừa xếp hàng."""
    flows.send_due(at=now())


@jobs.on(ChatAnswered)
def send_answer(*, event: ChatAnswered, actor: Actor, at: datetime, entry_id: int) -> None:
    """Gửi ngay câu trả lời trong hội thoại."""
    flows.send_answers(at=now())


@jobs.periodic(cron="* * * * *")
def send_waiting() -> None:
    """Gửi các tin đến lượt: tried again, put off by quiet hours or quotas."""
    flows.send_due(at=now())


@jobs.periodic(cron="* * * * *")
def answer_waiting() -> None:
    """Gửi lại các câu trả lời chưa gửi được."""
    flows.send_answers(at=now())


@jobs.periodic(cron="* * * * *")
def renew_zalo_token() -> None:
    """Đổi mã truy cập Zalo sắp hết hạn: a right to renew lapses by itself when nothing is sent for three months."""
    flows.renew_token(at=now())


@jobs.periodic(cron="35 2 * * *")
def forget() -> None:
    """Xóa tin nhắn, mã, thông báo và tin gửi đã quá hạn lưu, a portion a transaction."""
    at = now()
    actions.forget_messages(actor=SYSTEM, at=at)
    while actions.forget_notices(limit=_PORTION, actor=SYSTEM, at=at) == _PORTION:
        pass
