"""Who may ask for a page: every view declares it, and a view that does not declare it keeps the program from starting.

The declaration is the outer gate (sign-in, level, "holds this permission somewhere"); the exact right on the exact
object is checked in the action or the visibility query.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tinhso.apps.accounts.data import TokenScope
from tinhso.interfaces.access import kept
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import now
from tinhso.kernel.errors import Forbidden
from tinhso.kernel.ownrows import own_rows
from tinhso.kernel.permissions import Permission

View = Callable[..., HttpResponseBase]


class LevelTooLow(Forbidden):
    """Việc này cần tài khoản định danh điện tử mức độ cao hơn."""


class Audience(StrEnum):
    """For whom a page is."""

    PUBLIC = "public"
    CITIZEN = "citizen"
    OFFICER = "officer"
    SIGNED_IN = "signed_in"
    MACHINE = "machine"
    APPLICANT = "applicant"  # a citizen's browser or a machine client: the API judges which


@dataclass(frozen=True, slots=True)
class Policy:
    """The declared gate of a view."""

    audience: Audience
    level: int = 0
    permission: str = ""


class ActorRequest(HttpRequest):
    """A request after the middleware: it knows its actor.

    `token_scope` is there for machine clients; a locked screen leaves the actor anonymous until it is opened again; an
    officer who `must_enrol` a second factor holds no right yet.
    """

    actor: Actor
    token_scope: TokenScope | None
    is_locked: bool
    must_enrol: bool


_FOR_OTHERS = {
    (Audience.CITIZEN, ActorKind.OFFICER): "Trang này dành cho công dân; bạn đang dùng tài khoản cán bộ.",
    (Audience.OFFICER, ActorKind.CITIZEN): "Trang này dành cho cán bộ; bạn đang dùng tài khoản công dân.",
}


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
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor = cast("ActorRequest", request).actor
        refusal = _refusal(request, actor, policy)
        if refusal is not None:
            return refusal
        if settings.OWN_ROWS and actor.kind is ActorKind.CITIZEN and policy.audience is not Audience.PUBLIC:
            with own_rows(actor):
                return view(request, *args, **kwargs)
        return view(request, *args, **kwargs)

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
        Audience.APPLICANT: {ActorKind.CITIZEN, ActorKind.MACHINE},
    }[policy.audience]
    if actor.kind is ActorKind.ANONYMOUS:
        return _to_sign_in(request, officer_page=policy.audience is Audience.OFFICER)
    if actor.kind not in wanted:
        raise Forbidden(_FOR_OTHERS.get((policy.audience, actor.kind), ""))
    if policy.audience is Audience.CITIZEN and actor.assurance < policy.level:
        raise LevelTooLow(
            f"Việc này cần tài khoản định danh điện tử mức độ {policy.level}; tài khoản của bạn đang ở mức độ "
            f"{actor.assurance}. Bạn có thể nâng mức độ tại công an cấp xã, hoặc làm thủ tục tại Bộ phận Một cửa."
        )
    if policy.permission and not actor.has(policy.permission):
        raise Forbidden
    return None


def _to_sign_in(request: HttpRequest, *, officer_page: bool) -> HttpResponse:
    target = reverse("access:officer_sign_in" if officer_page else "access:citizen_sign_in")
    return leave_to(request, kept.sign_in_address(request, target=target, at=now()))


def leave_to(request: HttpRequest, address: str) -> HttpResponse:
    """Leave the page for another; a fragment's request takes the whole page along."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = address
        return response
    # 303: whatever the method was, the next page is asked for with GET.
    response = HttpResponseRedirect(address)
    response.status_code = 303 if request.method not in {"GET", "HEAD"} else 302
    return response


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
        Error(
            f"/{route} does not declare who may use it",
            hint="decorate the view (interfaces/access/policy.py)",
            id="access.E001",
        )
        for route, pattern in walk()
        if policy_of(pattern.callback) is None
    ]
