"""Mandates at the counter (việc đại diện): find those of a person, record that one has ended."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.permissions import AccountPermission
from tinhso.apps.audit.actions import record_disclosure
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Invalid

_PURPOSE = "tra cứu việc đại diện của người đến quầy"


@officer(AccountPermission.RECORD_MANDATE)
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """The mandates of one person, on either side; the number is posted, so that it stands in no address."""
    return _page(request, request.POST.get("personal_id", "")[:20])


@officer(AccountPermission.RECORD_MANDATE)
@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Record that a mandate has ended, with the reason (chấm dứt đại diện)."""
    try:
        actions.revoke_mandate(
            mandate_id=number, reason=request.POST.get("reason", "")[:300], actor=actor_of(request), at=clock.now()
        )
    except DomainError as refusal:
        told = refusal.errors[0].message if isinstance(refusal, Invalid) and refusal.errors else refusal.message
        return _page(request, request.POST.get("personal_id", "")[:20], error=told, status=refusal.status)
    messages.success(
        request,
        "Đã ghi nhận chấm dứt đại diện. Người đại diện không còn xem được hồ sơ; người được đại diện vẫn xem được.",
    )
    return redirect("workspace:mandates:search")


def _page(request: HttpRequest, personal_id: str, *, error: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    found = queries.find_mandates(actor=actor, personal_id=personal_id)
    for mandate in found:
        record_disclosure(
            subject=f"mandate:{mandate.id}", purpose=_PURPOSE, fields=["principal", "representative", "document"],
            actor=actor, at=clock.now(),
        )  # fmt: skip
    context = {"mandates": found, "personal_id": personal_id, "error": error}
    return page(request, "workspace/mandates/search.html", context, place="mandates", status=status)
