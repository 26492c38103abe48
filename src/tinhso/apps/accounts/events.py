"""What happens to accounts and rights. Streams: `account:<id>`; failures under unknown names: `sign_in:<hash>`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class AccountCreated(Event):
    """An account exists (đã tạo tài khoản). Not sent again when the national identity renews its facts."""

    type: ClassVar[str] = "account.created"
    account_id: int
    kind: str


@dataclass(frozen=True)
class IdentityChanged(Event):
    """The national identity stated other facts than before (thông tin danh tính thay đổi); names of fields only."""

    type: ClassVar[str] = "account.identity_changed"
    account_id: int
    fields: list[str]


@dataclass(frozen=True)
class AccountLocked(Event):
    """An account may no longer sign in (đã khóa tài khoản)."""

    type: ClassVar[str] = "account.locked"
    account_id: int
    reason: str


@dataclass(frozen=True)
class AccountUnlocked(Event):
    """A locked account may sign in again (đã mở khóa tài khoản)."""

    type: ClassVar[str] = "account.unlocked"
    account_id: int
    reason: str


@dataclass(frozen=True)
class PasswordSet(Event):
    """A password was set or changed (đã đặt mật khẩu)."""

    type: ClassVar[str] = "account.password_set"
    account_id: int


@dataclass(frozen=True)
class SecondFactorChanged(Event):
    """A second factor was added, removed or renewed (đã thay đổi yếu tố xác thực)."""

    type: ClassVar[str] = "account.second_factor_changed"
    account_id: int
    factor: str
    change: str


@dataclass(frozen=True)
class SignedIn(Event):
    """Somebody signed in (đã đăng nhập), with the method and, for citizens, the identity level of the session."""

    type: ClassVar[str] = "account.signed_in"
    account_id: int
    method: str
    source: str
    level: int


@dataclass(frozen=True)
class SignedOut(Event):
    """Somebody signed out (đã đăng xuất)."""

    type: ClassVar[str] = "account.signed_out"
    account_id: int


@dataclass(frozen=True)
class SessionEnded(Event):
    """One session of an account was ended from another by its owner (đã kết thúc một phiên đăng nhập)."""

    type: ClassVar[str] = "account.session_ended"
    account_id: int
    session_id: int


@dataclass(frozen=True)
class SessionsEnded(Event):
    """Every session of an account was ended (đã đăng xuất khỏi mọi thiết bị), by its owner or by who manages it.

    `kept` is the session in which the owner asked for the others to be ended; None when none was left.
    """

    type: ClassVar[str] = "account.sessions_ended"
    account_id: int
    kept: int | None = None


@dataclass(frozen=True)
class SignInFailed(Event):
    """A sign-in was refused (đăng nhập không thành). `account_id` is None when no such account exists."""

    type: ClassVar[str] = "account.sign_in_failed"
    account_id: int | None
    reason: str
    source: str


@dataclass(frozen=True)
class AccessRefused(Event):
    """An account was refused for lack of right (bị từ chối quyền), in the stream `refusal:<id>`.

    `route` is the pattern of the address, `status` 403, or 404 where what is not somebody's to see looks like nothing.
    Sent at the first refusal of an hour at one address; after the hour once more with the number (`times`), unless it was
    the only one. Further addresses of an account in an hour come under an empty `route` and `method`.
    """

    type: ClassVar[str] = "account.access_refused"
    account_id: int
    route: str
    method: str
    status: int
    hour: datetime
    times: int


@dataclass(frozen=True)
class RoleAssigned(Event):
    """A role was given in a unit and everything under it (đã giao vai trò)."""

    type: ClassVar[str] = "account.role_assigned"
    account_id: int
    assignment_id: int
    role: str
    unit_id: int
    fields: list[str] | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class RoleEnded(Event):
    """A role ends on a date (đã kết thúc vai trò)."""

    type: ClassVar[str] = "account.role_ended"
    account_id: int
    assignment_id: int
    role: str
    valid_to: date
    reason: str


@dataclass(frozen=True)
class MandateGranted(Event):
    """A mandate was recorded (đã ghi nhận đại diện)."""

    type: ClassVar[str] = "mandate.granted"
    mandate_id: int
    basis: str
    representative_account_id: int | None


@dataclass(frozen=True)
class MandateConfirmed(Event):
    """An officer has seen the paper behind a declared mandate (đã kiểm tra văn bản ủy quyền)."""

    type: ClassVar[str] = "mandate.confirmed"
    mandate_id: int


@dataclass(frozen=True)
class MandateRevoked(Event):
    """A mandate no longer holds (đã chấm dứt đại diện)."""

    type: ClassVar[str] = "mandate.revoked"
    mandate_id: int
    reason: str


@dataclass(frozen=True)
class RepresentationStarted(Event):
    """A signed-in person goes on as representative (bắt đầu thực hiện với tư cách đại diện)."""

    type: ClassVar[str] = "account.representation_started"
    account_id: int
    mandate_id: int


@dataclass(frozen=True)
class ApiTokenIssued(Event):
    """A machine client got a token (đã cấp mã truy cập)."""

    type: ClassVar[str] = "account.api_token_issued"
    account_id: int
    token_id: int
    permissions: list[str]
    unit_ids: list[int]
    procedures: list[str] | None
    expires_at: datetime


@dataclass(frozen=True)
class ApiTokenRevoked(Event):
    """A token no longer works (đã thu hồi mã truy cập)."""

    type: ClassVar[str] = "account.api_token_revoked"
    account_id: int
    token_id: int
    reason: str
