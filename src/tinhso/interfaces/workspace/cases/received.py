"""Right after reception: print the receipt, take the next case (vừa tiếp nhận xong)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import Shelf
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock


@officer(CasePermission.RECEIVE)
@require_safe
def received(request: HttpRequest, code: str) -> HttpResponse:
    """The code, the date promised, the receipt to print, and the next one waiting."""
    actor, now = actor_of(request), clock.now()
    case = queries.get_case(actor=actor, code=code)
    if case.received_at is None:
        return redirect("workspace:cases:detail", code=case.code)
    record_disclosure(
        subject=f"case:{case.pk}", purpose="Tiếp nhận hồ sơ", fields=["applicant_name"], actor=actor, at=now
    )
    waiting = queries.worklist(actor=actor, shelf=Shelf.WAITING, now=now, limit=1).items
    explained = queries.explain_deadline(case, now)
    context = {
        "case": case,
        "title": queries.get_package(case).facts.title,
        "limit": explained.limit_label if explained else "",
        "to_scan": sum(need.is_needed for need in queries.scan_needs(case, today=clock.today())),
        "following": waiting[0] if waiting else None,
        "from_counter": case.channel in {"counter", "postal"},
    }
    return page(request, "workspace/cases/received.html", context, place=Shelf.WAITING.value)
