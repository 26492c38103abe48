"""The nation's databases, asked about the persons of a case in work, for a purpose (đối chiếu dữ liệu)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import flows, queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.exchange.enums import LookupPurpose, Outcome, SourceKind
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError

TONES = {
    Outcome.FOUND: "ok", Outcome.MATCH: "ok", Outcome.MISMATCH: "late", Outcome.NOT_FOUND: "soon", Outcome.FAILED: "mute",
    Outcome.ASKED: "mute", Outcome.UNANSWERED: "soon",
}  # fmt: skip


@officer(CasePermission.LOOK_UP)
@require_http_methods(["GET", "POST"])
def lookups(request: HttpRequest, code: str) -> HttpResponse:
    """What may be asked, and every answer the case holds beside what was declared. Each is recorded before it shows."""
    case = queries.get_case(actor=actor_of(request), code=code)
    if request.method == "GET":
        return _page(request, case, given={"cau-hoi": request.GET.get("cau-hoi", "")[:100]})
    given = {name: request.POST.get(name, "").strip()[:500] for name in ("cau-hoi", "muc-dich", "ly-do")}
    key, _, kind = given["cau-hoi"].partition(":")
    try:
        flows.look_up_for_case(
            case_id=case.pk, key=key, kind=kind or SourceKind.VERIFY.value, purpose=given["muc-dich"],
            reason=given["ly-do"], actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status not in {409, 422, 404}:
            raise
        messages.error(request, refusal.message)
        return _page(request, case, given=given, status=refusal.status)
    return redirect(reverse("workspace:cases:lookups", args=[case.code]) + "#ket-qua")


def _page(request: HttpRequest, case: Any, *, given: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    answers = queries.lookups.answered_lookups(case, on=clock.today())
    if answers:
        record_disclosure(
            subject=f"case:{case.pk}", purpose="Xem dữ liệu đã hỏi để giải quyết hồ sơ", fields=["lookups"], actor=actor,
            at=now,
        )  # fmt: skip
    context = {
        "case": case,
        "title": queries.get_package(case).facts.title,
        "may_ask": queries.lookups.can_look_up_now(actor, case),
        "choices": queries.lookups.lookup_choices(case, on=clock.today()),
        "purposes": LookupPurpose.choices,
        "question": (given or {}).get("cau-hoi", ""),
        "purpose": (given or {}).get("muc-dich", ""),
        "reason": (given or {}).get("ly-do", ""),
        "answers": [(one, TONES[one.outcome]) for one in answers],
    }
    response = page(request, "workspace/cases/lookups.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
