"""Whose a case is, what is marked on it, what has been said about it: regions of the case page and their forms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from tinhso.apps.cases import actions, permissions, queries
from tinhso.apps.cases.data import SourceNotOpen
from tinhso.apps.cases.enums import CaseStatus, MessageSide, ReadyPurpose, SourceSettlement
from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Conflict, Invalid
from tinhso.lib.text import whole_number

# Which ready texts go with which act of the case page.
PURPOSES = {
    "yeu-cau-bo-sung": ReadyPurpose.SUPPLEMENT,
    "tu-choi": ReadyPurpose.REFUSAL,
    "trinh": ReadyPurpose.REFUSAL,
    "tra-lai": ReadyPurpose.RETURN,
    "dung": ReadyPurpose.STOP,
    "tam-dung": ReadyPurpose.STOP,
    "gia-han": ReadyPurpose.EXTENSION,
    "trao-doi": ReadyPurpose.MESSAGE,
}


@dataclass(frozen=True, slots=True)
class Work:
    """What the case page shows of the sharing of work."""

    may_work: bool
    may_claim: bool
    stands_in: bool
    may_release: bool
    labels: list[Any]
    more_labels: list[Any]
    notes: list[Any]
    thread: list[Any]
    unread: int
    ready: list[Any]
    purposes: dict[str, str]


def work_of(actor: Actor, case: Any, *, at: datetime) -> Work:
    """The regions for this officer; what the applicant has written counts as read once it is shown to who works on it."""
    may_work = permissions.works_on(actor, case)
    thread = queries.thread_of(case)
    unread = sum(one.is_unread and one.side == MessageSide.APPLICANT for one in thread)
    if unread and may_work:
        actions.read_messages(case_id=case.pk, actor=actor, at=at)
    labels = queries.labels_on(case)
    worn = {label.pk for label in labels}
    units = {unit_id for unit_id in (case.unit_id, case.step_unit_id, *case.desk_unit_ids) if unit_id}
    may_take = case.status in {CaseStatus.RECEIVED, CaseStatus.PROCESSING} and permissions.can_take(actor, case)
    stands_in = may_take and case.assignee_id in queries.stands_in_for(actor=actor, at=at)
    return Work(
        may_work=may_work, may_claim=may_take and (case.assignee_id is None or stands_in), stands_in=stands_in,
        may_release=permissions.can_release(actor, case), labels=labels,
        more_labels=[label for label in queries.labels_for(units) if label.pk not in worn] if may_work else [],
        notes=queries.notes_of(case), thread=thread, unread=unread,
        ready=queries.ready_texts(unit_ids=units, procedure_code=case.procedure_code) if may_work else [],
        purposes={slug: purpose.value for slug, purpose in PURPOSES.items()},
    )  # fmt: skip


@officer(CasePermission.VIEW)
@require_POST
def work(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """One small act on the work of a case; the page says what became of it where it was pressed."""
    case = queries.get_case(actor=actor_of(request), code=code)
    handler = _HANDLERS.get(slug)
    if handler is None:
        raise Http404
    place = {"ghi-chu": "#ghi-chu", "trao-doi": "#trao-doi", "nguon": ""}.get(slug, "#nhan")
    try:
        messages.success(request, handler(request, case, actor_of(request), clock.now()))
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.message)
    return redirect(reverse("workspace:cases:detail", args=[case.code]) + place)


def _claim(request: HttpRequest, case: Any, actor: Actor, at: datetime) -> str:
    step = request.POST.get("_step", "")
    actions.claim_case(case_id=case.pk, step=step, actor=actor, at=at)
    return "Bạn đã nhận việc này."


def _release(request: HttpRequest, case: Any, actor: Actor, at: datetime) -> str:
    actions.release_case(case_id=case.pk, actor=actor, at=at)
    return "Đã trả việc cho cả đơn vị."


def _put(request: HttpRequest, case: Any, actor: Actor, at: datetime) -> str:
    actions.put_label(case_id=case.pk, label_id=_number(request, "label"), actor=actor, at=at)
    return "Đã gắn nhãn."


def _take(request: HttpRequest, case: Any, actor: Actor, at: datetime) -> str:
    actions.take_label(case_id=case.pk, label_id=_number(request, "label"), actor=actor, at=at)
    return "Đã gỡ nhãn."


def _note(request: HttpRequest, case: Any, actor: Actor, at: datetime) -> str:
    actions.write_note(case_id=case.pk, text=request.POST.get("text", ""), actor=actor, at=at)
    return "Đã ghi chú. Người nộp không thấy ghi chú này."


def _message(request: HttpRequest, case: Any, actor: Actor, at: datetime) -> str:
    actions.send_message(case_id=case.pk, text=request.POST.get("text", ""), actor=actor, at=at)
    return "Đã gửi cho người nộp."


def _settle(request: HttpRequest, case: Any, actor: Actor, at: datetime) -> str:
    if not any(alert.pk == _number(request, "alert") for alert in queries.source_alerts(case)):
        raise SourceNotOpen
    alert = actions.settle_source(
        alert_id=_number(request, "alert"), settlement=request.POST.get("settlement", ""),
        note=request.POST.get("note", "").replace("\x00", ""), actor=actor, at=at,
    )  # fmt: skip
    return f"{alert.document.name}: {SourceSettlement(alert.settlement).label.lower()}."


def _number(request: HttpRequest, name: str) -> int:
    return whole_number(request.POST.get(name, "")) or 0


_HANDLERS: dict[str, Callable[[HttpRequest, Any, Actor, datetime], str]] = {
    "nhan-viec": _claim,
    "tra-viec": _release,
    "gan-nhan": _put,
    "go-nhan": _take,
    "ghi-chu": _note,
    "trao-doi": _message,
    "nguon": _settle,
}
