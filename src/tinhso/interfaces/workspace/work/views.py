"""An officer's own work: reminders, filters kept, days away (việc của riêng cán bộ)."""

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import Shelf
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day
from tinhso.interfaces.workspace.shell import shelf_address
from tinhso.kernel import clock
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import whole_number


@officer(CasePermission.VIEW)
@require_http_methods(["GET", "POST"])
def reminders(request: HttpRequest) -> HttpResponse:
    """What runs out, whom it is reported to, who has written (nhắc việc); posting marks what is shown as seen."""
    actor = actor_of(request)
    if request.method == "POST":
        shown = [number for text in request.POST.getlist("id") if (number := whole_number(text)) is not None]
        actions.see_reminders(reminder_ids=shown, actor=actor, at=clock.now())
        return redirect("workspace:work:reminders")
    rows = queries.list_reminders(actor=actor)
    context = {
        "rows": rows,
        "fresh": [row.id for row in rows if row.is_new],
        "rule": queries.reminder_rule(clock.now()),
    }
    return page(request, "workspace/work/reminders.html", context, place="reminders")


@officer(CasePermission.VIEW)
@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep what the list is filtered by, under a name, and go on with it."""
    query = {key: request.POST.get(key, "") for key in ("shelf", "q", "nguoi", "nhan")}
    try:
        actions.save_filter(name=request.POST.get("name", ""), query=query, actor=actor_of(request), at=clock.now())
        messages.success(request, "Đã lưu bộ lọc.")
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect(filter_address(query))


@officer(CasePermission.VIEW)
@require_http_methods(["GET", "POST"])
def filters(request: HttpRequest) -> HttpResponse:
    """The filters kept, to take away what is not used any more."""
    actor = actor_of(request)
    if request.method == "POST":
        actions.remove_filter(filter_id=_number(request, "filter") or 0, actor=actor, at=clock.now())
        messages.success(request, "Đã xóa bộ lọc.")
        return redirect("workspace:work:filters")
    rows = [(one, filter_address(one.query)) for one in queries.saved_filters(actor=actor)]
    return page(request, "workspace/work/filters.html", {"rows": rows}, place="filters")


def filter_address(query: dict[str, str]) -> str:
    """The list that a kept filter shows."""
    known = {shelf.value: shelf for shelf in Shelf}
    shelf = known.get(query.get("shelf", ""), Shelf.MINE)
    kept = {key: query[key] for key in ("q", "nguoi", "nhan") if query.get(key)}
    return shelf_address(shelf) + ("?" + urlencode(kept) if kept else "")


@officer(CasePermission.VIEW)
@require_safe
def absences(request: HttpRequest) -> HttpResponse:
    """One's own days away, whom one stands in for, and the work that waits there (nghỉ và làm thay)."""
    return absence_page(request)


@officer(CasePermission.VIEW)
@require_POST
def record(request: HttpRequest) -> HttpResponse:
    """Record days away: one's own, or (for a head) a colleague's."""
    actor, at = actor_of(request), clock.now()
    who = _number(request, "account") or actor.account_id or 0
    try:
        actions.record_absence(
            account_id=who, substitute_id=_number(request, "substitute"), from_date=_date(request, "from"),
            to_date=_date(request, "to"), reason=request.POST.get("reason", ""), actor=actor, at=at,
        )  # fmt: skip
    except Invalid as refusal:
        if _number(request, "unit"):
            messages.error(request, refusal.message)
            return redirect("workspace:work:unit", unit_id=_number(request, "unit"))
        return absence_page(request, problem=refusal.message, status=422)
    messages.success(request, "Đã ghi ngày nghỉ.")
    return _back(request)


@officer(CasePermission.VIEW)
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Take an absence back."""
    actions.cancel_absence(absence_id=_number(request, "absence") or 0, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã bỏ lịch nghỉ.")
    return _back(request)


def absence_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of one's own absences."""
    actor, at = actor_of(request), clock.now()
    standing = sorted(queries.stands_in_for(actor=actor, at=at))
    names = accounts.account_names(standing)
    context = {
        "rows": queries.my_absences(actor=actor, at=at),
        "colleagues": [one for one in queries.people_of(actor.unit_id, at=at) if one.id != actor.account_id]
        if actor.unit_id
        else [],
        "standing": [(who, names[who], queries.open_work_of(actor=actor, account_id=who)) for who in standing],
        "problem": problem,
    }
    return page(request, "workspace/work/absences.html", context, place="absences", status=status)


def _back(request: HttpRequest) -> HttpResponse:
    unit_id = _number(request, "unit")
    return redirect(reverse("workspace:work:unit", args=[unit_id]) if unit_id else reverse("workspace:work:absences"))


def _number(request: HttpRequest, name: str) -> int | None:
    return whole_number(request.POST.get(name, ""))


def _date(request: HttpRequest, name: str) -> date:
    """A day as `dd/mm/yyyy` or a browser's ISO.

    Raises:
        Invalid: neither.
    """
    try:
        return parse_day(request.POST.get(name, ""))
    except ValueError:
        raise Invalid("Ngày viết theo dạng ngày/tháng/năm, ví dụ 15/06/2026.") from None
