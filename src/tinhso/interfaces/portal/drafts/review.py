"""The last look before sending: everything typed, what it costs, how long it takes (xem lại và nộp)."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.procedures import queries as procedures
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.drafts.documents import slots_of
from tinhso.interfaces.portal.drafts.shared import context_of, destination_of, stages
from tinhso.interfaces.portal.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.errors import FieldError, Invalid
from tinhso.lib import forms


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show everything; the button submits. Sent twice, it leads to the same case."""
    actor = actor_of(request)
    if request.method == "GET":
        return _page(request, queries.get_draft(actor=actor, case_id=case_id))
    case = queries.open_case(actor=actor, case_id=case_id)
    try:
        case = actions.submit_draft(case_id=case_id, actor=actor, at=clock.now())
    except Invalid as refusal:
        if case.status != CaseStatus.DRAFT:
            raise
        return _page(request, case, refusal.errors or [FieldError("", refusal.message)], status=422)
    return redirect(f"{reverse('portal:case', args=[case.code])}?vua-nop=1")


def _page(
    request: HttpRequest, case: Any, errors: list[FieldError] | None = None, *, status: int = 200
) -> HttpResponse:
    package = queries.get_package(case)
    judged = forms.validate(package.form, case.answers, context=context_of(case))
    found = errors if errors is not None else [FieldError(f"answers.{e.path}", e.message) for e in judged.errors]
    slots = slots_of(case)
    context = {
        "section": "my_cases",
        "case": case,
        "title": queries.get_package(case).facts.title,
        "stages": stages(case.pk, 3),
        "sections": forms.summary(package.form, judged.answers, context=context_of(case)),
        "slots": slots,
        "unit": destination_of(case, case.answers).unit,
        "errors": [_linked(case.pk, error) for error in found],
        "may_submit": actor_of(request).assurance >= 2,
        "ready": not found,
        **_terms(case, judged.answers, complete=not judged.errors),
    }
    return render(request, "portal/drafts/review.html", context, status=status)


def _terms(case: Any, answers: dict[str, Any], *, complete: bool) -> dict[str, Any]:
    """What it costs and how long it takes, once the answers say so."""
    if not complete:
        return {"limit": None, "fees": [], "total": None}
    package = queries.get_package(case)
    context = queries.variables(package, answers, context_of(case))
    try:
        fees = procedures.compute_fees(package, context, evidence={one.key for one in case.documents.all()})
        return {
            "limit": procedures.choose_limit(package, context),
            "fees": fees,
            "total": sum(f.amount_vnd for f in fees),
        }
    except Invalid:
        # The answers are complete and yet no rule of the package covers them: submitting will say which.
        return {"limit": None, "fees": [], "total": None}


def _linked(case_id: int, error: FieldError) -> dict[str, str]:
    """An error with the address where it is put right."""
    root, _, rest = error.path.partition(".")
    if root == "answers":
        return {
            "message": error.message,
            "href": f"{reverse('portal:draft', args=[case_id])}#field-{rest.replace('.', '-')}",
        }
    if root == "documents":
        return {
            "message": error.message,
            "href": f"{reverse('portal:draft_documents', args=[case_id])}#giay-to-{quote(rest)}",
        }
    if root == "unit":
        return {"message": error.message, "href": f"{reverse('portal:draft', args=[case_id])}#unit"}
    return {"message": error.message, "href": ""}
