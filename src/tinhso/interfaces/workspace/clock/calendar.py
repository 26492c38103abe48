"""The office calendar (lịch làm việc): the special days of a year, and a day announced meanwhile."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.calendars import actions, queries
from tinhso.apps.calendars.permissions import CalendarPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Forbidden, Invalid
from tinhso.lib.text import whole_number
from tinhso.lib.worktime import DayKind

_KINDS = {
    DayKind.HOLIDAY: ("Nghỉ lễ, Tết", "info"), DayKind.COMPENSATORY: ("Nghỉ bù", "info"),
    DayKind.SWAPPED_OFF: ("Nghỉ hoán đổi", "info"), DayKind.SWAPPED_WORKING: ("Làm bù", "ok"),
    DayKind.CLOSURE: ("Đóng cửa", "soon"),
}  # fmt: skip
_TYPED = ("day", "kind", "name", "basis", "made_up_on")


@officer(CalendarPermission.PUBLISH)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The special days of a year with their legal basis, and the form for one more."""
    return _page(request)


@officer(CalendarPermission.PUBLISH)
@require_POST
def announce(request: HttpRequest) -> HttpResponse:
    """One more day off; open due dates follow in the background."""
    sent = {key: str(request.POST.get(key, "")).strip()[:300] for key in _TYPED}
    try:
        made = actions.announce_day(
            calendar_key=_chosen(request), day=_day(sent["day"]), kind=_kind(sent["kind"]), name=sent["name"],
            basis=sent["basis"], made_up_on=_day(sent["made_up_on"]) if sent["made_up_on"] else None,
            actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except Forbidden:
        raise
    except DomainError as refusal:
        return _page(request, values=sent, error=refusal.message, status=refusal.status)
    return _published(request, made.key, made.number)


@officer(CalendarPermission.PUBLISH)
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """A day announced by mistake is taken back."""
    try:
        made = actions.withdraw_day(
            calendar_key=_chosen(request), day=_day(request.POST.get("day", "")), actor=actor_of(request),
            reason=request.POST.get("reason", "")[:300], at=clock.now(),
        )  # fmt: skip
    except Forbidden:
        raise
    except DomainError as refusal:
        return _page(request, error=refusal.message, status=refusal.status)
    return _published(request, made.key, made.number)


def _published(request: HttpRequest, key: str, number: int) -> HttpResponse:
    messages.success(
        request, f"Đã công bố lịch phiên bản {number}. Ngày hẹn của hồ sơ đang giải quyết được tính lại ở nền."
    )
    return redirect(f"{reverse('workspace:clock:calendar')}?{urlencode({'lich': key})}")


def _page(
    request: HttpRequest, *, values: dict[str, str] | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    key = _chosen(request)
    definition = queries.get_definition(calendar_key=key)
    asked = whole_number(request.GET.get("nam", ""), digits=4)
    years = range(definition.first.year, definition.last.year + 1)
    year = asked if asked is not None and asked in years else clock.today().year
    announced = queries.announced_days(calendar_key=key)
    context: dict[str, Any] = {
        "calendar": definition, "year": year, "years": list(years),
        "calendars": sorted({(found.key, found.title) for found in queries.list_versions()}),
        "latest": queries.latest_version(calendar_key=key),
        "days": [(one, *_KINDS[one.kind], one.day in announced) for one in definition.days if one.day.year == year],
        "kinds": [(str(kind), _KINDS[kind][0]) for kind in (DayKind.HOLIDAY, DayKind.CLOSURE)],
        "values": dict.fromkeys(("day", "kind", "name", "basis", "made_up_on"), "") | (values or {}), "error": error,
    }  # fmt: skip
    return page(request, "workspace/clock/calendar.html", context, place="calendar", status=status)


def _chosen(request: HttpRequest) -> str:
    """The calendar asked for, or the first one published."""
    keys = sorted({found.key for found in queries.list_versions()})
    asked = request.POST.get("lich") or request.GET.get("lich") or ""
    if asked in keys:
        return asked
    if not keys:
        raise queries.CalendarNotPublished
    return keys[0]


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        raise Invalid("Mời ghi ngày theo mẫu ngày/tháng/năm, ví dụ 31/12/2026.") from None


def _kind(text: str) -> DayKind:
    try:
        return DayKind(text)
    except ValueError:
        raise Invalid("Chọn nghỉ lễ hoặc đóng cửa.") from None
