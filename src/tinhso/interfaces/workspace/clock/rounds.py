"""Rounds of recomputation (tính lại thời hạn): what a newly published calendar has moved, before and after."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tinhso.apps.cases import queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.lib.text import whole_number

_PAGE = 100


@officer(CasePermission.RECOMPUTE)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The rounds, newest first."""
    found = queries.list_recomputations(actor=actor_of(request))
    return page(request, "workspace/clock/rounds.html", {"rounds": found}, place="rounds")


@officer(CasePermission.RECOMPUTE)
@require_safe
def report(request: HttpRequest, number: int) -> HttpResponse:
    """One round, case by case; codes only, no personal data."""
    after = whole_number(request.GET.get("sau", "")) or 0
    found, lines = queries.get_recomputation(
        actor=actor_of(request), recomputation_id=number, after=after, limit=_PAGE + 1
    )
    older = f"?sau={lines[_PAGE - 1].pk}" if len(lines) > _PAGE else ""
    context = {"round": found, "lines": lines[:_PAGE], "pages": {"newer": "?" if after else "", "older": older}}
    return page(request, "workspace/clock/round.html", context, place="rounds")
