"""Following a case by its code, without signing in and without personal data (tra cứu hồ sơ)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tinhso.apps.cases import queries
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.reception.data import SlipNotFound
from tinhso.apps.reception.queries import follow_slip
from tinhso.interfaces.access import limits
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.requests import text_of
from tinhso.kernel import clock

_LONGEST_CODE = 60


@public
@require_safe
def follow(request: HttpRequest) -> HttpResponse:
    """The box, and what is known of the code that was typed or scanned."""
    code = text_of(request.GET, "ma", _LONGEST_CODE)
    context: dict[str, object] = {
        "section": "follow",
        "code": code,
        "found": None,
        "error": "",
        "moments": [],
        "slip": None,
    }
    if not code:
        return render(request, "portal/follow/follow.html", context)
    source, at = source_of(request), clock.now()
    limits.FOLLOWED.require(source, at=at)
    limits.FOLLOWED.spend(source, at=at)
    try:
        slip = follow_slip(code)
        if slip is not None and not slip.case_code:
            return render(request, "portal/follow/follow.html", {**context, "slip": slip})
        context["slip"] = slip
        found = queries.track_case(slip.case_code if slip else code)
    except (CaseNotFound, SlipNotFound) as refusal:
        return render(request, "portal/follow/follow.html", {**context, "error": refusal.message}, status=404)
    last = len(found.steps) - 1
    running = found.resolved_at is None and found.state_key in {"processing", "supplement", "fee"}
    moments = [
        {"title": name, "at": at, "detail": "", "state": "now" if running and index == last else "done"}
        for index, (name, at) in enumerate(found.steps)
    ]
    return render(request, "portal/follow/follow.html", {**context, "found": found, "moments": moments})
