"""What follows from a holder's wishes, and the rounds of the clock."""

from datetime import datetime

from tinhso.apps.vault import actions, flows
from tinhso.apps.vault.events import DocumentExpiring, ExportAsked
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now


@jobs.on(ExportAsked)
def pack_vault(*, event: ExportAsked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đóng gói toàn bộ giấy tờ của một kho."""
    flows.make_export(export_id=event.export_id, at=now())


@jobs.on(DocumentExpiring)
def tell_holder_of_last_day(*, event: DocumentExpiring, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo chủ kho giấy tờ sắp hết hiệu lực."""
    actions.tell_of_last_day(document_id=event.document_id, entry_id=entry_id, actor=SYSTEM, at=at)


@jobs.periodic(cron="10 6 * * *")
def remind_of_last_days() -> None:
    """Nhắc giấy tờ sắp hết hiệu lực, mỗi mốc một lần."""
    flows.remind_of_expiries(at=now())


@jobs.periodic(cron="40 * * * *")
def remove_old_packages() -> None:
    """Xóa gói tải về đã hết hạn."""
    flows.remove_exports(at=now())


@jobs.periodic(cron="52 1 * * *")
def begin_retention() -> None:
    """Bắt đầu tính thời hạn lưu giữ giấy tờ trong kho đã bị thay thế, thu hồi."""
    flows.begin_retention(at=now())
