"""Who may ask for a page: every view declares it, and a view that does not declare it keeps the program from starting.

The declaration is the outer gate (sign-in, level, "holds this permission somewhere"); the exact right on the exact
object is checked in the action or the visibility query.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from urllib.parse import urlencode

from django.core.checks import CheckMessage, Error, register
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Forbidden
from tinhso.kernel.permissions import Permission

View = Callable[..., HttpResponse]


class Audience(StrEnum):
    """For whom a page is."""

    PUBLIC = "public"
    CITIZEN = "citizen"
    OFFICER = "officer"
    SIGNED_IN = "signed_in"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Policy:
    """The declared gate of a view."""

    audience: Audience
    level: int = 0
    permission: str = ""


class ActorRequest(HttpRequest):
    """A request after the middleware: it knows its actor."""

    actor: Actor


def public(view: View) -> View:
    """Anybody may ask."""
    return _declare(view, Policy(Audience.PUBLIC))


def signed_in(view: View) -> View:
    """Any signed-in person, citizen or officer."""
    return _declare(view, Policy(Audience.SIGNED_IN))


def citizen(*, level: int = 1) -> Callable[[View], View]:
    """A citizen signed in with the national identity at this level or above."""
    return lambda view: _declare(view, Policy(Audience.CITIZEN, level=level))


def officer(permission: Permission | None = None) -> Callable[[View], View]:
    """An officer; with a permission: one who holds it in some unit."""
    return lambda view: _declare(view, Policy(Audience.OFFICER, permission=str(permission or "")))


def policy_of(view: Any) -> Policy | None:
    """The declared policy of a view callable, or None."""
    found = getattr(view, "access_policy", None)
    return found if isinstance(found, Policy) else None


def _declare(view: View, policy: Policy) -> View:
    @functools.wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = cast(ActorRequest, request).actor
        refusal = _refusal(request, actor, policy)
        return refusal if refusal is not None else view(request, *args, **kwargs)

    gate.access_policy = policy  # type: ignore[attr-defined]  # read by the start-up check
    return gate


def _refusal(request: HttpRequest, actor: Actor, policy: Policy) -> HttpResponse | None:
    if policy.audience is Audience.PUBLIC:
        return None
    wanted = {
        Audience.CITIZEN: {ActorKind.CITIZEN},
        Audience.OFFICER: {ActorKind.OFFICER},
        Audience.SIGNED_IN: {ActorKind.CITIZEN, ActorKind.OFFICER},
        Audience.MACHINE: {ActorKind.MACHINE},
    }[policy.audience]
    if actor.kind is ActorKind.ANONYMOUS:
        return _to_sign_in(request, officer_page=policy.audience is Audience.OFFICER)
    if actor.kind not in wanted:
        raise Forbidden
    if policy.audience is Audience.CITIZEN and actor.assurance < policy.level:
        raise Forbidden(
            f"Việc này cần tài khoản định danh điện tử mức {policy.level}; tài khoản của bạn đang ở mức {actor.assurance}."
        )
    if policy.permission and not actor.has(policy.permission):
        raise Forbidden
    return None


def _to_sign_in(request: HttpRequest, *, officer_page: bool) -> HttpResponse:
    target = reverse("access:officer_sign_in" if officer_page else "access:citizen_sign_in")
    here = request.get_full_path() if request.method in {"GET", "HEAD"} else request.headers.get("Referer", "/")
    address = f"{target}?{urlencode({'next': here})}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)


def walk(resolver: URLResolver | None = None, prefix: str = "") -> list[tuple[str, URLPattern]]:
    """Every URL pattern of the site with its full route."""
    found: list[tuple[str, URLPattern]] = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += walk(pattern, route)
        else:
            found.append((route, pattern))
    return found


@register("access")
def every_route_declares(**_: object) -> list[CheckMessage]:
    """Refuse to start with a route that says nothing about who may use it."""
    return [
        Error(f"/{route} does not declare who may use it", hint="decorate the view (interfaces/access/policy.py)", id="access.E001")
        for route, pattern in walk()
        if policy_of(pattern.callback) is None
    ]
