"""One case on one page: what it is, where it is, why that date, what to do now (trang hồ sơ)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases import permissions, queries
from tinhso.apps.cases.enums import PUBLIC_STATE, CaseStatus, PaperKind, ResultStatus
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import queries as payments
from tinhso.apps.payments.permissions import PaymentPermission
from tinhso.apps.procedures.data import Package
from tinhso.apps.vault.permissions import VaultPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.ui.formats import format_datetime
from tinhso.interfaces.ui.process import Drawing, draw
from tinhso.interfaces.workspace.cases import consultation_acts, history, presenter
from tinhso.interfaces.workspace.cases.desk import desks
from tinhso.interfaces.workspace.cases.history_papers import tell_papers
from tinhso.interfaces.workspace.cases.work import work_of
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.qr import qr_svg

_READ = ["applicant", "answers"]
_WAITING_FOR_PAPER = {
    CaseStatus.RECEIVED: PaperKind.ACKNOWLEDGEMENT,
    CaseStatus.PROCESSING: PaperKind.ACKNOWLEDGEMENT,
}


@officer(CasePermission.VIEW)
@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """The case page. Opening it is written into the log of readings before anything is shown."""
    return case_page(request, queries.get_case(actor=actor_of(request), code=code))


@officer(CasePermission.VIEW)
@require_POST
def reveal(request: HttpRequest, code: str) -> HttpResponse:
    """The personal numbers in full, once, for a reason that the log keeps (xem số định danh)."""
    case = queries.get_case(actor=actor_of(request), code=code)
    reason = request.POST.get("reason", "").strip()[:300]
    if not reason:
        messages.error(request, "Mời ghi lý do cần xem số định danh; lý do được ghi vào nhật ký.")
        return case_page(request, case, status=422)
    return case_page(request, case, revealed_for=reason)


@officer(CasePermission.VIEW)
@require_safe
def signing_state(request: HttpRequest, code: str) -> HttpResponse:
    """Asked by the page every two seconds while a result is being signed: nothing yet, or look again."""
    case = queries.get_case(actor=actor_of(request), code=code)
    response = HttpResponse(status=204)
    if not any(result.status == ResultStatus.APPROVED for result in case.results.all()):
        response["HX-Refresh"] = "true"
    return response


def case_page(
    request: HttpRequest,
    case: Any,
    *,
    revealed_for: str = "",
    refusal: Mapping[str, Any] | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page; `refusal` is what `desks` needs to show a refused act again, `notice` a sentence at the top."""
    actor, now = actor_of(request), clock.now()
    purpose, read = (
        revealed_for or "Xem hồ sơ để giải quyết",
        [*_READ, *(["applicant_personal_id"] if revealed_for else [])],
    )
    record_disclosure(subject=f"case:{case.pk}", purpose=purpose, fields=read, actor=actor, at=now)
    package = queries.get_package(case)
    entries, asked = queries.timeline_of(case), queries.consultations_of(case)
    state = CaseStatus(case.status)
    found = presenter.outcomes(case, package.draft)
    context = {
        "case": case,
        "title": package.facts.title,
        "state": PUBLIC_STATE[state].value,
        "fine_state": state.label,
        "unit": directory.get_unit(case.unit_id),
        "channel": case.get_channel_display().lower(),
        "step_unit": directory.get_unit(case.step_unit_id).name if case.step_unit_id else "",
        "position": _position(case, package),
        **_time(case, now, entries),
        "applicant": presenter.applicant_rows(case, reveal=bool(revealed_for)),
        "sections": presenter.answers(case, reveal=bool(revealed_for)),
        "revealed": bool(revealed_for),
        "pieces": presenter.pieces(case),
        "letters": presenter.letters(case),
        "may_scan": permissions.can_scan(actor, case) and case.status in queries.SCANNED_IN,
        "may_print": state in _WAITING_FOR_PAPER and case.received_at is not None,
        "outcomes": found,
        "is_signing": any(outcome.is_signing for outcome in found),
        "transfer": _transfer(case),
        **_rating(case),
        "supplement": next((s for s in case.supplements.all() if s.answered_at is None), None),
        "history": _history(case, entries, package),
        "handovers": presenter.handovers(case),
        "opinions": consultation_acts.opinions(asked, now),
        "process": _process(case, package, now),
        "twins": presenter.same_person(case, actor, now),
        "desks": desks(actor=actor, case=case, now=now, asked=asked, **(refusal or {})),
        "notice": notice,
        "sources": queries.source_alerts(case),
        "may_consult_vault": actor.has(VaultPermission.CONSULT) and queries.is_in_work(case),
        "may_look_up": bool(package.lookups) and actor.has(CasePermission.LOOK_UP),
        "work": work_of(actor, case, at=now),
        **_linked(actor, case, package, now),
        **_money(actor, case),
    }
    response = page(request, "workspace/cases/detail.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _money(actor: Actor, case: Any) -> dict[str, Any]:
    """What the case owes, and the counter's means to take it."""
    may_collect = actor.has(PaymentPermission.COLLECT)
    return {
        "bills": payments.bills_of(f"case:{case.pk}") if case.fee_vnd or case.code else [],
        "may_collect": may_collect,
        "cash_shift": payments.open_shift_of(actor) if may_collect else None,
        "collect_key": uuid.uuid4().hex,
    }


def _linked(actor: Actor, case: Any, package: Package, now: datetime) -> dict[str, Any]:
    """The whole of a linked case, where this case is one or is a leg of one."""
    if case.parent_id is None and package.group is None:
        return {"linked": None}
    found = queries.linked_of(actor=actor, case=case, now=now)
    at_work = case.status in {CaseStatus.RECEIVED, CaseStatus.PROCESSING}
    may_ask = at_work and found is not None and found.own is not None and bool(found.own.after)
    return {"linked": found, "may_ask_correction": may_ask and queries.may_request_supplement(actor=actor, case=case)}


def _process(case: Any, package: Any, now: datetime) -> Drawing | None:
    """The way of this case through its process; none for a linked whole, whose legs have theirs."""
    graph = queries.process_of_case(case, package, on=now.astimezone(PROVINCE_TIME).date())
    return draw(graph, current=case.step_key, is_over=case.resolved_at is not None and not case.step_key)


def _rating(case: Any) -> dict[str, Any]:
    """The QR with which who took the result rates the service, until it is rated."""
    if case.status != CaseStatus.DELIVERED or getattr(case, "rating", None) is not None:
        return {"rating_qr": "", "rating_address": ""}
    address = f"{settings.BASE_URL}/danh-gia/{queries.rating_link(case)}"
    return {"rating_qr": qr_svg(address), "rating_address": address}


def _transfer(case: Any) -> dict[str, Any] | None:
    """The hand-over under way, in words."""
    found = queries.open_transfer(case) if queries.is_travelling(case) else None
    if found is None:
        return None
    names = {key: directory.get_unit(getattr(found, f"{key}_id")).name for key in ("from_unit", "to_unit")}
    return {**names, "sent_at": found.sent_at, "reason": found.reason}


def _position(case: Any, package: Any) -> str:
    """`Bước 3/6`: where the case stands in its process."""
    keys = [step.key for step in package.workflow.taken]
    return f"Bước {keys.index(case.step_key) + 1}/{len(keys)}" if case.step_key in keys else ""


def _time(case: Any, now: Any, entries: Any) -> dict[str, Any]:
    if case.received_at is None:
        return {"bar": None, "explained": None, "shares": ()}
    explained = queries.explain_deadline(case, now, entries=entries)
    limit = f" · {explained.limit_label}" if explained else ""
    return {
        "bar": queries.time_bar_of(case, now),
        "explained": explained,
        "shares": presenter.time_shares(case, now, entries),
        "received_words": f"Tiếp nhận {format_datetime(case.received_at)}",
        "due_words": f"Hẹn trả {format_datetime(case.due_at)}{limit}" if case.due_at else f"Đang dừng{limit}",
    }


def case_address(case: Any) -> str:
    """The page of a case."""
    return reverse("workspace:cases:detail", args=[case.code])


def _history(case: Any, entries: Sequence[EntryData], package: Package) -> list[history.Sentence]:
    """The log and the ways of the paper file in one line of time."""
    told = history.tell(entries, steps={step.key: step.name for step in package.workflow.steps})
    return sorted([*told, *tell_papers(case.pk)], key=lambda sentence: sentence.at)
