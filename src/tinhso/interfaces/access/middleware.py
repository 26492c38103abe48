"""What every request passes: who is asking, idle lock, security headers, and how a refusal is told."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from tinhso.apps.accounts import actions, queries
from tinhso.interfaces.access import kept, limits, sessions
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.access.policy import ActorRequest, Audience, leave_to, policy_of
from tinhso.interfaces.ui.errors import render_error
from tinhso.kernel.actions import lasting_facts
from tinhso.kernel.actor import ANONYMOUS, Actor, ActorKind
from tinhso.kernel.clock import now
from tinhso.kernel.errors import DomainError

GetResponse = Callable[[HttpRequest], HttpResponse]

# Pages on which an officer enrols the second factor without which no other page opens.
ENROLMENT_PREFIXES = ("mfa_", "account_")


class ActorMiddleware:
    """Sets `request.actor`: from the session, or from a machine client's bearer token."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asking = cast("ActorRequest", request)
        asking.actor, asking.token_scope = ANONYMOUS, None
        asking.is_locked = asking.must_enrol = False
        if (token := _bearer(request)) is not None:
            asking.token_scope = queries.token_scope(token, at=now())
            asking.actor = asking.token_scope.actor if asking.token_scope else ANONYMOUS
        elif settings.SESSION_COOKIE_NAME in request.COOKIES and BACKEND_SESSION_KEY in request.session:
            _read_session(asking)
        response = self.get_response(request)
        if asking.actor.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        asking = cast("ActorRequest", request)
        policy = policy_of(view)
        if policy is None or policy.audience is Audience.PUBLIC:
            return None
        if asking.is_locked:
            owner = cast("int", request.user.pk)
            return leave_to(
                request, kept.sign_in_address(request, target=reverse("access:lock_screen"), at=now(), owner=owner)
            )
        if asking.must_enrol:
            name = (request.resolver_match.url_name or "") if request.resolver_match else ""
            if not name.startswith(ENROLMENT_PREFIXES):
                return leave_to(request, reverse("mfa_index"))
        return None


def _bearer(request: HttpRequest) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def _read_session(request: ActorRequest) -> None:
    if not request.user.is_authenticated:
        return
    at, facts = now(), sessions.read(request)
    if facts.started and (sessions.has_ended(facts, at=at) or sessions.is_called_off(facts, request.user)):
        logout(request)
        return
    actor = queries.actor_of(request.user, at=at, assurance=facts.assurance, mandate_id=facts.mandate_id)
    if actor.kind is ActorKind.ANONYMOUS:
        # Locked or turned off while signed in.
        logout(request)
        return
    if facts.is_locked or (facts.started and sessions.is_idle(facts, actor, at=at)):
        if actor.kind is ActorKind.CITIZEN:
            logout(request)
            return
        sessions.lock(request)
        request.is_locked = True
        return
    sessions.touch(request, facts, at=at)
    if facts.id is not None and sessions.is_to_be_noted(facts, at=at):
        until = sessions.ends_at(actor.kind, started=datetime.fromtimestamp(facts.started, UTC), at=at)
        actions.note_session_seen(session_id=facts.id, ends_at=until, actor=actor, at=at)
        sessions.noted(request, at=at)
    if actor.kind is ActorKind.OFFICER and not facts.has_second_factor:
        if queries.has_second_factor(request.user.pk):
            # Begun with the password alone before a second factor was enrolled elsewhere: it must not outlive that.
            logout(request)
            return
        request.must_enrol = True
        actor = Actor(kind=actor.kind, account_id=actor.account_id, name=actor.name)
    request.actor = actor


class FactsMiddleware:
    """Lets a page that only shows read published facts once: calendars, the version of a procedure."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with lasting_facts():
            return self.get_response(request)


class SecurityHeadersMiddleware:
    """Says to the browser what a page of ours may load: its own files, nothing inline, nothing of others."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        identity = settings.NATIONAL_IDENTITY
        policy = content_security_policy(
            str(identity["authorize_url"]), str(identity["logout_url"]), str(settings.PAYMENT_PLATFORM["url"])
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
        )
        # What is ours is not shown inside other sites' pages, nor read by them.
        is_open = "Access-Control-Allow-Origin" in response.headers
        response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin")
        if settings.SESSION_COOKIE_SECURE:
            # Said whether or not the proxy in front says that it speaks TLS; over plain HTTP browsers ignore it (RFC 6797).
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response


@lru_cache(maxsize=4)
def content_security_policy(*led_to: str) -> str:
    """The header's value. A form may lead on to the identity system and the payment platform only, which redirect back."""
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, led_to) if parts.netloc}
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            " ".join(["form-action 'self'", *sorted(origins)]),
        ]
    )


class PaceMiddleware:
    """Lets a system, or a source that is nobody's, ask the API only so often in a minute; says when to come back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.known, self.unknown = limits.Pace(settings.API_PACE["client"]), limits.Pace(settings.API_PACE["source"])

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        actor = cast("ActorRequest", request).actor
        wait = (
            self.known.take(str(actor.account_id)) if actor.is_authenticated else self.unknown.take(source_of(request))
        )
        if not wait:
            return self.get_response(request)
        body = {
            "type": "about:blank", "title": "Gửi quá nhiều", "status": 429, "code": "too_many",
            "detail": "Có quá nhiều yêu cầu trong một phút.", "errors": [],
        }  # fmt: skip
        answer = JsonResponse(
            body, status=429, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
        )
        answer["Retry-After"] = str(ceil(wait))
        return answer


class DomainErrorMiddleware:
    """Turns a refusal into a page with a sentence and the right status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        return render_error(request, exception.status, exception.message, exception.code)
