"""Tệp hết thời hạn lưu giữ: lists proposed by the records officer, decided by another person, carried out by a job."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tinhso.apps.archives.permissions import ArchivePermission
from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import actions, queries
from tinhso.apps.documents.enums import DisposalStatus
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.text import whole_number

_TONES = {
    DisposalStatus.PROPOSED: "soon", DisposalStatus.APPROVED: "info", DisposalStatus.REFUSED: "late",
    DisposalStatus.DONE: "ok",
}  # fmt: skip


@officer(ArchivePermission.VIEW)
@require_http_methods(["GET", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """The lists of one's units, how long each kind is kept, and drawing up a new list."""
    actor, error, status = actor_of(request), "", 200
    if request.method == "POST":
        try:
            made = actions.propose_disposal(unit_id=_number(request.POST.get("unit", "")), actor=actor, at=clock.now())
        except Forbidden:
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, "Đã lập danh mục, chờ người có thẩm quyền phê duyệt.")
            return redirect("workspace:disposals:detail", disposal_id=made)
    rows = queries.list_disposals(actor=actor, before=_number(request.GET.get("truoc", "")))
    mine = queries.disposal_units(actor)
    context = {
        "rows": [(row, directory.get_unit(row.unit_id).name, _TONES[DisposalStatus(row.status)]) for row in rows],
        "older": rows[-1].id if len(rows) == queries.LISTS_A_PAGE else 0,
        "units": [unit for unit in directory.list_units(on=clock.today()) if unit.id in mine],
        "kinds": list(queries.retention_kinds().values()), "error": error,
    }  # fmt: skip
    return page(request, "workspace/disposals/list.html", context, place="disposals", status=status)


@officer(ArchivePermission.VIEW)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, disposal_id: int) -> HttpResponse:
    """One list with its files; whoever may, approves or refuses it here."""
    actor, error, status = actor_of(request), "", 200
    found = queries.get_disposal(disposal_id, actor=actor)
    if request.method == "POST":
        try:
            said = _decide(request, disposal_id, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:disposals:detail", disposal_id=disposal_id)
    record_disclosure(
        subject=f"disposal:{disposal_id}", purpose="Xem danh mục tiêu hủy", fields=["name"], actor=actor, at=clock.now()
    )
    context = {
        "found": found, "row": found.row, "unit": directory.get_unit(found.row.unit_id), "error": error,
        "tone": _TONES[DisposalStatus(found.row.status)], "reason": request.POST.get("reason", "")[:500],
    }  # fmt: skip
    return page(request, "workspace/disposals/detail.html", context, place="disposals", status=status)


def _decide(request: HttpRequest, disposal_id: int, actor: Actor) -> str:
    verb = request.POST.get("verb", "")
    if verb not in {"approve", "refuse"}:
        raise NotFound
    kept = [_number(text) for text in request.POST.getlist("keep")]
    actions.decide_disposal(
        disposal_id=disposal_id, approve=verb == "approve", leave_out=kept if verb == "approve" else (),
        reason=request.POST.get("reason", ""), actor=actor, at=clock.now(),
    )  # fmt: skip
    return "Đã phê duyệt; hệ thống đang tiêu hủy." if verb == "approve" else "Đã ghi không phê duyệt."


def _number(text: str) -> int:
    return whole_number(text) or 0
