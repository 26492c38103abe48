"""The paper file of a case: its label, where it lies, scanning it on; letters and parcels (hồ sơ giấy, bưu gửi)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import queries as cases
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.reception import actions, queries
from tinhso.apps.reception.enums import ParcelDirection
from tinhso.apps.reception.permissions import ReceptionPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError
from tinhso.lib.qr import qr_svg


@officer(ReceptionPermission.MOVE_PAPERS)
@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest) -> HttpResponse:
    """The scan field: each label read means that the paper file lies here now. The cursor never leaves the field."""
    actor, at = actor_of(request), clock.now()
    code, place = request.POST.get("code", "").strip().upper()[:60], request.POST.get("place", "").strip()[:120]
    error, done = "", None
    if request.method == "POST":
        try:
            done = actions.move_paper(case_code=code, unit_id=_unit_of(actor), place=place, actor=actor, at=at)
        except DomainError as refusal:
            error = f"{code}: {refusal.message}"
    context = {"error": error, "moved": code if done else "", "place": place}
    return page(request, "workspace/papers/scan.html", context, place="papers", status=404 if error else 200)


@officer(CasePermission.VIEW)
@require_safe
def case(request: HttpRequest, code: str) -> HttpResponse:
    """Where the paper file of a case lies and has been, and its parcels."""
    return _page(request, code)


@officer(CasePermission.VIEW)
@require_safe
def label(request: HttpRequest, code: str) -> HttpResponse:
    """A label to stick on the paper file."""
    found = cases.get_case(actor=actor_of(request), code=code)
    context = {
        "case": found, "title": cases.get_package(found).facts.title, "qr": qr_svg(found.code or ""),
        "unit": directory.get_unit(found.unit_id or 0),
    }  # fmt: skip
    return page(request, "workspace/papers/label.html", context, place="papers")


@officer(ReceptionPermission.HANDLE_POST)
@require_POST
def parcel(request: HttpRequest, code: str) -> HttpResponse:
    """A parcel was sent, or came in."""
    data = request.POST
    try:
        actions.note_parcel(
            case_code=code, direction=data.get("direction", ""), carrier=data.get("carrier", ""),
            tracking_code=data.get("tracking_code", ""), contents=data.get("contents", ""),
            recipient=data.get("recipient", ""), actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        return _page(request, code, error=refusal.message, status=refusal.status)
    messages.success(request, "Đã ghi bưu gửi.")
    return redirect("workspace:papers:case", code=code)


@officer(ReceptionPermission.HANDLE_POST)
@require_POST
def arrived(request: HttpRequest, code: str, parcel_id: int) -> HttpResponse:
    """A parcel has reached whom it was for."""
    actions.confirm_parcel(parcel_id=parcel_id, case_code=code, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã ghi nhận bưu gửi đến tay người nhận.")
    return redirect("workspace:papers:case", code=code)


def _page(request: HttpRequest, code: str, *, error: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    found = cases.get_case(actor=actor, code=code)
    moves = queries.paper_moves(found.pk)
    names = accounts.account_names({move.holder_id for move in moves}) if moves else {}
    posting = actor.has(ReceptionPermission.HANDLE_POST, unit_id=found.intake_unit_id)
    context: dict[str, Any] = {
        "case": found, "title": cases.get_package(found).facts.title,
        "moves": [(move, names.get(move.holder_id, "")) for move in moves],
        "parcels": queries.parcels_of(found.pk), "may_post": posting, "directions": ParcelDirection.choices,
        "values": request.POST if error else {}, "error": error,
        "recipient": f"{found.applicant_name}, {found.applicant.get('address', '')}".strip(", ") if posting else "",
    }  # fmt: skip
    return page(request, "workspace/papers/case.html", context, place="papers", status=status)


def _unit_of(actor: Actor) -> int:
    """The unit at which an officer holds papers: the highest in which he has the right."""
    units = [directory.get_unit(pk) for pk in actor.unit_ids_for(ReceptionPermission.MOVE_PAPERS)]
    return min(units, key=lambda unit: (unit.path.count("/"), unit.path)).id
