"""What follows in official mail from changes of the directory and of accounts, and what runs by the clock."""

from datetime import datetime

from tinhso.apps.accounts.events import AccountLocked, AccountUnlocked, RoleAssigned, RoleEnded
from tinhso.apps.directory.events import AppointmentEnded, StaffAppointed, UnitChanged, UnitDissolved
from tinhso.apps.mailboxes import actions, flows, queries
from tinhso.apps.mailboxes.events import MailboxClosed
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now, today


@jobs.on(StaffAppointed)
def follow_appointment(*, event: StaffAppointed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Mở hoặc chuyển hộp thư của người vừa được giao chức danh; a day that is yet to come is seen by the nightly round."""
    actions.settle_change(staff_ids=[event.staff_id], unit_ids=[event.unit_id], actor=SYSTEM, at=now())


@jobs.on(AppointmentEnded)
def follow_end_of_appointment(*, event: AppointmentEnded, actor: Actor, at: datetime, entry_id: int) -> None:
    """Chuyển hoặc đóng hộp thư của người vừa thôi chức danh."""
    actions.settle_change(staff_ids=[event.staff_id], unit_ids=[event.unit_id], actor=SYSTEM, at=now())


@jobs.on(UnitDissolved)
def follow_dissolution(*, event: UnitDissolved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đóng hộp thư chung và danh sách của đơn vị đã giải thể, sáp nhập."""
    actions.settle_change(staff_ids=[], unit_ids=[event.unit_id], actor=SYSTEM, at=now())


@jobs.on(UnitChanged)
def follow_change_of_unit(*, event: UnitChanged, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đổi tên hộp thư chung và danh sách khi đơn vị đổi tên."""
    if "name" in event.facts or "names" in event.facts:
        actions.settle_change(staff_ids=[], unit_ids=[event.unit_id], actor=SYSTEM, at=now())


@jobs.on(AccountLocked)
def follow_lock(*, event: AccountLocked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Chặn đăng nhập hộp thư khi tài khoản bị khóa; letters still come."""
    actions.settle_account(account_id=event.account_id, unit_ids=[], actor=SYSTEM, at=now())


@jobs.on(AccountUnlocked)
def follow_unlock(*, event: AccountUnlocked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Cho đăng nhập hộp thư trở lại khi tài khoản được mở khóa."""
    actions.settle_account(account_id=event.account_id, unit_ids=[], actor=SYSTEM, at=now())


@jobs.on(RoleAssigned)
def follow_role(*, event: RoleAssigned, actor: Actor, at: datetime, entry_id: int) -> None:
    """Cập nhật hộp thư chung, danh sách khi giao vai trò mà nội dung nêu tên."""
    if queries.is_of_interest(event.role):
        actions.settle_account(account_id=event.account_id, unit_ids=[event.unit_id], actor=SYSTEM, at=now())


@jobs.on(RoleEnded)
def follow_end_of_role(*, event: RoleEnded, actor: Actor, at: datetime, entry_id: int) -> None:
    """Cập nhật hộp thư chung, danh sách khi thôi vai trò mà nội dung nêu tên."""
    if queries.is_of_interest(event.role):
        actions.settle_account(account_id=event.account_id, unit_ids=[], actor=SYSTEM, at=now())


@jobs.on(MailboxClosed)
def leave_server(*, event: MailboxClosed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Ngắt các phiên thư còn mở của hộp vừa đóng."""
    flows.end_sessions(mailbox_id=event.mailbox_id)


@jobs.periodic(cron="5 0 * * *")
def compare_mail() -> None:
    """Ngay sau nửa đêm: đối chiếu mọi hộp thư, danh sách với danh mục và với máy chủ thư; mend what differs."""
    flows.compare(at=now())


@jobs.periodic(cron="35 3 * * *")
def remove_mail_past_term() -> None:
    """Mỗi đêm: lưu trữ rồi xóa thư của từng hộp đóng quá thời hạn giữ."""
    for mailbox_id in queries.boxes_to_archive(today()):
        flows.archive_and_remove(mailbox_id=mailbox_id, at=now())


@jobs.periodic(cron="*/15 * * * *")
def look_at_mail_server() -> None:
    """Mỗi 15 phút: xem dung lượng hộp thư và hàng đợi trên máy chủ."""
    flows.look(at=now())


@jobs.periodic(cron="40 3 * * *")
def forget_mail_records() -> None:
    """Mỗi đêm: xóa số liệu thư công vụ đã quá thời hạn."""
    actions.forget_mail_records(actor=SYSTEM, at=now())
