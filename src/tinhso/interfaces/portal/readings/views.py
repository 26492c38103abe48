"""Who has read one's data, of which unit, when, why, what (ai đã xem dữ liệu của tôi)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tinhso.apps.cases import queries
from tinhso.apps.exchange.enums import Outcome
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.requests import actor_of, text_of
from tinhso.lib.text import whole_number

ELSEWHERE = "co-quan-khac"
TONES = {
    Outcome.FOUND: "ok",
    Outcome.MATCH: "ok",
    Outcome.MISMATCH: "soon",
    Outcome.FAILED: "mute",
    Outcome.ASKED: "mute",
    Outcome.UNANSWERED: "mute",
}


@citizen(level=2)
@require_safe
def readings(request: HttpRequest) -> HttpResponse:
    """Look-ups through the exchange, readings of one's cases and of one's vault; or what other agencies asked. Newest first."""
    actor, is_elsewhere = actor_of(request), request.GET.get("xem") == ELSEWHERE
    before = whole_number(text_of(request.GET, "sau", 19))
    context: dict[str, Any] = {"section": "my_cases", "is_elsewhere": is_elsewhere, "elsewhere": ELSEWHERE}
    if is_elsewhere:
        context["asked"], context["next"] = queries.asked_elsewhere(actor=actor, before=before)
    else:
        items, context["next"] = queries.who_read(actor=actor, before=before)
        context["items"] = [(one, TONES.get(one.lookup.outcome, "mute") if one.lookup else "") for one in items]
    response = render(request, "portal/readings/list.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@citizen(level=2)
@require_safe
def moved(request: HttpRequest) -> HttpResponse:
    """The address this page had while it was about the vault alone."""
    return HttpResponsePermanentRedirect(reverse("portal:readings"))
