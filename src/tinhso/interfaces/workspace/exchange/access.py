"""Requests for access: asked by a unit, decided by somebody else (đề nghị khai thác dữ liệu)."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.enums import RequestKind, RequestStatus
from tinhso.apps.exchange.permissions import ExchangePermission, can_decide, can_request
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.exchange.shared import exchange_page, number_of, text_of
from tinhso.interfaces.workspace.requests import actor_of, parse_day
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, FieldError, Forbidden, Invalid, NotFound
from tinhso.lib.xroad import IdentifierError, parse_client

_TONES = {
    RequestStatus.SUBMITTED: "soon", RequestStatus.APPROVED: "ok", RequestStatus.REFUSED: "late",
    RequestStatus.WITHDRAWN: "mute",
}  # fmt: skip


@officer(ExchangePermission.CATALOGUE)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Requests asked by the own units, or waiting for one's decision; all for who runs the exchange."""
    actor, now = actor_of(request), clock.now()
    status = request.GET.get("trang-thai", "")
    before = number_of(request.GET.get("sau", "")) or None
    chosen = RequestStatus(status) if status in RequestStatus.values else None
    rows = queries.list_requests(actor=actor, status=chosen, before=before)
    context = {
        "rows": [(row, _TONES[row.status], row.is_late(now), directory.get_unit(row.unit_id).name) for row in rows],
        "statuses": RequestStatus.choices, "status": status,
        "older": rows[-1].pk if len(rows) == queries.REQUESTS_A_PAGE else 0,
    }  # fmt: skip
    return exchange_page(request, "requests", context, tab="requests")


@officer(ExchangePermission.REQUEST)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, service_id: int) -> HttpResponse:
    """A new request for one service; `?gia-han=` renews a right."""
    actor, now = actor_of(request), clock.now()
    found = queries.get_service_page(service_id, actor=actor, at=now)
    systems = queries.systems_of(unit_ids=actor.unit_ids_for(ExchangePermission.REQUEST), on=clock.today())
    values, errors = _beginning(request, found), []
    if request.method == "POST":
        values = {name: request.POST.get(name, "") for name in values}
        try:
            number = _send(request, found, actor)
        except (Forbidden, NotFound):
            raise
        except Invalid as refusal:
            errors = [
                {"message": error.message, "target": f"id-{error.path}"}
                for error in refusal.errors or [FieldError("", refusal.message)]
            ]
        except DomainError as refusal:
            errors = [{"message": refusal.message, "target": ""}]
        else:
            messages.success(request, "Đã gửi đề nghị; người có quyền quyết định được báo ngay.")
            return redirect("workspace:exchange:request", request_id=number)
    context = {
        "found": found, "row": found.row, "systems": systems, "values": values, "errors": errors,
        "kinds": [(kind, kind.label, queries.operations().limits[kind].label()) for kind in RequestKind],
    }  # fmt: skip
    return exchange_page(request, "ask", context, tab="requests", status=422 if errors else 200)


@officer(ExchangePermission.CATALOGUE)
@require_http_methods(["GET", "POST"])
def request_page(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request; whoever may, approves, refuses or withdraws it here."""
    actor, now, error, status = actor_of(request), clock.now(), "", 200
    if request.method == "POST":
        queries.get_request(request_id, actor=actor)
        try:
            said = _decide(request, request_id, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:exchange:request", request_id=request_id)
    row = queries.get_request(request_id, actor=actor)
    is_own = row.asked_by == actor.account_id
    context = {
        "row": row, "tone": _TONES[row.status], "is_late": row.is_late(now), "error": error, "is_own": is_own,
        "unit": directory.get_unit(row.unit_id).name,
        "may_decide": row.is_open and not is_own and can_decide(actor, provider_unit_id=row.provider_unit_id),
        "may_withdraw": row.is_open and can_request(actor, unit_id=row.unit_id), "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    return exchange_page(request, "request", context, tab="requests", status=status)


def _decide(request: HttpRequest, request_id: int, actor: Actor) -> str:
    verb, reason, now = request.POST.get("verb", ""), text_of(request, "reason", 500), clock.now()
    if verb == "approve":
        quota = number_of(request.POST.get("quota", "")) or None
        actions.approve_access(request_id=request_id, quota_per_day=quota, reason=reason, actor=actor, at=now)
        return "Đã chấp thuận; hệ thống của đơn vị gọi được dịch vụ từ ngày quyền có hiệu lực."
    if verb == "refuse":
        actions.refuse_access(request_id=request_id, reason=reason, actor=actor, at=now)
        return "Đã ghi không chấp thuận; đơn vị được báo lý do."
    if verb == "withdraw":
        actions.withdraw_access(request_id=request_id, reason=reason, actor=actor, at=now)
        return "Đã rút đề nghị."
    raise NotFound


def _send(request: HttpRequest, found: queries.ServicePage, actor: Actor) -> int:
    method, _, path = text_of(request, "endpoint", 320).partition(" ")
    kind = request.POST.get("kind", "")
    if kind not in RequestKind.values:
        raise Invalid(errors=[FieldError("kind", "Chọn loại đề nghị.")])
    try:
        client = parse_client(text_of(request, "client", 500))
    except IdentifierError:
        raise Invalid(errors=[FieldError("client", "Chọn hệ thống sẽ khai thác.")]) from None
    return actions.ask_access(
        client=client, service=found.row.id, kind=RequestKind(kind), method=method, path=path,
        fields=[one[:60] for one in text_of(request, "fields", 2_000).split(",")][:60],
        purpose=text_of(request, "purpose", 300), document=text_of(request, "document", 120),
        article=text_of(request, "article", 120), volume_per_day=number_of(request.POST.get("volume_per_day", "")),
        safeguards=text_of(request, "safeguards", 1_000), valid_from=_day(request, "valid_from", "Từ ngày"),
        valid_to=_day(request, "valid_to", "Đến ngày"), renews=number_of(request.POST.get("renews", "")) or None,
        actor=actor, at=clock.now(),
    )  # fmt: skip


def _day(request: HttpRequest, name: str, label: str) -> date:
    try:
        return parse_day(request.POST.get(name, ""))
    except ValueError:
        raise Invalid(errors=[FieldError(name, f"{label}: ghi dạng ngày/tháng/năm.")]) from None


def _beginning(request: HttpRequest, found: queries.ServicePage) -> dict[str, Any]:
    """What the form begins with: the next year, or what the right to be renewed says."""
    today = clock.today()
    values: dict[str, Any] = {
        "client": "", "endpoint": "", "kind": "on_demand", "fields": "", "purpose": "", "document": "", "article": "",
        "volume_per_day": "100", "safeguards": "", "valid_from": f"{today:%d/%m/%Y}",
        "valid_to": f"{today + timedelta(days=365):%d/%m/%Y}", "renews": "",
    }  # fmt: skip
    wanted = number_of(request.GET.get("gia-han", ""))
    for right in found.rights:
        for client, _, _, right_id in right.clients:
            if wanted and right_id == wanted and right.can_renew and right.valid_to:
                start = right.valid_to + timedelta(days=1)
                values |= {
                    "client": client, "endpoint": f"{right.method} {right.path}", "fields": ", ".join(right.fields),
                    "purpose": right.purpose, "document": right.document, "article": right.article,
                    "volume_per_day": str(right.quota_per_day or 100), "valid_from": f"{start:%d/%m/%Y}",
                    "valid_to": f"{start + timedelta(days=364):%d/%m/%Y}", "renews": str(right_id),
                }  # fmt: skip
    return values
