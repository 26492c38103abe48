"""Trying a service through the gateway, finding where a connection stops, comparing answers with their description."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.apps.exchange import flows, queries
from tinhso.apps.exchange.data import TrialAnswer
from tinhso.apps.exchange.permissions import ExchangePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.exchange.shared import exchange_page, shown_body, text_of
from tinhso.interfaces.workspace.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib import openapi
from tinhso.lib.xroad import IdentifierError, parse_client

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@officer(ExchangePermission.MANAGE)
@require_http_methods(["GET", "POST"])
def trial(request: HttpRequest, service_id: int) -> HttpResponse:
    """Ask the service as one of the province's systems, with a purpose; the answer is shown and kept nowhere."""
    actor, now, error, status = actor_of(request), clock.now(), "", 200
    found = queries.get_service_page(service_id, actor=actor, at=now)
    systems = queries.systems_of(unit_ids=actor.unit_ids_for(ExchangePermission.MANAGE), on=clock.today())
    answer: TrialAnswer | None = None
    if request.method == "POST":
        path, _, query = text_of(request, "path", 2_000).partition("?")
        try:
            answer = flows.try_service(
                service_pk=service_id, client=parse_client(text_of(request, "client", 500)),
                method=text_of(request, "method", 8), path=path, query=query,
                body=text_of(request, "body", 100_000).encode(),
                media_type=text_of(request, "media_type", 100) or "application/json",
                purpose=text_of(request, "purpose", 300), actor=actor, at=now,
            )  # fmt: skip
        except IdentifierError:
            error, status = "Chọn hệ thống gọi thử.", 422
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
    offered = [one for one in openapi.operations(found.openapi) if found.may_try_any(one.method, one.example_path)]
    picked = next((one for one in offered if f"{one.method} {one.path}" == request.GET.get("thao-tac", "")), None)
    picked = picked or next(iter(offered), None)
    context = {
        "found": found, "row": found.row, "systems": systems, "offered": offered, "picked": picked, "error": error,
        "answer": answer, "shown": shown_body(answer.body) if answer else "",
        "methods": _METHODS, "values": _values(request, found, picked),
        "is_open": any(found.may_try(method, path) for method, path, _ in found.endpoints),
    }  # fmt: skip
    return exchange_page(request, "trial", context, tab="services", status=status)


@officer(ExchangePermission.MANAGE)
@require_http_methods(["GET", "POST"])
def diagnosis(request: HttpRequest, service_id: int) -> HttpResponse:
    """The way to the service, step by step; posting walks it now."""
    actor, now, error, status = actor_of(request), clock.now(), "", 200
    found = queries.get_service_page(service_id, actor=actor, at=now)
    steps = None
    if request.method == "POST":
        asked = text_of(request, "client", 500)
        method, _, path = text_of(request, "endpoint", 320).partition(" ")
        try:
            steps = flows.diagnose_service(
                service_pk=service_id, client=parse_client(asked) if asked else None, method=method or "GET",
                path=path.replace("**", "x").replace("*", "x") or "/", actor=actor, at=now,
            )  # fmt: skip
        except IdentifierError as wrong:
            error, status = str(wrong), 422
    context = {
        "found": found, "row": found.row, "steps": steps, "error": error, "asked": request.POST.get("client", ""),
        "clients": sorted({client for right in found.rights for client, _, _, _ in right.clients})[:300],
        "is_well": steps is not None and all(one.ok for one in steps),
    }  # fmt: skip
    return exchange_page(request, "diagnosis", context, tab="services", status=status)


@officer(ExchangePermission.MANAGE)
@require_POST
def contract(request: HttpRequest, service_id: int) -> HttpResponse:
    """Compare the service's answers with its description now."""
    try:
        compared = flows.check_contract(service_pk=service_id, origin="demand", actor=actor_of(request), at=clock.now())
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        if compared:
            messages.success(request, f"Đã đối chiếu {compared} thao tác với mô tả.")
        else:
            messages.warning(request, "Chưa có thao tác nào vừa có ví dụ trong mô tả, vừa gọi thử được an toàn.")
    return redirect("workspace:exchange:service", service_id=service_id)


def _values(request: HttpRequest, found: queries.ServicePage, picked: openapi.Operation | None) -> dict[str, str]:
    """What was filled in; else the example of an operation; else the first endpoint that may be tried."""
    first = next((one for one in found.endpoints if found.may_try(one[0], one[1])), ("GET", "/", False))
    values = {
        "client": "", "method": picked.method if picked else first[0], "path": picked.example_path if picked else first[1],
        "body": picked.example_body if picked else "", "media_type": picked.media_type if picked else "", "purpose": "",
    }  # fmt: skip
    values |= {name: request.POST[name] for name in values if name in request.POST}
    return values | {"media_type": values["media_type"] or "application/json"}
