"""The catalogue: members, systems, services, rights and keys; windows of maintenance (danh mục dịch vụ chia sẻ dữ liệu)."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.permissions import ExchangePermission, can_maintain
from tinhso.apps.exchange.queries import Period
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.exchange.operations import drawn
from tinhso.interfaces.workspace.exchange.shared import LONGEST_QUERY, exchange_page, text_of
from tinhso.interfaces.workspace.requests import actor_of, parse_moment
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from tinhso.lib import openapi


@officer(ExchangePermission.CATALOGUE)
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """What is offered, searched by words with or without diacritics."""
    text, now = request.GET.get("q", "").strip()[:LONGEST_QUERY], clock.now()
    rows = queries.list_services(actor=actor_of(request), at=now, text=text)
    context = {"rows": rows, "query": text, "today": clock.today()}
    return exchange_page(request, "services", context, tab="services")


@officer(ExchangePermission.CATALOGUE)
@require_safe
def service(request: HttpRequest, service_id: int) -> HttpResponse:
    """One service: description, endpoints, rights and their use today, maintenance, figures, contract."""
    return _service(request, service_id)


@officer(ExchangePermission.CATALOGUE)
@require_POST
def announce(request: HttpRequest, service_id: int) -> HttpResponse:
    """A window of maintenance; the units that use the service are told."""
    actor, now = actor_of(request), clock.now()
    found = queries.get_service_page(service_id, actor=actor, at=now)
    try:
        actions.announce_maintenance(
            service=found.row.id, starts_at=_moment(request, "starts_at", "Giờ bắt đầu"),
            ends_at=_moment(request, "ends_at", "Giờ kết thúc"), reason=text_of(request, "reason", 300), actor=actor, at=now,
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        return _service(request, service_id, error=refusal.message, status=refusal.status)
    messages.success(request, "Đã thông báo bảo trì; các đơn vị đang khai thác được báo ngay.")
    return redirect("workspace:exchange:service", service_id=service_id)


@officer(ExchangePermission.CATALOGUE)
@require_POST
def cancel(request: HttpRequest, maintenance_id: int) -> HttpResponse:
    """The window is called off, or ends now."""
    actor, now = actor_of(request), clock.now()
    window = next((one for one in queries.upcoming_windows(actor=actor, at=now) if one.pk == maintenance_id), None)
    actions.cancel_maintenance(maintenance_id=maintenance_id, actor=actor, at=now)
    messages.success(request, "Đã kết thúc đợt bảo trì; cổng trao đổi phục vụ lại trong vài giây.")
    if window is None:
        return redirect("workspace:exchange:services")
    return redirect("workspace:exchange:service", service_id=window.service_pk)


@officer(ExchangePermission.CATALOGUE)
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Who takes part, with the days the first of their keys has left."""
    text = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    rows = queries.list_members(actor=actor_of(request), at=clock.now(), text=text)
    return exchange_page(request, "members", {"rows": rows, "query": text}, tab="members")


@officer(ExchangePermission.CATALOGUE)
@require_safe
def member(request: HttpRequest, member_id: int) -> HttpResponse:
    """One member: systems, services, keys, and how much its systems ask."""
    actor, now = actor_of(request), clock.now()
    found = queries.get_member_page(member_id, actor=actor, at=now)
    asking = [str(one.id) for one in found.systems]
    seen = queries.dashboard(actor=actor, at=now, period=_period(request), clients=asking) if asking else None
    context = {"found": found, "seen": drawn(seen, _period(request)) if seen else None}
    return exchange_page(request, "member", context, tab="members")


def _service(request: HttpRequest, service_id: int, *, error: str = "", status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    found = queries.get_service_page(service_id, actor=actor, at=now)
    period = _period(request)
    seen = queries.dashboard(actor=actor, at=now, period=period, service=str(found.row.id))
    context = {
        "found": found, "row": found.row, "error": error, "seen": drawn(seen, period),
        "operations": openapi.operations(found.openapi), "may_manage": actor.has(ExchangePermission.MANAGE),
        "may_maintain": can_maintain(actor, provider_unit_id=found.provider_unit_id),
        "may_ask": actor.has(ExchangePermission.REQUEST), "renewals": _renewals(actor, found, now),
        "window_form": {name: request.POST.get(name, "") for name in ("starts_at", "ends_at", "reason")},
    }  # fmt: skip
    return exchange_page(request, "service", context, tab="services", status=status)


def _renewals(actor: Actor, found: queries.ServicePage, now: datetime) -> list[tuple[str, int]]:
    """(system, right) of the officer's own that may be renewed now."""
    units = actor.unit_ids_for(ExchangePermission.REQUEST)
    own = {str(client) for client, _ in queries.systems_of(unit_ids=units, on=clock.today())} if units else set()
    return [
        (client, right_id)
        for right in found.rights
        if right.can_renew
        for client, _, _, right_id in right.clients
        if client in own
    ]


def _period(request: HttpRequest) -> Period:
    return Period.MONTH if request.GET.get("ky") == Period.MONTH else Period.DAY


def _moment(request: HttpRequest, name: str, label: str) -> datetime:
    try:
        return parse_moment(request.POST.get(name, ""))
    except ValueError:
        raise Invalid(f"{label}: ghi ngày giờ dạng 22/11/2026 14:05.") from None
