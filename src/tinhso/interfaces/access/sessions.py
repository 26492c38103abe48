"""What a signed-in session knows: since when, how sure, second factor, idle, for whom.

Times are seconds of the kernel's clock. A session that was not begun here counts for nothing: a citizen at level 0, an
officer without a second factor.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tinhso.kernel.actor import Actor, ActorKind

# Level-3 figures (TCVN 14423): business software locks after 15 idle minutes, administration after 5.
OFFICER_IDLE = timedelta(minutes=15)
ADMIN_IDLE = timedelta(minutes=5)
ADMIN_PERMISSIONS = ("account.manage", "system.operate")
CITIZEN_IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
# A request writes the session only this often, so that reading pages costs no write each.
SEEN_GRAIN = timedelta(seconds=20)

OWNER_COOKIE = settings.COOKIE_PREFIX + "tinhso_owner"
_OWNER_SALT = "tinhso.access.owner"

_STARTED, _SEEN, _LOCKED = "started_at", "seen_at", "locked"
_ASSURANCE, _SECOND_FACTOR, _MANDATE, _LOGOUT_URI = "assurance", "second_factor", "mandate", "logout_uri"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session as the middleware reads it."""

    started: float
    seen: float
    is_locked: bool
    assurance: int
    has_second_factor: bool
    mandate_id: int | None
    logout_uri: str


def read(request: HttpRequest) -> SessionFacts:
    """The facts of this request's session; zeros for one that was not begun here."""
    get = request.session.get
    return SessionFacts(
        started=get(_STARTED, 0.0),
        seen=get(_SEEN, 0.0),
        is_locked=get(_LOCKED, False),
        assurance=get(_ASSURANCE, 0),
        has_second_factor=get(_SECOND_FACTOR, False),
        mandate_id=get(_MANDATE),
        logout_uri=get(_LOGOUT_URI, ""),
    )


def begin(
    request: HttpRequest,
    *,
    at: datetime,
    assurance: int = 0,
    has_second_factor: bool = False,
    logout_uri: str = "",
) -> None:
    """Begin a session right after sign-in."""
    request.session.update(
        {
            _STARTED: at.timestamp(),
            _SEEN: at.timestamp(),
            _LOCKED: False,
            _ASSURANCE: assurance,
            _SECOND_FACTOR: has_second_factor,
            _MANDATE: None,
            _LOGOUT_URI: logout_uri,
        }
    )
    request.session.set_expiry(int(LONGEST.total_seconds()))


def touch(request: HttpRequest, facts: SessionFacts, *, at: datetime) -> None:
    """Note that the person is there."""
    if at.timestamp() - facts.seen >= SEEN_GRAIN.total_seconds():
        request.session[_SEEN] = at.timestamp()


def lock(request: HttpRequest) -> None:
    """Close the screen until the password is typed again."""
    if not request.session.get(_LOCKED):
        request.session[_LOCKED] = True


def unlock(request: HttpRequest, *, at: datetime) -> None:
    """Open the screen; the session gets a new key, as after any proof of identity."""
    request.session.update({_LOCKED: False, _SEEN: at.timestamp()})
    request.session.cycle_key()


def add_second_factor(request: HttpRequest) -> None:
    """The officer has just enrolled one, in this session."""
    request.session[_SECOND_FACTOR] = True


def set_mandate(request: HttpRequest, mandate_id: int | None) -> None:
    """Go on for somebody else, or for oneself again."""
    request.session[_MANDATE] = mandate_id


def idle_limit(actor: Actor) -> timedelta:
    """How long this person may be idle."""
    if actor.kind is ActorKind.CITIZEN:
        return CITIZEN_IDLE
    return ADMIN_IDLE if any(actor.has(permission) for permission in ADMIN_PERMISSIONS) else OFFICER_IDLE


def is_idle(facts: SessionFacts, actor: Actor, *, at: datetime) -> bool:
    """Whether nothing was heard for too long."""
    return at.timestamp() - facts.seen > idle_limit(actor).total_seconds()


def has_ended(facts: SessionFacts, *, at: datetime) -> bool:
    """Whether the session is older than any session may be."""
    return at.timestamp() - facts.started > LONGEST.total_seconds()


def is_called_off(facts: SessionFacts, account: Any) -> bool:
    """Whether its owner, or who manages the account, has since ended every session of the account."""
    since = account.sessions_from
    return since is not None and facts.started < since.timestamp()


def remember_owner(response: HttpResponse, account_id: int, *, secure: bool) -> None:
    """Mark the browser with who signed in, so that what is typed into an ended session goes back to that person only."""
    response.set_signed_cookie(
        OWNER_COOKIE, str(account_id), salt=_OWNER_SALT, max_age=int(LONGEST.total_seconds()) * 2,
        httponly=True, secure=secure, samesite="Lax",
    )  # fmt: skip


def forget_owner(response: HttpResponse) -> None:
    """Take the mark away at sign-out."""
    # The prefix of the name holds for taking it away, too: without the mark of TLS browsers would ignore it.
    response.set_cookie(
        OWNER_COOKIE, "", max_age=0, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
    )


def owner_of(request: HttpRequest) -> int | None:
    """Who signed in last in this browser, or None."""
    # A forged or foreign mark counts as none.
    value = request.get_signed_cookie(OWNER_COOKIE, default="", salt=_OWNER_SALT)
    return int(value) if value else None
