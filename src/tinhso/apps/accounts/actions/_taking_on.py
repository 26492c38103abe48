"""Taking somebody on, and helping an officer who has lost the way in."""

from datetime import date, datetime

from allauth.mfa.models import Authenticator

from tinhso.apps.accounts import permissions
from tinhso.apps.accounts.actions._accounts import create_officer, forget_sessions, locked, require_manager
from tinhso.apps.accounts.actions._roles import assign_role
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.accounts.enums import AccountKind
from tinhso.apps.accounts.events import SecondFactorChanged
from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.actions import StaffCodeTaken, appoint_staff, register_staff
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Conflict


@action
def take_on_officer(
    *, code: str, full_name: str, username: str, password: str, unit_id: int, role: str, valid_from: date, actor: Actor,
    at: datetime, post_id: int | None = None, decision: str = "", email: str = "", phone: str = "",
) -> AccountData:  # fmt: skip
    """Nhận cán bộ vào đơn vị: the person in the directory, the post, the account and the first role, or nothing of it.

    A staff code known already (somebody who comes from another unit) is the same person if the name is the same.

    Raises:
        StaffCodeTaken: the code belongs to somebody of another name.
        Invalid, UsernameTaken, RolesConflict, PostTaken, PostClosed, AlreadyHoldsPost: as the single steps.
    """
    require(permissions.can_manage_accounts(actor, unit_id=unit_id))
    staff = directory.find_staff(code.strip())
    if staff is None:
        staff = register_staff(code=code, full_name=full_name, actor=actor, at=at)
    elif staff.full_name != " ".join(full_name.split()):
        raise StaffCodeTaken(f"Mã cán bộ {staff.code} đã có người dùng.")
    if post_id is not None:
        appoint_staff(post_id=post_id, staff_id=staff.id, valid_from=valid_from, decision=decision, actor=actor, at=at)
    account = create_officer(
        username=username, full_name=full_name, password=password, staff_id=staff.id, unit_id=unit_id, email=email,
        phone=phone, actor=actor, at=at,
    )  # fmt: skip
    assign_role(account_id=account.id, role=role, unit_id=unit_id, valid_from=valid_from, actor=actor, at=at)
    return account


@action
def reset_second_factor(*, account_id: int, actor: Actor, at: datetime) -> None:
    """Gỡ yếu tố xác thực thứ hai khi cán bộ mất điện thoại, mất khóa: the next sign-in enrols a new one.

    Raises:
        Conflict: there is none, or it is the manager's own.
    """
    account = locked(account_id)
    require_manager(actor, account, at.astimezone(PROVINCE_TIME).date())
    require(account.kind == AccountKind.OFFICER, "Chỉ tài khoản cán bộ dùng mã xác thực.")
    if actor.kind is not ActorKind.SYSTEM and permissions.is_self(actor, account_id):
        raise Conflict("Hãy đổi mã xác thực của chính bạn ở trang Bảo mật.")
    gone, _ = Authenticator.objects.filter(user=account).delete()
    if not gone:
        raise Conflict("Tài khoản này chưa gắn mã xác thực nào; lần đăng nhập tới sẽ yêu cầu gắn.")
    # Whoever has the lost telephone may have a session on it.
    account.sessions_from = at
    account.save(update_fields=["sessions_from"])
    forget_sessions(account)
    event = SecondFactorChanged(account_id=account_id, factor="all", change="removed")
    record(event, subject=account, actor=actor, at=at)
