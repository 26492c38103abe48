"""Slips that came in: what waits for a decision, the decision itself, and the computers they came from."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.reception import actions, flows, queries
from tinhso.apps.reception.enums import ConflictKind, SlipChoice, SlipStatus
from tinhso.apps.reception.permissions import ReceptionPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.counter.slip import kept_word
from tinhso.interfaces.workspace.offline import pack, reading
from tinhso.interfaces.workspace.offline.views import address_of
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError
from tinhso.lib.identifiers import mask_personal_id

_TONES = {
    SlipStatus.STORED: "info",
    SlipStatus.CONFLICT: "soon",
    SlipStatus.CASE: "ok",
    SlipStatus.LINKED: "ok",
    SlipStatus.VOID: "mute",
}
_TIME = {ConflictKind.CLOCK_DOUBTED, ConflictKind.TOO_OLD}
# These an officer's word settles; what is missing has to be put right instead.
_BY_WORD = {
    ConflictKind.PROCEDURE_CHANGED,
    ConflictKind.DUPLICATE,
    ConflictKind.RIGHTS_GONE,
    ConflictKind.TOO_OLD,
}


@officer(ReceptionPermission.TAKE_OFFLINE)
@require_safe
def slips(request: HttpRequest) -> HttpResponse:
    """Every slip of the officer's desks, open ones first, and the computers with their series."""
    actor = actor_of(request)
    rows = [_row(slip) for slip in queries.list_slips(actor=actor)]
    context = {
        "waiting": [row for row in rows if row["open"]],
        "done": [row for row in rows if not row["open"]],
        "devices": queries.list_devices(actor=actor),
    }
    return page(request, "workspace/offline/slips.html", context, place="slips")


@officer(ReceptionPermission.TAKE_OFFLINE)
@require_safe
def slip(request: HttpRequest, slip_number: str) -> HttpResponse:
    """One slip with what stands in its way and what may be done; one that is a case leads there."""
    found = queries.get_slip(actor=actor_of(request), code=slip_number)
    if found.case is not None:
        return redirect(address_of(found))
    return _page(request, found)


@officer(ReceptionPermission.TAKE_OFFLINE)
@require_POST
def decide(request: HttpRequest, slip_number: str) -> HttpResponse:
    """An officer's decision on a slip, with the reason that is kept."""
    actor, at = actor_of(request), clock.now()
    found = queries.get_slip(actor=actor, code=slip_number)
    choice, reason = request.POST.get("choice", ""), request.POST.get("reason", "").strip()[:500]
    try:
        if choice == SlipChoice.VOID:
            actions.void_slip(slip_id=found.pk, reason=reason, actor=actor, at=at)
        elif choice == SlipChoice.LINK:
            target = request.POST.get("case", "").strip()
            actions.link_slip(slip_id=found.pk, case_code=target, reason=reason, actor=actor, at=at)
        else:
            _receive(request, found, by_sync_time=choice == SlipChoice.RECEIVE_NOW, reason=reason, actor=actor)
    except DomainError as refusal:
        return _page(request, found, error=refusal.message, reason=reason, status=refusal.status)
    after = queries.get_slip(actor=actor, code=slip_number)
    if after.settled_at is None:
        return _page(request, after, error="Phiếu vẫn còn vướng, xem bên dưới.", reason=reason, status=422)
    messages.success(request, f"Phiếu {after.code}: {SlipStatus(after.status).label.lower()}.")
    return redirect(address_of(after))


@officer(ReceptionPermission.TAKE_OFFLINE)
@require_POST
def close(request: HttpRequest, device_id: int) -> HttpResponse:
    """A computer is out of use; its numbers are accounted for."""
    try:
        done = actions.close_device(
            device_id=device_id, reason=request.POST.get("reason", ""), actor=actor_of(request), at=clock.now()
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Đã thôi dùng máy «{done.name}»; các số chưa dùng của sê-ri {done.series} đã hủy.")
    return redirect("workspace:offline:slips")


def _receive(request: HttpRequest, found: Any, *, by_sync_time: bool, reason: str, actor: Actor) -> None:
    standing = {conflict["kind"] for conflict in found.conflicts}
    accepted = frozenset(str(kind) for kind in standing & {str(kind) for kind in _BY_WORD})
    flows.settle(
        slip=found, content=reading.content_of(found, request), accepted=accepted, by_sync_time=by_sync_time,
        reason=reason, actor=actor, at=clock.now(),
    )  # fmt: skip


def _page(request: HttpRequest, found: Any, *, error: str = "", reason: str = "", status: int = 200) -> HttpResponse:
    actor, at = actor_of(request), clock.now()
    record_disclosure(
        subject=f"offlineslip:{found.pk}", purpose="Xem phiếu tiếp nhận tạm để đưa vào hệ thống", fields=["content"],
        actor=actor, at=at,
    )  # fmt: skip
    kinds = {conflict["kind"] for conflict in found.conflicts}
    data = reading.typed(found.content)
    gone = ConflictKind.PROCEDURE_ENDED in kinds
    context = {
        "slip": found,
        "row": _row(found),
        "person": _person(data),
        "title": data.get("_title", "") or found.procedure_code,
        "pairs": [(name, _for_counter(name, value, actor)) for name, value in found.content],
        "twin": next((c["case_code"] for c in found.conflicts if c["case_code"]), ""),
        "may_receive": not gone and ConflictKind.CONTENT not in kinds and ConflictKind.CLOCK_DOUBTED not in kinds,
        "may_receive_now": not gone and ConflictKind.CONTENT not in kinds and bool(kinds & _TIME),
        "may_correct": not gone,
        "error": error,
        "reason": reason,
    }
    response = page(request, "workspace/offline/slip.html", context, place="slips", status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _for_counter(name: str, value: str, actor: Actor) -> str:
    """A value as the counter's page takes it: a picture of the slip comes back under this officer's word."""
    scan = pack.read_scan(value) if name.startswith("_kept.") else None
    return kept_word(actor.account_id, *scan) if scan is not None else value


def _row(found: Any) -> dict[str, Any]:
    status = SlipStatus(found.status)
    return {
        "code": found.code,
        "address": address_of(found),
        "taken_at": found.taken_at,
        "synced_at": found.synced_at,
        "taken_by": found.taken_by,
        "case": found.case.code if found.case else "",
        "status": status.label,
        "tone": _TONES[status],
        "open": found.settled_at is None,
        "conflicts": [c["message"] for c in found.conflicts] if found.settled_at is None else [],
        "note": found.note,
    }


def _person(data: Any) -> list[tuple[str, str]]:
    number = data.get("_a.personal_id", "").replace(" ", "")
    return [
        ("Họ và tên", data.get("_a.full_name", "")),
        ("Số định danh", mask_personal_id(number) if number else ""),
        ("Tổ chức", data.get("_a.organisation_name", "")),
    ]
