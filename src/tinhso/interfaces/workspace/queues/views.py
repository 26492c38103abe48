"""Calling numbers at a desk, setting up the queues of a hall, and what the waiting was like (gọi số, thống kê quầy)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.procedures import queries as procedures
from tinhso.apps.reception import actions, queries
from tinhso.apps.reception.permissions import ReceptionPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError
from tinhso.lib.text import whole_number

# The same word that the kiosk's page reads (interfaces/portal/queues): audiences do not import each other.
KIOSK_SALT = "tinhso.portal.kiosk"
_DESK = "tinhso_desk"


@officer(ReceptionPermission.SERVE_QUEUE)
@require_safe
def serving(request: HttpRequest) -> HttpResponse:
    """Who stands at my desk, who waits, and the keys that call."""
    return _serving(request)


@officer(ReceptionPermission.SERVE_QUEUE)
@require_POST
def act(request: HttpRequest, verb: str) -> HttpResponse:
    """One act on the hall or on whom I serve."""
    actor, at = actor_of(request), clock.now()
    try:
        if verb == "goi":
            desk = request.POST.get("desk", "").strip()[:40]
            request.session[_DESK] = desk
            actions.call_next(unit_id=_unit(request), queue_ids=_queues(request), desk=desk, actor=actor, at=at)
        elif verb == "chuyen":
            actions.transfer_ticket(
                ticket_id=_posted(request, "ticket"), queue_id=_posted(request, "to"), actor=actor, at=at
            )
        elif verb in _ACTS:
            _ACTS[verb](ticket_id=_posted(request, "ticket"), actor=actor, at=at)
    except DomainError as refusal:
        return _serving(request, error=refusal.message, status=refusal.status)
    return redirect("workspace:queues:serving")


@officer(ReceptionPermission.MANAGE_QUEUES)
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The queues of a hall: open, change, close; the addresses of its kiosk and its display."""
    actor, at = actor_of(request), clock.now()
    error = ""
    if request.method == "POST":
        try:
            _set(request)
            messages.success(request, "Đã lưu hàng đợi.")
            return redirect(f"{reverse('workspace:queues:setup')}?quay={_unit(request)}")
        except DomainError as refusal:
            error = refusal.message
    halls = queries.halls_of(actor=actor, permission=ReceptionPermission.MANAGE_QUEUES, on=clock.today())
    hall = next((one for one in halls if one.id == _unit(request)), halls[0] if halls else None)
    key = signing.dumps(hall.id, salt=KIOSK_SALT) if hall else ""
    context = {
        "halls": halls,
        "hall": hall,
        "queues": queries.list_queues(unit_id=hall.id, at=at) if hall else [],
        "fields": [found.field for found in procedures.list_fields(on=clock.today())],
        "kiosk": f"{reverse('portal:kiosk', args=[hall.id])}?khoa={key}" if hall else "",
        "display": reverse("portal:display", args=[hall.id]) if hall else "",
        "error": error,
    }
    return page(request, "workspace/queues/setup.html", context, place="queue_setup", status=422 if error else 200)


@officer(ReceptionPermission.VIEW_STATISTICS)
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Waiting and serving, the middle one and the ninth of ten: by queue, by hour, by officer."""
    actor, today = actor_of(request), clock.today()
    halls = queries.halls_of(actor=actor, permission=ReceptionPermission.VIEW_STATISTICS, on=today)
    hall = next((one for one in halls if one.id == _unit(request)), halls[0] if halls else None)
    first, last = _day(request.GET.get("tu", ""), today - timedelta(days=6)), _day(request.GET.get("den", ""), today)
    found = queries.statistics(actor=actor, unit_id=hall.id, first=first, last=last) if hall else {}
    context = {
        "halls": halls, "hall": hall, "first": first, "last": last, "whole": next(iter(found.get("all", [])), None),
        "tables": [
            ("Theo hàng đợi", "Hàng", found.get("queues", [])), ("Theo giờ lấy số", "Giờ", found.get("hours", [])),
            ("Theo cán bộ", "Cán bộ", found.get("officers", [])),
        ],
    }  # fmt: skip
    return page(request, "workspace/queues/statistics.html", context, place="queue_statistics")


_ACTS: dict[str, Callable[..., Any]] = {
    "goi-lai": actions.call_again,
    "bat-dau": actions.start_ticket,
    "xong": actions.finish_ticket,
    "vang": actions.mark_absent,
}


def _serving(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    actor, at = actor_of(request), clock.now()
    halls = queries.halls_of(actor=actor, permission=ReceptionPermission.SERVE_QUEUE, on=clock.today())
    hall = next((one for one in halls if one.id == _unit(request)), halls[0] if halls else None)
    here = queries.ticket_at_desk(actor=actor)
    waiting = queries.list_waiting(unit_id=hall.id, at=at) if hall else []
    context = {
        "halls": halls, "hall": hall, "here": here, "desk": request.session.get(_DESK, ""), "error": error,
        "queues": queries.list_queues(unit_id=hall.id, at=at) if hall else [],
        "chosen": set(_queues(request)),
        "waiting": [(one, one.ready_at > at) for one in waiting],
        "cases": queries.cases_of_ticket(here.pk) if here else [],
    }  # fmt: skip
    return page(request, "workspace/queues/serving.html", context, place="queues", status=status)


def _set(request: HttpRequest) -> None:
    actor, at = actor_of(request), clock.now()
    values: dict[str, Any] = {
        "name": request.POST.get("name", ""), "fields": request.POST.getlist("fields"), "places": _posted(request, "places"),
    }  # fmt: skip
    if queue_id := _posted(request, "queue"):
        actions.change_queue(queue_id=queue_id, is_open="is_open" in request.POST, actor=actor, at=at, **values)
    else:
        letter = request.POST.get("letter", "")
        actions.open_queue(unit_id=_unit(request), letter=letter, actor=actor, at=at, **values)


def _queues(request: HttpRequest) -> list[int]:
    return [number for typed in request.POST.getlist("queue") if (number := whole_number(typed)) is not None]


def _unit(request: HttpRequest) -> int:
    return whole_number(request.POST.get("unit", "") or request.GET.get("quay", "")) or 0


def _posted(request: HttpRequest, name: str) -> int:
    return whole_number(request.POST.get(name, "")) or 0


def _day(text: str, otherwise: date) -> date:
    try:
        return parse_day(text)
    except ValueError:
        return otherwise
