"""Phiên đăng nhập: the browsers one is signed in with, each of which can be ended. One page for citizens and officers.

Who ends a session has shown minutes ago who it is (ASVS 7.5.2): else whoever finds a screen open could shut its owner out
everywhere else. Leaving everywhere at once, this browser too, needs no proof.
"""

import time
from typing import cast

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.accounts import actions, queries
from tinhso.interfaces.access import sessions
from tinhso.interfaces.access.policy import ActorRequest, signed_in
from tinhso.kernel.actor import ActorKind
from tinhso.kernel.clock import now


def _has_just_proved(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for record in records)


@signed_in
@never_cache
@require_safe
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Phiên đăng nhập: where one is signed in, since when, and when it was used last."""
    actor, at = cast("ActorRequest", request).actor, now()
    found, current = queries.list_sessions(actor=actor, at=at), sessions.read(request).id
    context = {
        "current": next((one for one in found if one.id == current), None),
        "others": [one for one in found if one.id != current],
        "recent": at - sessions.NOTED_GRAIN - sessions.SEEN_GRAIN,
        "may_end": _has_just_proved(request),
        "is_officer": actor.kind is ActorKind.OFFICER,
        "identity": settings.NATIONAL_IDENTITY["name"],
    }
    return render(request, "access/sessions.html", context)


@signed_in
@require_POST
def end_one(request: HttpRequest, session_id: int) -> HttpResponse:
    """Kết thúc một phiên, one of one's own; the present one is left by signing out."""
    if session_id == sessions.read(request).id:
        return redirect("access:sign_out")
    if _has_just_proved(request):
        actions.end_session(session_id=session_id, actor=cast("ActorRequest", request).actor, at=now())
        messages.success(request, "Đã kết thúc phiên. Thiết bị ấy phải đăng nhập lại.")
    return redirect("access:sessions")


@signed_in
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Kết thúc mọi phiên khác; this one goes on."""
    actor = cast("ActorRequest", request).actor
    if _has_just_proved(request) and actor.account_id is not None:
        actions.end_sessions(account_id=actor.account_id, keep=sessions.read(request).id, actor=actor, at=now())
        messages.success(request, "Đã kết thúc mọi phiên khác. Chỉ còn phiên bạn đang dùng.")
    return redirect("access:sessions")
