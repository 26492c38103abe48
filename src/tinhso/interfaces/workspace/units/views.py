"""Units and their people, today and on any day (đơn vị, cán bộ)."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.accounts.permissions import can_manage_accounts
from tinhso.apps.calendars import queries as calendars
from tinhso.apps.directory import queries
from tinhso.apps.directory.data import HoldingData, PostData, UnitData
from tinhso.apps.directory.enums import CodeScheme, UnitKind
from tinhso.apps.directory.permissions import DirectoryPermission, can_manage, can_view_staff
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day
from tinhso.interfaces.workspace.units import acts
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Invalid, NotFound
from tinhso.lib.text import sort_key

_MOST_FOUND = 60
_ASSUMED = {"code": "mã định danh", "name": "tên", "valid_from": "ngày thành lập", "valid_to": "ngày kết thúc"}


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit with those right below it."""

    unit: UnitData
    children: tuple[UnitData, ...]


@officer(DirectoryPermission.VIEW)
@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """The province as a tree of agencies and communes, or what answers a search (cây đơn vị)."""
    on = clock.today()
    q = request.GET.get("q", "").strip()[:100]
    found = queries.search_units(q, former_names=True, limit=_MOST_FOUND) if q else []
    province = queries.get_province(on)
    children = [unit for unit in queries.list_units(on=on, parent_id=province.id) if unit.id != province.id]
    below: dict[int | None, list[UnitData]] = {}
    for unit in queries.list_units(on=on, under_id=province.id):
        below.setdefault(unit.parent_id, []).append(unit)
    branches = [Branch(unit, tuple(below.get(unit.id, ()))) for unit in children]
    context = {
        "q": q,
        "found": found,
        "province": province,
        "agencies": [branch for branch in branches if not branch.unit.kind.is_administrative],
        "communes": [branch for branch in branches if branch.unit.kind.is_administrative],
        "today": on,
    }
    return page(request, "workspace/units/tree.html", context, place="units")


@officer(DirectoryPermission.VIEW)
@require_safe
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One unit: names, codes, what it was and became, posts, and staff for those who may see them."""
    return _unit_page(request, unit_id)


@officer(DirectoryPermission.MANAGE)
@require_POST
def act(request: HttpRequest, unit_id: int, slug: str) -> HttpResponse:
    """Change who works in the unit: appoint, end, delegate, give a role."""
    handler = acts.HANDLERS.get(slug)
    if handler is None or not can_manage(actor_of(request), unit_id):
        raise Http404
    try:
        messages.success(request, handler(request, unit_id))
    except DomainError as refusal:
        told = refusal.errors[0].message if isinstance(refusal, Invalid) and refusal.errors else refusal.message
        return _unit_page(request, unit_id, error=told, status=refusal.status)
    return redirect("workspace:units:unit", unit_id)


def _unit_page(request: HttpRequest, unit_id: int, *, error: str = "", status: int = 200) -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    on, problem = _day(request.GET.get("ngay", ""), today)
    found = queries.get_unit(unit_id)
    may_see_staff = can_view_staff(actor, unit_id)
    one_stop = queries.one_stop_of(unit_id, on) if found.kind != UnitKind.ONE_STOP else None
    may_manage = can_manage(actor, unit_id) and found.is_valid_on(today)
    context = {
        **(acts.managing(actor, found, today) if may_manage else {}),
        "may_manage": may_manage,
        "may_take_on": may_manage and can_manage_accounts(actor, unit_id=unit_id),
        "error": error,
        "unit": found,
        "on": on,
        "today": today,
        "problem": problem,
        "is_valid": found.is_valid_on(on),
        "parents": list(reversed(queries.ancestors_of(unit_id))),
        "children": queries.list_units(on=on, parent_id=unit_id),
        "names": found.names,
        "codes": [(CodeScheme(code.scheme).label, code) for code in found.codes],
        "assumed": [_ASSUMED.get(name, name) for name in found.assumed],
        "successors": queries.successors_of(unit_id, today) if not found.is_valid_on(today) else (),
        "predecessors": _predecessors(found, today),
        "fields": sorted(queries.fields_of(unit_id, on), key=sort_key),
        "one_stop": one_stop,
        "calendar_name": _calendar_name(found.calendar_key),
        "may_see_staff": may_see_staff,
        "posts": _posts(queries.list_posts(unit_id), queries.list_staff(actor=actor, unit_id=unit_id, on=on))
        if may_see_staff
        else [],
        "delegations": queries.list_delegations(actor=actor, unit_id=unit_id, on=on) if may_see_staff else [],
    }
    return page(request, "workspace/units/unit.html", context, place="units", status=status)


@officer(DirectoryPermission.VIEW)
@require_safe
def on_a_day(request: HttpRequest) -> HttpResponse:
    """Which unit a code meant on a day, and what has become of it (đơn vị này ngày ấy là gì)."""
    today = clock.today()
    code = request.GET.get("ma", "").strip()[:40]
    on, problem = _day(request.GET.get("ngay", ""), today)
    found = None
    if code and not problem:
        try:
            found = queries.unit_on(code, on, today=today)
        except NotFound as refusal:
            problem = refusal.message
    context = {"code": code, "on": on, "found": found, "problem": problem, "today": today}
    status = 422 if problem and code else 200
    return page(request, "workspace/units/on_a_day.html", context, place="units", status=status)


def _calendar_name(key: str) -> str:
    try:
        return calendars.get_definition(calendar_key=key).title
    except NotFound:
        return "chưa công bố lịch"


def _predecessors(unit: UnitData, today: date) -> list[UnitData]:
    """The units that this one took over from when it began."""
    if unit.valid_from is None:
        return []
    eve = date.fromordinal(unit.valid_from.toordinal() - 1)
    former = [one for one in queries.list_units(on=eve) if one.valid_to is not None and one.kind.is_administrative]
    return [
        one for one in former if any(heir.unit.id == unit.id for heir in queries.successors_of(one.id, unit.valid_from))
    ]


def _posts(posts: list[PostData], holdings: list[HoldingData]) -> list[tuple[PostData, list[HoldingData]]]:
    return [(post, [holding for holding in holdings if holding.post.id == post.id]) for post in posts]


def _day(text: str, today: date) -> tuple[date, str]:
    """A day typed as `dd/mm/yyyy` (or a browser's ISO); today and a sentence when it is no day."""
    if not text.strip():
        return today, ""
    try:
        return parse_day(text), ""
    except ValueError:
        return today, "Ngày viết theo dạng ngày/tháng/năm, ví dụ 15/06/2025."
