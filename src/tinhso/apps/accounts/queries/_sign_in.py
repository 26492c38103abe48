"""Reading what signing in needs: failures counted, second factors, passwords, and the sessions there are."""

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import OuterRef

from tinhso.apps.accounts import rules
from tinhso.apps.accounts.adapters import breached_passwords
from tinhso.apps.accounts.content import load_password_words
from tinhso.apps.accounts.data import (
    Lockout,
    SessionData,
)
from tinhso.apps.accounts.enums import SignInMethod
from tinhso.apps.accounts.models import Account, SignedInSession, SignInFailure
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor
from tinhso.kernel.prepared import Prepared
from tinhso.lib.addresses import network_of

_SIGNED_IN = Prepared(  # asked with every request of somebody signed in
    lambda account_id: Account.objects.filter(pk=account_id).annotate(
        session_ids=ArraySubquery(SignedInSession.objects.filter(account=OuterRef("pk")).values("pk"))
    ),
    account_id=int,
)


def account_of_session(account_id: int) -> Account | None:
    """The account a web session names, with the ids of the sessions it has (`session_ids`): one statement for both."""
    return _SIGNED_IN.first(account_id=account_id)


def list_sessions(*, actor: Actor, at: datetime) -> list[SessionData]:
    """The actor's own sessions (phiên đăng nhập), the one used last first."""
    found = SignedInSession.objects.visible_to(actor).going_on(at).order_by("-seen_at", "-pk")
    return [
        SessionData(
            id=one.pk, browser=one.browser, network=one.network, method=str(SignInMethod(one.method).label),
            signed_in_at=one.signed_in_at, seen_at=one.seen_at,
        )
        for one in found
    ]  # fmt: skip


def lockout_of(username: str, *, source: str, at: datetime) -> Lockout:
    """Whether signing in under this name, or from this source, is refused for now.

    Five failures of a name, or thirty from one source, within fifteen minutes; until fifteen minutes after the latest.
    """
    since = at - rules.FAILURE_WINDOW - timedelta(seconds=1)
    failures = SignInFailure.objects.filter(at__gt=since)
    of_name = list(failures.filter(username_key=rules.username_key(username)).values_list("at", flat=True))
    of_source = list(failures.filter(source=network_of(source)).values_list("at", flat=True)) if source else []
    ends = [
        end
        for end in (
            rules.lockout_until(of_name, at=at),
            rules.lockout_until(of_source, at=at, limit=rules.SOURCE_FAILURE_LIMIT),
        )
        if end is not None
    ]
    return Lockout(until=max(ends, default=None), failures=len(of_name))


def has_second_factor(account_id: int) -> bool:
    """Whether an officer has enrolled an authenticator app or a passkey."""
    factors = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user_id=account_id, type__in=factors).exists())


@lru_cache(maxsize=1)
def _common_passwords() -> CommonPasswordValidator:
    """The list of common passwords, unpacked once a process."""
    return CommonPasswordValidator()


def password_problem(password: str, *, username: str, full_name: str = "") -> str | None:
    """What is wrong with an officer's new password, as a sentence, or None; a second factor always stands beside it."""
    problem = rules.password_problem(password, has_second_factor=True, names=[username, full_name])
    if problem is not None:
        return problem
    try:
        _common_passwords().validate(password)
    except ValidationError:
        return "Mật khẩu này quá phổ biến, rất dễ đoán."
    if breached_passwords.is_listed(password):
        return "Mật khẩu này đã bị lộ ở một nơi khác và có trong danh sách kẻ xấu dùng để dò. Hãy chọn mật khẩu khác."
    if word := rules.easy_word(password, [*full_name.split(), *_easy_words()]):
        return f"Mật khẩu dựa quá nhiều vào «{word}», rất dễ đoán. Hãy thêm những từ không liên quan."
    return None


def _easy_words() -> tuple[str, ...]:
    """The list's words, and what is each unit's own in its name."""
    listed = load_password_words(Path(settings.CONTENT_DIR))
    of_units = {rules.unit_word(unit.name, listed.generic) for unit in directory.list_units()}
    return (*listed.words, *listed.generic, *of_units)


def session_level(*, asked: int, returned: int) -> int:
    """The identity level a citizen's session may use: the lower of what was asked for and what was returned."""
    return rules.session_level(asked=asked, returned=returned)
