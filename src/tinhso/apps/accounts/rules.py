"""Rules of accounts and sign-in: values in, value out."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

# Level-3 figures of TCVN 14423 and its companions: five failures, fifteen minutes.
FAILURE_LIMIT = 5
FAILURE_WINDOW = timedelta(minutes=15)
# One office often shares one address: a source may fail more often than an account before it has to wait.
SOURCE_FAILURE_LIMIT = 30
PASSWORD_MIN_WITH_SECOND_FACTOR = 8
PASSWORD_MIN_ALONE = 14
IDLE_ACCOUNT_AFTER = timedelta(days=45)
TOKEN_PREFIX = "tinhso_"  # noqa: S105 - a visible mark so that leaked tokens can be found by scanners


def session_level(*, asked: int, returned: int) -> int:
    """The level a session may use: never more than was asked for, never more than was returned."""
    return max(0, min(asked, returned))


def lockout_until(failures: Sequence[datetime], *, at: datetime, limit: int = FAILURE_LIMIT) -> datetime | None:
    """Until when signing in is refused, or None: `limit` failures within the window, counted from the latest one."""
    recent = sorted(moment for moment in failures if moment > at - FAILURE_WINDOW)
    if len(recent) < limit:
        return None
    return recent[-1] + FAILURE_WINDOW


def password_problem(password: str, *, has_second_factor: bool, names: Sequence[str] = ()) -> str | None:
    """What is wrong with a password, as a sentence, or None.

    Eight characters where a second factor stands beside it; fourteen of four classes where it stands alone.
    """
    if not has_second_factor:
        classes: list[Callable[[str], bool]] = [str.islower, str.isupper, str.isdecimal, _is_sign]
        if len(password) < PASSWORD_MIN_ALONE:
            return f"Mật khẩu phải có ít nhất {PASSWORD_MIN_ALONE} ký tự."
        if not all(any(is_class(character) for character in password) for is_class in classes):
            return "Mật khẩu phải có chữ thường, chữ hoa, chữ số và ký tự khác."
    if len(password) < PASSWORD_MIN_WITH_SECOND_FACTOR:
        return f"Mật khẩu phải có ít nhất {PASSWORD_MIN_WITH_SECOND_FACTOR} ký tự."
    if password.isdecimal():
        return "Mật khẩu không được chỉ gồm chữ số."
    lowered = password.lower()
    if any(len(name) >= 4 and name.lower() in lowered for name in names):
        return "Mật khẩu không được chứa tên đăng nhập hoặc họ tên của bạn."
    return None


def _is_sign(character: str) -> bool:
    return not character.isalnum()


def username_key(username: str) -> str:
    """A name as failures are counted: hashed, so that a password typed into the name field is not kept."""
    return hashlib.sha256(username.strip().lower().encode()).hexdigest()


def new_token() -> str:
    """The text of a new machine token: a visible prefix and 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_digest(text: str) -> str:
    """What is stored of a token. Its 256 random bits need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
