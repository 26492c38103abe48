"""Who has read one's data, of which unit, when, why, what (ai đã xem dữ liệu của tôi)."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tinhso.apps.cases import queries
from tinhso.apps.exchange.enums import Outcome
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.requests import actor_of, text_of

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
    """Look-ups through the exchange, readings of one's cases and of one's vault, newest first."""
    before = text_of(request.GET, "sau", 19)
    items, following = queries.who_read(actor=actor_of(request), before=int(before) if before.isdecimal() else None)
    context = {
        "section": "my_cases",
        "items": [(one, TONES.get(one.lookup.outcome, "mute") if one.lookup else "") for one in items],
        "next": following,
    }
    response = render(request, "portal/readings/list.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@citizen(level=2)
@require_safe
def moved(request: HttpRequest) -> HttpResponse:
    """The address this page had while it was about the vault alone."""
    return HttpResponsePermanentRedirect(reverse("portal:readings"))
