"""Nothing typed is lost: a form that comes in after the session ended is kept here until its owner signs in again.

It lies in the (anonymous) session on the server, under a one-time key, for an hour. It is never sent on by itself: the
page behind the key shows it to its owner, who sends it again or copies from it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import get_random_string

from tinhso.interfaces.access import sessions

KEPT_FOR = timedelta(hours=1)
# Forms of this product are a few kilobytes; the bounds keep strangers from filling the session table.
LARGEST = 256 * 1024
LARGEST_UNKNOWN = 32 * 1024
AT_MOST = 5

_SESSION_KEY = "kept_forms"
_NEVER_KEPT = {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2", "code", "credential"}


@dataclass(frozen=True, slots=True)
class KeptForm:
    """One kept form: where it was going, from which page, and what was in it."""

    key: str
    path: str
    page: str
    values: list[tuple[str, list[str]]]
    file_names: list[str]
    owner: int | None
    is_fragment: bool

    @property
    def can_send_again(self) -> bool:
        """A fragment's address answers with a piece of a page, and files must be chosen again by hand."""
        return not self.is_fragment


def keep(request: HttpRequest, *, at: datetime, owner: int | None) -> str:
    """Keep the form of this request; the address of the page that gives it back, or an empty string when there is
    nothing worth keeping."""
    if request.method != "POST":
        return ""
    values = [(name, request.POST.getlist(name)) for name in request.POST if name not in _NEVER_KEPT]
    size = sum(len(name) + sum(len(text) for text in texts) for name, texts in values)
    if not any(text.strip() for _, texts in values for text in texts):
        return ""
    if size > (LARGEST if owner is not None else LARGEST_UNKNOWN):
        return ""
    key = get_random_string(32)
    entry = {
        "path": request.get_full_path(),
        "page": page_of(request),
        "values": values,
        "file_names": [file.name for name in request.FILES for file in request.FILES.getlist(name)],
        "owner": owner,
        "is_fragment": bool(request.headers.get("HX-Request")),
        "at": at.timestamp(),
    }
    entries = _living(request, at=at)
    for oldest in sorted(entries, key=lambda k: entries[k]["at"])[: max(0, len(entries) - AT_MOST + 1)]:
        del entries[oldest]
    request.session[_SESSION_KEY] = entries | {key: entry}
    return reverse("access:kept_form", args=[key])


def find(request: HttpRequest, key: str, *, at: datetime) -> KeptForm | None:
    """The kept form behind a key, while it lasts."""
    entry = _living(request, at=at).get(key)
    if entry is None:
        return None
    return KeptForm(
        key=key, path=entry["path"], page=entry["page"], owner=entry["owner"], file_names=entry["file_names"],
        values=[(name, list(texts)) for name, texts in entry["values"]], is_fragment=entry["is_fragment"],
    )  # fmt: skip


def forget(request: HttpRequest, key: str) -> None:
    """Throw one away."""
    entries = dict(request.session.get(_SESSION_KEY, {}))
    if entries.pop(key, None) is not None:
        request.session[_SESSION_KEY] = entries


def page_of(request: HttpRequest) -> str:
    """The address of the page a request came from, on this site; `/` when it is not known."""
    if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    if came_from.netloc != request.get_host() or not came_from.path.startswith("/"):
        return "/"
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def sign_in_address(request: HttpRequest, *, target: str, at: datetime, owner: int | None = None) -> str:
    """The address of a sign-in or lock page that leads back: to the page, or to what was typed into it."""
    known = owner if owner is not None else sessions.owner_of(request)
    back = keep(request, at=at, owner=known) or page_of(request)
    return f"{target}?{urlencode({'next': back})}"


def _living(request: HttpRequest, *, at: datetime) -> dict[str, dict]:  # type: ignore[type-arg]  # JSON of the session
    limit = at.timestamp() - KEPT_FOR.total_seconds()
    return {key: entry for key, entry in request.session.get(_SESSION_KEY, {}).items() if entry["at"] >= limit}
