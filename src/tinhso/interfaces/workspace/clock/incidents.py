"""Incidents (sự cố hệ thống): record one with its evidence, say when it is over."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_moment
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Invalid

_TYPED = ("system", "kind", "description", "evidence", "started_at", "ended_at")


@officer(CasePermission.RECORD_INCIDENT)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The incidents, those that last first, and the form for a new one."""
    return _page(request)


@officer(CasePermission.RECORD_INCIDENT)
@require_POST
def record(request: HttpRequest) -> HttpResponse:
    """Record an incident; the clocks it touches stop in the background."""
    sent = {key: str(value).strip()[:2000] for key, value in request.POST.items()}
    try:
        actions.record_incident(
            system=sent.get("system", "")[:200], kind=sent.get("kind", ""), unit_id=None,
            description=sent.get("description", ""), evidence=sent.get("evidence", ""),
            stops_clock=sent.get("stops_clock") == "1", started_at=_instant(sent.get("started_at", "")),
            ended_at=_instant(sent["ended_at"]) if sent.get("ended_at") else None, actor=actor_of(request),
            at=clock.now(),
        )  # fmt: skip
    except Invalid as refusal:
        return _page(request, values=sent, error=refusal.message, status=refusal.status)
    messages.success(request, "Đã ghi nhận sự cố. Thời hạn của các hồ sơ bị chạm đến được xử lý ở nền.")
    return redirect("workspace:clock:incidents")


@officer(CasePermission.RECORD_INCIDENT)
@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Say that an incident is over now; the clocks it stopped go on in the background."""
    now = clock.now()
    try:
        actions.end_incident(incident_id=number, ended_at=now, actor=actor_of(request), at=now)
    except DomainError as refusal:
        return _page(request, error=refusal.message, status=refusal.status)
    messages.success(request, "Đã ghi nhận sự cố được khắc phục; thời hạn tính tiếp.")
    return redirect("workspace:clock:incidents")


def _instant(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError:
        raise Invalid("Mời nhập ngày giờ của sự cố, ví dụ 02/03/2026 09:30.") from None


def _page(
    request: HttpRequest, *, values: dict[str, Any] | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    typed = {**dict.fromkeys(_TYPED, ""), **(values or {})}
    context = {"incidents": queries.list_incidents(actor=actor_of(request)), "values": typed, "error": error}
    return page(request, "workspace/clock/incidents.html", context, place="incidents", status=status)
