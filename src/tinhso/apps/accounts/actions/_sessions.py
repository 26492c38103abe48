"""Sessions somebody is signed in with: begun, seen, ended one by one or all at once."""

from datetime import datetime

from django.contrib.sessions.models import Session

from tinhso.apps.accounts import permissions
from tinhso.apps.accounts.actions._accounts import forget_sessions, locked, require_manager
from tinhso.apps.accounts.events import SessionEnded, SessionsEnded
from tinhso.apps.accounts.models import Account, SignedInSession
from tinhso.apps.audit.actions import record
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import NotFound
from tinhso.lib.addresses import network_of

# Every request of an account looks at its sessions, and a person can look through so many.
MOST_AT_ONCE = 100


class SessionGone(NotFound):
    """Phiên này không còn: đã đăng xuất, hết hạn hoặc đã được kết thúc."""


def begin_session(
    account: Account, *, method: str, source: str, browser: str, ends_at: datetime, instead_of: int | None, at: datetime
) -> int:
    """The row of a session that begins, of an account already locked; those not seen for longest give way beyond the limit."""
    if instead_of is not None:
        SignedInSession.objects.filter(pk=instead_of).delete()
    begun = SignedInSession(
        account=account, method=method, browser=browser, network=network_of(source), signed_in_at=at, seen_at=at,
        ends_at=ends_at,
    )  # fmt: skip
    begun.save(force_insert=True)
    of_account = SignedInSession.objects.filter(account=account)
    too_many = of_account.order_by("-seen_at", "-pk").values_list("pk", flat=True)[MOST_AT_ONCE:]
    of_account.filter(pk__in=list(too_many)).delete()
    return begun.pk


@action
def note_session_seen(*, session_id: int, ends_at: datetime, actor: Actor, at: datetime) -> None:
    """Ghi phiên vẫn đang dùng, and until when it lasts if nothing more is heard. One that was ended meanwhile stays ended."""
    require(actor.account_id is not None)
    SignedInSession.objects.visible_to(actor).filter(pk=session_id).update(seen_at=at, ends_at=ends_at)


@action
def end_session(*, session_id: int, actor: Actor, at: datetime) -> None:
    """Kết thúc một phiên đăng nhập của chính mình: its next request is signed out.

    Raises:
        SessionGone: it has ended, or is somebody else's.
    """
    owner = actor.account_id or 0
    require(permissions.is_self(actor, owner))
    account = locked(owner)
    ended, _ = SignedInSession.objects.visible_to(actor).going_on(at).filter(pk=session_id).delete()
    if not ended:
        raise SessionGone
    record(SessionEnded(account_id=account.pk, session_id=session_id), subject=account, actor=actor, at=at)


@action
def end_sessions(*, account_id: int, actor: Actor, at: datetime, keep: int | None = None) -> None:
    """Đăng xuất khỏi mọi thiết bị: every session ends at its next request, except the one to `keep`."""
    account = locked(account_id)
    if not permissions.is_self(actor, account_id):
        require_manager(actor, account, at.astimezone(PROVINCE_TIME).date())
    account.sessions_from = at
    account.save(update_fields=["sessions_from"])
    forget_sessions(account, keep=keep)
    record(SessionsEnded(account_id=account_id, kept=keep), subject=account, actor=actor, at=at)


@action
def forget_expired_sessions(*, actor: Actor, at: datetime) -> int:
    """Xóa các phiên đã hết hạn, with the typed forms kept in them. Returns how many."""
    require(actor.kind is ActorKind.SYSTEM)
    SignedInSession.objects.filter(ends_at__lte=at).delete()
    deleted, _ = Session.objects.filter(expire_date__lt=at).delete()
    return deleted
