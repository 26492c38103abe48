"""Đồng bộ quốc gia: what could not be sent, what could not be taken, where both sides differ, and mending it."""

from collections.abc import Callable
from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from tinhso.apps.cases import queries as cases
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.exchange import actions as exchange
from tinhso.apps.exchange import queries as outbox
from tinhso.apps.exchange.permissions import ExchangePermission
from tinhso.apps.reconciliation import actions, flows, queries
from tinhso.apps.reconciliation.data import DESTINATION
from tinhso.apps.reconciliation.enums import DifferenceKind
from tinhso.apps.reconciliation.permissions import NationalPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.text import whole_number

_PAGE = 50
_SYSTEMS = {DESTINATION: "Cổng Dịch vụ công quốc gia"}


@officer(NationalPermission.VIEW)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where synchronisation stands, and everything that waits for a person's word. No content of any message."""
    actor, now = actor_of(request), clock.now()
    day_began = datetime.combine(clock.today(), time(), PROVINCE_TIME)
    sees_messages = actor.has(ExchangePermission.SETTLE) or actor.has(ExchangePermission.VIEW)
    differences = queries.list_differences(actor=actor, before=_number(request.GET.get("truoc", "")), limit=_PAGE)
    state = outbox.outbox_state(destination=DESTINATION, day_began=day_began)
    context: dict[str, object] = {
        **_one_case(request.GET.get("ho-so", ""), actor), "state": state,
        "lagging": queries.is_lagging(), "connected": flows.is_connected(),
        "waited": _words((now - state.oldest_waiting).total_seconds()) if state.oldest_waiting else "",
        "dead": [
            (one, _SYSTEMS.get(one.destination, one.destination))
            for one in (outbox.list_dead(actor=actor, limit=_PAGE) if sees_messages else [])
        ],
        "held": queries.list_arrivals_held(actor=actor, limit=_PAGE),
        "differences": [(one, one.kind == DifferenceKind.MISSING_HERE) for one in differences],
        "older": differences[-1].pk if len(differences) == _PAGE else 0,
        "rounds": queries.list_rounds(actor=actor), "may_mend": actor.has(NationalPermission.MEND),
        "may_settle": actor.has(ExchangePermission.SETTLE), "most": _PAGE,
    }  # fmt: skip
    return page(request, "workspace/national/overview.html", context, place="national")


@officer(NationalPermission.VIEW)
@require_GET
def mirrored(request: HttpRequest) -> HttpResponse:
    """Cases that ministries' systems run: followed, not worked on."""
    actor = actor_of(request)
    rows = queries.list_mirrored(actor=actor, before=_number(request.GET.get("truoc", "")), limit=_PAGE)
    context = {
        "rows": [(one, queries.status_words(one.status)) for one in rows],
        "older": rows[-1].pk if len(rows) == _PAGE else 0,
    }
    return page(request, "workspace/national/mirrored.html", context, place="national")


@officer(ExchangePermission.SETTLE)
@require_POST
def message(request: HttpRequest, position: int) -> HttpResponse:
    """A dead letter: send it again, or skip it with a reason."""
    return _settle(request, {"resend": _resend(position), "skip": _skip(position)})


@officer(NationalPermission.MEND)
@require_POST
def arrival(request: HttpRequest, arrival_id: int) -> HttpResponse:
    """A case filed on the portal that could not be taken: try now, or not at all."""
    queries.get_arrival(actor=actor_of(request), arrival_id=arrival_id)

    def retry(actor: Actor, reason: str) -> str:
        actions.retry_arrival(arrival_id=arrival_id, actor=actor, at=clock.now())
        return "Hồ sơ được nhận lại trong vòng một phút."

    def dismiss(actor: Actor, reason: str) -> str:
        actions.dismiss_arrival(arrival_id=arrival_id, reason=reason, actor=actor, at=clock.now())
        return "Đã ghi không nhận hồ sơ này."

    return _settle(request, {"retry": retry, "dismiss": dismiss})


@officer(NationalPermission.MEND)
@require_POST
def difference(request: HttpRequest, difference_id: int) -> HttpResponse:
    """A difference: send ours again, take theirs where it may be, or leave it; always with a reason."""
    queries.get_difference(actor=actor_of(request), difference_id=difference_id)

    def resend(actor: Actor, reason: str) -> str:
        actions.resend_ours(difference_id=difference_id, reason=reason, actor=actor, at=clock.now())
        return "Hồ sơ sẽ được gửi lại; lần đối soát sau xác nhận đã khớp."

    def take(actor: Actor, reason: str) -> str:
        flows.take_missing(difference_id=difference_id, reason=reason, actor=actor, clock=clock.now)
        return "Hồ sơ được nhận trong vòng một phút."

    def explain(actor: Actor, reason: str) -> str:
        actions.explain_difference(difference_id=difference_id, reason=reason, actor=actor, at=clock.now())
        return "Đã ghi giữ nguyên."

    return _settle(request, {"resend": resend, "take": take, "explain": explain})


def _one_case(code: str, actor: Actor) -> dict[str, object]:
    """How one case stands towards the portal, and what was sent about it; for whoever may see the case."""
    if not code.strip():
        return {"asked": ""}
    try:
        case = cases.get_case(actor=actor, code=code)
    except CaseNotFound as error:
        return {"asked": code.strip()[:60], "asked_problem": error.message}
    sync = queries.sync_of_case(case_id=case.pk, code=case.code or "")
    return {
        "asked": case.code, "sync": sync,
        "told": queries.status_words(sync.told_status) if sync and sync.told_status else "",
        "latest_lag": _words(sync.latest_lag_s) if sync and sync.latest_lag_s is not None else "",
        "worst_lag": _words(sync.worst_lag_s) if sync and sync.worst_lag_s is not None else "",
        "sent": outbox.messages_about(f"case:{case.pk}"),
    }  # fmt: skip


def _resend(position: int) -> Callable[[Actor, str], str]:
    def act(actor: Actor, reason: str) -> str:
        exchange.resend_message(position=position, actor=actor, at=clock.now())
        return "Thông điệp được gửi lại trong vòng một phút."

    return act


def _skip(position: int) -> Callable[[Actor, str], str]:
    def act(actor: Actor, reason: str) -> str:
        exchange.skip_message(position=position, reason=reason, actor=actor, at=clock.now())
        return "Đã bỏ qua; những thông điệp sau của hồ sơ được gửi tiếp."

    return act


def _settle(request: HttpRequest, ways: dict[str, Callable[[Actor, str], str]]) -> HttpResponse:
    """Do what the button says; a refusal comes back as a sentence above the page."""
    way = ways.get(request.POST.get("verb", ""))
    if way is None:
        raise NotFound
    try:
        messages.success(request, way(actor_of(request), request.POST.get("reason", "")))
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("workspace:national:overview")


def _number(text: str) -> int | None:
    return whole_number(text)


def _words(seconds: float) -> str:
    minutes = max(int(seconds // 60), 0)
    if minutes < 1:
        return "dưới một phút"
    hours, days = minutes // 60 % 24, minutes // 1_440
    if days:
        return f"{days} ngày {hours} giờ"
    return f"{hours} giờ {minutes % 60} phút" if hours else f"{minutes} phút"
