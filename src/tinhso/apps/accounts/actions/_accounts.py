"""Officers and machine clients: their accounts, passwords and locks."""

from datetime import date, datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db.models import Q

from tinhso.apps.accounts import permissions, rules
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.accounts.enums import AccountKind
from tinhso.apps.accounts.events import AccountCreated, AccountLocked, AccountUnlocked, PasswordSet, SecondFactorChanged
from tinhso.apps.accounts.models import Account, RoleAssignment, SignedInSession
from tinhso.apps.accounts.queries import account_data, password_problem
from tinhso.apps.audit.actions import record
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Conflict, FieldError, Invalid, NotFound


class UsernameTaken(Conflict):
    """Tên đăng nhập này đã có người dùng."""


def locked(account_id: int) -> Account:
    """The account, its row locked until the transaction ends (the lock orders its stream in the log)."""
    account = Account.objects.select_for_update(of=("self",)).filter(pk=account_id).first()
    if account is None:
        raise NotFound("Không tìm thấy tài khoản này.")
    return account


def forget_sessions(account: Account, *, keep: int | None = None) -> None:
    """End every session of an account already locked, except one."""
    SignedInSession.objects.filter(account=account).exclude(pk=keep or 0).delete()


def units_of(account_id: int, day: date) -> set[int]:
    """The units in which an officer holds roles on a day."""
    return set(RoleAssignment.objects.filter(account_id=account_id).valid_on(day).values_list("unit_id", flat=True))


def require_manager(actor: Actor, account: Account, day: date) -> None:
    """The actor manages accounts in every unit where the officer holds a role; for one without roles: in some unit."""
    units = units_of(account.pk, day)
    require(
        permissions.can_manage_accounts(actor)
        and all(permissions.can_manage_accounts(actor, unit_id=unit_id) for unit_id in units)
    )


@action
def create_officer(
    *, username: str, full_name: str, password: str | None, actor: Actor, at: datetime,
    staff_id: int | None = None, unit_id: int | None = None, email: str = "", phone: str = "",
) -> AccountData:  # fmt: skip
    """Tạo tài khoản cán bộ. It holds no right until a role is given, and must enrol a second factor at first sign-in.

    `unit_id` is the unit the creator manages; only the system may leave it out. Without a password nobody signs in with
    the account until one is set.

    Raises:
        UsernameTaken: somebody has the name.
        Invalid: a name or the password is not acceptable.
    """
    require(
        permissions.can_manage_accounts(actor, unit_id=unit_id)
        and (unit_id is not None or actor.kind is ActorKind.SYSTEM)
    )
    username = username.strip().lower()
    problems = []
    if not username or len(username) > 150 or any(character.isspace() for character in username):
        problems.append(FieldError("username", "Tên đăng nhập phải có từ 1 đến 150 ký tự, không có dấu cách."))
    if not full_name.strip():
        problems.append(FieldError("full_name", "Hãy nhập họ và tên."))
    if password is not None and (problem := password_problem(password, username=username, full_name=full_name)):
        problems.append(FieldError("password", problem))
    if problems:
        raise Invalid(errors=problems)
    if Account.objects.filter(username=username).exists():
        raise UsernameTaken
    account = Account(
        kind=AccountKind.OFFICER, username=username, full_name=full_name.strip(), staff_id=staff_id,
        email=email.strip(), phone=phone.strip(), created_at=at,
        password_set_at=None if password is None else at,
    )  # fmt: skip
    account.set_password(password)  # None makes it unusable
    account.save(force_insert=True)
    record(AccountCreated(account_id=account.pk, kind=account.kind), subject=account, actor=actor, at=at)
    return account_data(account)


@action
def create_machine_client(*, username: str, full_name: str, actor: Actor, at: datetime) -> AccountData:
    """Tạo tài khoản cho một hệ thống khác. It signs in with tokens only, each with rights of its own.

    Raises:
        UsernameTaken: somebody has the name.
    """
    require(permissions.can_manage_tokens(actor))
    username = username.strip().lower()
    if Account.objects.filter(username=username).exists():
        raise UsernameTaken
    account = Account(kind=AccountKind.MACHINE, username=username, full_name=full_name.strip(), created_at=at)
    account.set_unusable_password()
    account.save(force_insert=True)
    record(AccountCreated(account_id=account.pk, kind=account.kind), subject=account, actor=actor, at=at)
    return account_data(account)


@action
def set_password(
    *, account_id: int, password: str, actor: Actor, at: datetime, keep_session: int | None = None
) -> None:
    """Đặt lại mật khẩu của cán bộ. Every other session of the account ends: sessions are tied to the password, too.

    Raises:
        Invalid: the password is not acceptable.
    """
    account = locked(account_id)
    if not permissions.is_self(actor, account_id):
        require_manager(actor, account, at.astimezone(PROVINCE_TIME).date())
    require(account.kind == AccountKind.OFFICER, "Chỉ tài khoản cán bộ có mật khẩu.")
    if problem := password_problem(password, username=account.username, full_name=account.full_name):
        raise Invalid(errors=[FieldError("password", problem)])
    account.set_password(password)
    account.password_set_at = at
    account.save(update_fields=["password", "password_set_at"])
    forget_sessions(account, keep=keep_session)
    record(PasswordSet(account_id=account_id), subject=account, actor=actor, at=at)


@action
def enrol_totp(*, account_id: int, secret: str, actor: Actor, at: datetime) -> None:
    """Gắn ứng dụng tạo mã xác thực một lần (TOTP) cho cán bộ, replacing the one before.

    `secret` is the shared key in base32. Officers do this themselves on the security page; a manager when handing a
    prepared account over.
    """
    account = locked(account_id)
    if not permissions.is_self(actor, account_id):
        require_manager(actor, account, at.astimezone(PROVINCE_TIME).date())
    require(account.kind == AccountKind.OFFICER, "Chỉ tài khoản cán bộ dùng mã xác thực.")
    Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(account, secret)
    event = SecondFactorChanged(account_id=account_id, factor="totp", change="added")
    record(event, subject=account, actor=actor, at=at)


@action
def lock_account(*, account_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Khóa tài khoản: it cannot sign in, and its sessions and tokens stop at once.

    Raises:
        Conflict: it is locked already.
    """
    account = locked(account_id)
    if not permissions.can_manage_tokens(actor):
        require_manager(actor, account, at.astimezone(PROVINCE_TIME).date())
    if not account.is_active:
        raise Conflict("Tài khoản này đã bị khóa từ trước.")
    if not reason.strip():
        raise Invalid(errors=[FieldError("reason", "Hãy ghi lý do khóa tài khoản.")])
    # Unlocked within the hour, it must not find its old sessions again.
    account.is_active, account.lock_reason, account.sessions_from = False, reason.strip(), at
    account.save(update_fields=["is_active", "lock_reason", "sessions_from"])
    forget_sessions(account)
    record(AccountLocked(account_id=account_id, reason=account.lock_reason), subject=account, actor=actor, at=at)


@action
def unlock_account(*, account_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Mở khóa tài khoản.

    Raises:
        Conflict: it is not locked.
    """
    account = locked(account_id)
    if not permissions.can_manage_tokens(actor):
        require_manager(actor, account, at.astimezone(PROVINCE_TIME).date())
    if account.is_active:
        raise Conflict("Tài khoản này không bị khóa.")
    account.is_active, account.lock_reason = True, ""
    account.save(update_fields=["is_active", "lock_reason"])
    record(AccountUnlocked(account_id=account_id, reason=reason.strip()), subject=account, actor=actor, at=at)


@action
def lock_idle_accounts(*, actor: Actor, at: datetime) -> int:
    """Khóa tài khoản cán bộ đã 45 ngày không đăng nhập (TCVN 14423). Returns how many."""
    require(actor.kind is ActorKind.SYSTEM)
    before = at - rules.IDLE_ACCOUNT_AFTER
    idle = Account.objects.filter(
        Q(last_login__lt=before) | Q(last_login__isnull=True), Q(password_set_at__lt=before) | Q(password_set_at=None),
        kind=AccountKind.OFFICER, is_active=True, created_at__lt=before,
    )  # fmt: skip
    reason = f"{rules.IDLE_ACCOUNT_AFTER.days} ngày không đăng nhập"
    accounts = list(idle.select_for_update(of=("self",)).order_by("pk"))
    for account in accounts:
        account.is_active, account.lock_reason = False, reason
        account.save(update_fields=["is_active", "lock_reason"])
        record(AccountLocked(account_id=account.pk, reason=reason), subject=account, actor=actor, at=at)
    return len(accounts)
