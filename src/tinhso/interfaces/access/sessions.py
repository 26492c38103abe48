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
# And the list of one's sessions only this often.
NOTED_GRAIN = timedelta(minutes=10)

OWNER_COOKIE = settings.COOKIE_PREFIX + "tinhso_owner"
_OWNER_SALT = "tinhso.access.owner"

_STARTED, _SEEN, _LOCKED = "started_at", "seen_at", "locked"
_ID, _NOTED = "session_id", "noted_at"
_ASSURANCE, _SECOND_FACTOR, _MANDATE, _LOGOUT_URI = "assurance", "second_factor", "mandate", "logout_uri"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session as the middleware reads it; `id` is its row in the list of sessions (none: begun before there was a list)."""

    id: int | None
    noted: float
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
        id=get(_ID),
        noted=get(_NOTED, 0.0),
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
    session_id: int | None = None,
    assurance: int = 0,
    has_second_factor: bool = False,
    logout_uri: str = "",
) -> None:
    """Begin a session right after sign-in."""
    request.session.update(
        {
            _ID: session_id,
            _NOTED: at.timestamp(),
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


def follows(request: HttpRequest, session_id: int | None) -> None:
    """Remember, through a sign-in, what the browser was signed in with until now."""
    if session_id is not None:
        request.session[_ID] = session_id


def touch(request: HttpRequest, facts: SessionFacts, *, at: datetime) -> None:
    """Note that the person is there."""
    if at.timestamp() - facts.seen >= SEEN_GRAIN.total_seconds():
        request.session[_SEEN] = at.timestamp()


def is_to_be_noted(facts: SessionFacts, *, at: datetime) -> bool:
    """Whether the list of sessions is behind by more than it may be."""
    return facts.id is not None and at.timestamp() - facts.noted >= NOTED_GRAIN.total_seconds()


def noted(request: HttpRequest, *, at: datetime) -> None:
    """The list of sessions knows."""
    request.session[_NOTED] = at.timestamp()


def ends_at(kind: str, *, started: datetime, at: datetime) -> datetime:
    """When a session seen at `at` ends if nothing more is heard. An officer's screen is locked and waits."""
    longest = started + LONGEST
    return min(longest, at + CITIZEN_IDLE + NOTED_GRAIN + SEEN_GRAIN) if kind == ActorKind.CITIZEN else longest


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
    """Whether it was ended elsewhere since: by its owner, who manages the account, or what changed about the account."""
    if facts.id is not None:
        return facts.id not in account.session_ids
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
