"""What documents do by the clock, and after a content arrived."""

from datetime import datetime

from tinhso.apps.documents import flows, queries
from tinhso.apps.documents.events import ContentArrived, DisposalDecided
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import now
from tinhso.kernel.jobs import on, periodic


@on(ContentArrived)
def examine(*, event: ContentArrived, actor: Actor, at: datetime, entry_id: int) -> None:
    """Quét mã độc và lập bản xem trước của nội dung mới."""
    flows.examine(content_id=event.content_id, at=at)


@on(DisposalDecided)
def carry_out_disposal(*, event: DisposalDecided, actor: Actor, at: datetime, entry_id: int) -> None:
    """Tiêu hủy các tệp của danh mục vừa phê duyệt."""
    if event.approved:
        flows.carry_out_disposal(disposal_id=event.disposal_id, at=now())


@periodic(cron="40 3 * * *")
def carry_out_disposals() -> None:
    """Làm tiếp việc tiêu hủy còn dở dang."""
    for disposal_id in queries.disposals_to_carry_out():
        flows.carry_out_disposal(disposal_id=disposal_id, at=now())
    flows.clear_shredded(at=now())


@periodic(cron="20 3 * * *")
def sweep_incoming() -> None:
    """Dọn tệp tải lên dở dang và nội dung không tệp nào dùng."""
    flows.sweep_incoming(at=now())


@periodic(cron="*/20 * * * *")
def forget_expired_uploads() -> None:
    """Dọn các lượt tải lên đã hết hạn."""
    flows.forget_expired_uploads(at=now())
