"""Moving running cases to another version: look first, propose, somebody else approves, then the report (chuyển phiên bản)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import MoveStatus
from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Forbidden
from tinhso.lib.text import whole_number

_TONES = {MoveStatus.PROPOSED: "soon", MoveStatus.APPROVED: "info", MoveStatus.DONE: "ok", MoveStatus.REJECTED: "mute"}


@officer(CasePermission.PROPOSE_VERSION_MOVE)
@require_safe
def moves(request: HttpRequest) -> HttpResponse:
    """What was proposed so far, and where to begin: the code of a procedure."""
    found = [(row, _TONES[MoveStatus(row.status)]) for row in queries.list_moves()]
    return page(request, "workspace/versions/list.html", {"found": found}, place="versions")


@officer(CasePermission.PROPOSE_VERSION_MOVE)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Choose the version, see case by case what would change, propose it with reason and transitional rule."""
    given = request.POST if request.method == "POST" else request.GET
    code, chosen = given.get("thu-tuc", "").strip()[:40], whole_number(given.get("phien-ban", ""))
    if not code:  # the list asks for it
        return redirect("workspace:versions:list")
    values = {"reason": "", "basis": ""} | given.dict()
    context: dict[str, Any] = {"code": code, "values": values, "error": "", "versions": [], "preview": None}
    status = 200
    try:
        context["versions"] = queries.running_versions(code) if code else []
        if chosen is not None:
            context["to"] = chosen
            if request.method == "POST":
                made = actions.propose_version_move(
                    procedure_code=code, to_version_id=chosen, reason=given.get("reason", "")[:2000],
                    basis=given.get("basis", "")[:300], actor=actor_of(request), at=clock.now(),
                )  # fmt: skip
                messages.success(request, "Đã gửi đề nghị, chờ người khác duyệt.")
                return redirect("workspace:versions:move", move_id=made.pk)
    except Forbidden:
        raise
    except DomainError as refusal:
        context["error"], status = refusal.message, refusal.status
    if context.get("to") and (not context["error"] or request.method == "POST"):
        context["preview"] = queries.preview_move(procedure_code=code, to_version_id=context["to"], now=clock.now())
    return page(request, "workspace/versions/propose.html", context, place="versions", status=status)


@officer(CasePermission.PROPOSE_VERSION_MOVE)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, move_id: int) -> HttpResponse:
    """One proposal: decide it, or read what became of each case."""
    found, error, status = queries.get_move(move_id), "", 200
    if request.method == "POST":
        approve = request.POST.get("decision") == "approve"
        try:
            actions.decide_version_move(move_id=found.pk, approve=approve, actor=actor_of(request), at=clock.now())
        except Forbidden:
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            said = "Đã duyệt; hồ sơ đang được chuyển lần lượt." if approve else "Đã không duyệt."
            messages.success(request, said)
            return redirect("workspace:versions:move", move_id=found.pk)
    context = {
        "move": found, "error": error, "tone": _TONES[MoveStatus(found.status)], "lines": list(found.lines.all()),
        "is_open": found.status == MoveStatus.PROPOSED,
        "is_own": found.proposed_by_id == actor_of(request).account_id,
    }  # fmt: skip
    return page(request, "workspace/versions/move.html", context, place="versions", status=status)
