"""What follows from the acts on a list, and the round of the month."""

from datetime import datetime

from tinhso.apps.archives import actions, flows, queries
from tinhso.apps.archives.data import ListEmpty
from tinhso.apps.archives.events import ListAccepted, ListApproved, PackagingRetried, UseRequested
from tinhso.apps.signatures.events import PaperStrengthened
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now


@jobs.on(ListApproved)
def pack_approved_list(*, event: ListApproved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập gói nộp lưu cho từng hồ sơ của danh mục vừa duyệt."""
    flows.pack_list(list_id=event.list_id, at=now())


@jobs.on(PackagingRetried)
def pack_again(*, event: PackagingRetried, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đóng gói lại những hồ sơ chưa đóng gói được."""
    flows.pack_list(list_id=event.list_id, at=now())


@jobs.on(ListAccepted)
def keep_accepted_list(*, event: ListAccepted, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập gói lưu trữ cho từng hồ sơ của danh mục vừa tiếp nhận."""
    flows.keep_list(list_id=event.list_id, at=now())


@jobs.on(PaperStrengthened)
def renew_package(*, event: PaperStrengthened, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập lại gói lưu trữ của hồ sơ mà một văn bản vừa có thêm dấu thời gian, bằng chứng."""
    archival_file_id = queries.kept_file_of(event.subject)
    if archival_file_id is not None:
        flows.renew_aip(archival_file_id=archival_file_id, at=now())


@jobs.on(UseRequested)
def pack_for_use(*, event: UseRequested, actor: Actor, at: datetime, entry_id: int) -> None:
    """Lập gói khai thác theo yêu cầu."""
    flows.make_dip(dissemination_id=event.dissemination_id, at=now())


@jobs.periodic(cron="40 2 1 * *")
def draw_up_lists() -> None:
    """Lập danh mục nộp lưu hằng tháng cho đơn vị có hồ sơ đến hạn."""
    at = now()
    for unit_id in queries.due_units(at):
        try:
            actions.open_list(unit_id=unit_id, actor=SYSTEM, at=at)
        except ListEmpty:  # put on a list by an officer meanwhile
            continue
