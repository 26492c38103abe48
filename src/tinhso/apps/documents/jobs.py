"""What documents do by the clock, and after a content arrived."""

from datetime import datetime

from tinhso.apps.documents import flows
from tinhso.apps.documents.events import ContentArrived
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import now
from tinhso.kernel.jobs import on, periodic


@on(ContentArrived)
def examine(*, event: ContentArrived, actor: Actor, at: datetime, entry_id: int) -> None:
    """Quét mã độc và lập bản xem trước của nội dung mới."""
    flows.examine(content_id=event.content_id, at=at)


@periodic(cron="20 3 * * *")
def sweep_incoming() -> None:
    """Dọn tệp tải lên dở dang và nội dung không tệp nào dùng."""
    flows.sweep_incoming(at=now())


@periodic(cron="*/20 * * * *")
def forget_expired_uploads() -> None:
    """Dọn các lượt tải lên đã hết hạn."""
    flows.forget_expired_uploads(at=now())
