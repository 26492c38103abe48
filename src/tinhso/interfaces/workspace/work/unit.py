"""How a unit's work is arranged: who has how much, teams, labels, ready texts, who is away (công việc của đơn vị)."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import AssignmentStrategy, LabelTone, ReadyPurpose
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tinhso.lib.text import whole_number


@officer(CasePermission.MANAGE_WORK)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The unit whose work the officer arranges first: his own."""
    actor = actor_of(request)
    units = sorted(actor.unit_ids_for(CasePermission.MANAGE_WORK))
    own = actor.unit_id if actor.unit_id in units else units[0]
    return redirect("workspace:work:unit", unit_id=own)


@officer(CasePermission.MANAGE_WORK)
@require_safe
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One unit's arrangements on one page."""
    actor, at = actor_of(request), clock.now()
    try:
        loads = queries.loads(actor=actor, unit_id=unit_id, at=at)
    except Forbidden:  # somebody else's unit looks like none
        raise NotFound("Không có đơn vị này trong phạm vi bạn phụ trách.") from None
    found, mine = directory.get_unit(unit_id), actor.unit_ids_for(CasePermission.MANAGE_WORK)
    away = queries.absences_of_unit(actor=actor, unit_id=unit_id, at=at)
    context = {
        "unit": found,
        "loads": loads,
        "teams": queries.list_teams(actor=actor, unit_id=unit_id),
        "blank": queries.TeamView(0, unit_id, "", (), "", "", is_active=True, members=()),
        "strategies": AssignmentStrategy.choices,
        "fields": sorted(directory.fields_of(unit_id, clock.today())),
        "labels": [one for one in queries.labels_for([unit_id]) if one.unit_id == unit_id],
        "tones": LabelTone.choices,
        "texts": queries.ready_texts_of_unit(actor=actor, unit_id=unit_id),
        "purposes": ReadyPurpose.choices,
        "absences": [(one, queries.open_work_of(actor=actor, account_id=one.account_id)) for one in away],
        "people": queries.people_of(unit_id, at=at, below=True),
        "children": [one for one in directory.list_units(on=clock.today(), parent_id=unit_id) if one.id in mine],
        "parents": [one for one in directory.ancestors_of(unit_id) if one.id in mine],
    }
    return page(request, "workspace/work/unit.html", context, place="unit_work")


@officer(CasePermission.MANAGE_WORK)
@require_POST
def change(request: HttpRequest, unit_id: int, slug: str) -> HttpResponse:
    """One change of the unit's arrangements."""
    handler = _HANDLERS.get(slug)
    if handler is None:
        raise Http404
    try:
        messages.success(request, handler(request, unit_id, actor_of(request), clock.now()))
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.message)
    return redirect("workspace:work:unit", unit_id=unit_id)


def _save_team(request: HttpRequest, unit_id: int, actor: Actor, at: datetime) -> str:
    sent = request.POST
    team = actions.save_team(
        team_id=_number(sent.get("team", "")), unit_id=unit_id, name=sent.get("name", ""), fields=sent.getlist("fields"),
        strategy=sent.get("strategy", ""), is_active=sent.get("active") == "1", actor=actor, at=at,
    )  # fmt: skip
    return f"Đã lưu tổ «{team.name}»."


def _set_members(request: HttpRequest, unit_id: int, actor: Actor, at: datetime) -> str:
    shares = {
        member: share
        for name in request.POST
        if name.startswith("share.")
        and (member := whole_number(name.removeprefix("share."))) is not None
        and (share := whole_number(request.POST.get(name, "")))
    }
    team = actions.set_team_members(
        team_id=_number(request.POST.get("team", "")) or 0, shares=shares, actor=actor, at=at
    )
    return f"Tổ «{team.name}» có {len(shares)} người."


def _save_label(request: HttpRequest, unit_id: int, actor: Actor, at: datetime) -> str:
    label = actions.save_label(
        label_id=_number(request.POST.get("label", "")), unit_id=unit_id, name=request.POST.get("name", ""),
        tone=request.POST.get("tone", LabelTone.NEUTRAL), actor=actor, at=at,
    )  # fmt: skip
    return f"Đã lưu nhãn «{label.name}»."


def _remove_label(request: HttpRequest, unit_id: int, actor: Actor, at: datetime) -> str:
    actions.remove_label(label_id=_number(request.POST.get("label", "")) or 0, actor=actor, at=at)
    return "Đã xóa nhãn khỏi mọi hồ sơ."


def _save_text(request: HttpRequest, unit_id: int, actor: Actor, at: datetime) -> str:
    sent = request.POST
    text = actions.save_ready_text(
        text_id=_number(sent.get("ready", "")), unit_id=unit_id, purpose=sent.get("purpose", ""),
        title=sent.get("title", ""), text=sent.get("text", ""), procedure_code=sent.get("procedure", ""), actor=actor,
        at=at,
    )  # fmt: skip
    return f"Đã lưu câu «{text.title}»."


def _remove_text(request: HttpRequest, unit_id: int, actor: Actor, at: datetime) -> str:
    actions.remove_ready_text(text_id=_number(request.POST.get("ready", "")) or 0, actor=actor, at=at)
    return "Đã xóa câu soạn sẵn."


_HANDLERS: dict[str, Callable[[HttpRequest, int, Actor, datetime], str]] = {
    "to": _save_team,
    "nguoi-trong-to": _set_members,
    "nhan": _save_label,
    "xoa-nhan": _remove_label,
    "cau": _save_text,
    "xoa-cau": _remove_text,
}


def _number(text: str) -> int | None:
    return whole_number(text)
