"""The directory of the axis of documents: who can be written to, what has changed, where it differs from our own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.exchange import flows, queries
from tinhso.apps.exchange.permissions import ExchangePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.exchange.shared import LONGEST_QUERY, exchange_page
from tinhso.interfaces.workspace.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.actions import require

_PAGE = 50


@officer(ExchangePermission.CATALOGUE)
@require_http_methods(["GET", "POST"])
def agencies(request: HttpRequest) -> HttpResponse:
    """Agencies by code or name, changes and differences; posting reads the whole directory now."""
    actor, now = actor_of(request), clock.now()
    if request.method == "POST":
        require(actor.has(ExchangePermission.MANAGE))
        done = flows.synchronise_axis_directory(is_whole=True, actor=actor, at=now)
        if done is None:
            messages.error(request, "Chưa đọc được danh bạ của trục.")
        else:
            messages.success(request, f"Đã đọc danh bạ: {done.added} mới, {done.changed} đổi, {done.left} rời trục.")
        return redirect("workspace:exchange:axis")
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    after = request.GET.get("sau", "").replace("\x00", "")[:LONGEST_QUERY]
    rows = queries.list_axis_agencies(actor=actor, text=text, after=after, limit=_PAGE + 1)
    state = queries.axis_state(actor=actor)
    # Before the first reading everything would differ.
    may_compare = state.synchronised_at is not None and actor.has(ExchangePermission.VIEW) and not (text or after)
    context = {
        "state": state, "rows": rows[:_PAGE], "query": text, "after": after,
        "next": rows[_PAGE - 1].code if len(rows) > _PAGE else "",
        "changes": queries.axis_changes(actor=actor, limit=20) if not (text or after) else [],
        "may_manage": actor.has(ExchangePermission.MANAGE),
        "differences": queries.axis_differences(actor=actor, on=clock.today()) if may_compare else [],
    }  # fmt: skip
    return exchange_page(request, "axis", context, tab="axis")


@officer(ExchangePermission.CATALOGUE)
@require_safe
def agency(request: HttpRequest, agency_code: str) -> HttpResponse:
    """An agency and what it was called before."""
    periods = queries.axis_history(agency_code.replace("\x00", ""), actor=actor_of(request))
    return exchange_page(request, "axis_agency", {"latest": periods[0], "periods": periods}, tab="axis")
