"""A unit that went: look first, propose, somebody else approves, then the report (bàn giao hồ sơ khi sắp xếp đơn vị)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.cases import actions, permissions, queries
from tinhso.apps.cases.enums import MoveStatus
from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.text import whole_number

_TONES = {MoveStatus.PROPOSED: "soon", MoveStatus.APPROVED: "info", MoveStatus.DONE: "ok", MoveStatus.REJECTED: "mute"}
_STATES = {
    MoveStatus.PROPOSED: "Chờ duyệt",
    MoveStatus.APPROVED: "Đang bàn giao",
    MoveStatus.DONE: "Đã bàn giao",
    MoveStatus.REJECTED: "Không duyệt",
}
_PAGE = 100


@officer(CasePermission.PROPOSE_REORGANISATION)
@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """Units that are gone and still have open cases, and the rounds so far."""
    actor, today = actor_of(request), clock.now().astimezone(PROVINCE_TIME).date()
    waiting = [
        found
        for found in queries.successors_with_cases(today)
        if permissions.can_propose_reorganisation(actor, found[1].id)
    ]
    found = [(row, *_said(row.status)) for row in queries.list_reorganisations(actor=actor)]
    context = {"waiting": waiting, "found": found}
    return page(request, "workspace/reorganisations/list.html", context, place="reorganisations")


@officer(CasePermission.PROPOSE_REORGANISATION)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """How many, which, what changes; then the proposal with its reason and document."""
    given = request.POST if request.method == "POST" else request.GET
    old, new = _unit(given, "tu"), _unit(given, "den")
    actor, now = actor_of(request), clock.now()
    if not permissions.can_propose_reorganisation(actor, new):
        raise NotFound
    context: dict[str, Any] = {"values": given, "error": ""}
    status = 200
    if request.method == "POST":
        try:
            made = actions.propose_reorganisation(
                from_unit_id=old, to_unit_id=new, reason=given.get("reason", "")[:2000],
                basis=given.get("basis", "")[:300], actor=actor, at=now,
            )  # fmt: skip
        except Forbidden:
            raise
        except DomainError as refusal:
            context["error"], status = refusal.message, refusal.status
        else:
            messages.success(request, "Đã gửi đề nghị, chờ người khác duyệt.")
            return redirect("workspace:reorganisations:round", reorganisation_id=made.pk)
    context["preview"] = queries.preview_reorganisation(
        from_unit_id=old, to_unit_id=new, on=now.astimezone(PROVINCE_TIME).date()
    )
    context["open"] = queries.open_reorganisation(old)
    return page(request, "workspace/reorganisations/propose.html", context, place="reorganisations", status=status)


@officer(CasePermission.PROPOSE_REORGANISATION)
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, reorganisation_id: int) -> HttpResponse:
    """One round: decide it, watch it, or read what became of each case; codes only, no personal data."""
    actor, error, status = actor_of(request), "", 200
    found = queries.get_reorganisation(actor=actor, reorganisation_id=reorganisation_id)
    if request.method == "POST":
        approve = request.POST.get("decision") == "approve"
        try:
            actions.decide_reorganisation(reorganisation_id=found.pk, approve=approve, actor=actor, at=clock.now())
        except Forbidden:
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            said = "Đã duyệt; hồ sơ đang được bàn giao ở nền." if approve else "Đã không duyệt."
            messages.success(request, said)
            return redirect("workspace:reorganisations:round", reorganisation_id=found.pk)
    after = whole_number(request.GET.get("sau", "")) or 0
    kept = request.GET.get("giu-lai") == "1"
    lines = queries.reorganisation_lines(found.pk, after=after, kept_only=kept, limit=_PAGE + 1)
    older = f"?sau={lines[_PAGE - 1].pk}{'&giu-lai=1' if kept else ''}" if len(lines) > _PAGE else ""
    state, tone = _said(found.status)
    context = {
        "round": found, "error": error, "state": state, "tone": tone, "lines": lines[:_PAGE], "kept_only": kept,
        "kept": found.examined - found.moved, "is_open": found.status == MoveStatus.PROPOSED,
        "is_running": found.status == MoveStatus.APPROVED, "is_own": found.proposed_by_id == actor.account_id,
        "pages": {"newer": "?" if after else "", "older": older},
    }  # fmt: skip
    return page(request, "workspace/reorganisations/round.html", context, place="reorganisations", status=status)


def _said(status: str) -> tuple[str, str]:
    known = MoveStatus(status)
    return _STATES[known], _TONES[known]


def _unit(given: QueryDict, name: str) -> int:
    return whole_number(given.get(name, "")) or 0
