"""The desk of a unit that others ask: what waits for its opinion, and what it has answered (xin ý kiến)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock


@officer(CasePermission.ANSWER_CONSULTATION)
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Questions to the officer's units, the nearest due first; or the answers given, newest first."""
    actor, now = actor_of(request), clock.now()
    answered = "da-tra-loi" in request.GET
    rows = queries.asked_of_us(actor=actor, now=now, answered=answered)
    if rows:
        purpose = "Xem danh sách hồ sơ được xin ý kiến"
        record_disclosure(
            subject=f"account:{actor.account_id}", purpose=purpose, fields=["applicant_name"], actor=actor, at=now
        )
    context = {"rows": rows, "answered": answered, "waiting": queries.count_asked(actor=actor)}
    return page(request, "workspace/consultations/asked.html", context, place="consultations")
