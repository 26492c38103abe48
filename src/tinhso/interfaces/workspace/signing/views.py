"""Approving and signing many results: look, mark, confirm once, read what became of each (ký duyệt hàng loạt)."""

from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import ResultOutcome, ResultStatus
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import ListedCase, Shelf
from tinhso.apps.directory import queries as directory
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import NotFound
from tinhso.lib.text import whole_number

MOST = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """One draft that waits for this leader's signature."""

    case: ListedCase
    title: str
    step: str
    result_name: str
    outcome: str
    refused: bool
    text: str
    proposed_by: str
    failure: str
    marked: bool


@officer(CasePermission.APPROVE)
@require_http_methods(["GET", "POST"])
def batch(request: HttpRequest) -> HttpResponse:
    """The list; the marked ones once more to confirm; one consent starts a job that tells each outcome."""
    actor = actor_of(request)
    chosen = (request.POST if request.method == "POST" else request.GET).getlist("case")[:MOST]
    if request.method == "POST" and "confirmed" in request.POST:
        return _consent(request, actor, chosen)
    waiting = _waiting(actor, set(chosen))
    marked = [row for row in waiting if row.marked]
    if request.method == "POST" and marked:
        return page(request, "workspace/signing/confirm.html", {"rows": marked}, place="signing")
    context = {"rows": waiting, "nothing_marked": request.method == "POST", **_standing(actor), **_in_hand(actor)}
    status = 422 if request.method == "POST" else 200
    return page(request, "workspace/signing/list.html", context, place="signing", status=status)


def _standing(actor: Actor) -> dict[str, Any]:
    """Under which delegations the actor signs today, and which leaders of his units are away."""
    now = clock.now()
    on = now.astimezone(PROVINCE_TIME).date()
    staff_id = accounts.get_account(actor.account_id).staff_id if actor.account_id else None
    lent = directory.delegations_to(staff_id, on) if staff_id else []
    away = queries.absent_leaders(unit_ids=actor.unit_ids_for(CasePermission.APPROVE), at=now)
    return {
        "delegations": [(one, directory.get_unit(one.from_post.unit_id).agency_name) for one in lent],
        "away": [one for one in away if one.account_id != actor.account_id],
    }


def _waiting(actor: Actor, chosen: set[str]) -> list[Waiting]:
    now = clock.now()
    found = queries.worklist(actor=actor, shelf=Shelf.TO_SIGN, now=now, limit=MOST).items
    cases = queries.visible_to(actor).filter(pk__in=[item.id for item in found]).prefetch_related("results")
    known = {case.pk: case for case in cases}
    rows = [_row(item, known[item.id], chosen) for item in found if item.id in known]
    return [row for row in rows if row is not None]


def _row(item: ListedCase, case: Any, chosen: set[str]) -> Waiting | None:
    result = next((r for r in case.results.all() if r.status == ResultStatus.PROPOSED), None)
    if result is None:  # approved a moment ago, its signature is being made
        return None
    return Waiting(
        case=item, title=item.title, step=case.step_key,
        result_name=result.name, outcome=ResultOutcome(result.outcome).label,
        refused=result.outcome == ResultOutcome.REFUSE, text=result.text, proposed_by=result.proposed_by,
        failure=result.failure, marked=item.code in chosen,
    )  # fmt: skip


@officer(CasePermission.APPROVE)
@require_safe
def progress(request: HttpRequest, batch_uuid: str) -> HttpResponse:
    """What has become of each case of a batch so far; the page asks again until every signature is there."""
    batch = queries.get_signing_batch(actor=actor_of(request), uuid=str(batch_uuid))
    lines = list(batch.lines.all())
    waiting = {row.result_id: row for row in queries.results_being_signed(actor=actor_of(request))}
    rows = [_line(line, waiting) for line in lines]
    signed = sum(row.tone == "ok" for row in rows)
    is_running = any(row.tone == "soon" for row in rows)
    context = {
        "batch": batch, "rows": rows, "signed": signed, "refused": sum(row.tone == "late" for row in rows),
        "total": len(rows), "is_running": is_running,
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render(request, "workspace/signing/_progress.html", context)
    return page(request, "workspace/signing/progress.html", context, place="signing")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a batch in words."""

    code: str
    sentence: str
    tone: str


def _line(line: Any, waiting: dict[int, Any]) -> Told:
    if line.refusal:
        return Told(line.case_code, line.refusal, "late")
    if line.result is None:
        return Told(line.case_code, "Chờ đến lượt.", "soon")
    if line.result.status == ResultStatus.SIGNED:
        return Told(line.case_code, f"Số {line.result.number}, đã ký và đóng dấu.", "ok")
    row = waiting.get(line.result_id)
    if row is not None:
        return Told(line.case_code, f"Số {row.number}. {row.sentence}", "late" if row.is_stuck else "soon")
    return Told(line.case_code, line.result.failure or "Không còn chờ ký.", "late")


@officer(CasePermission.APPROVE)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """The region of what this leader approved and whose signature is not there yet."""
    return render(request, "workspace/signing/_waiting.html", _in_hand(actor_of(request)) | {"asked": True})


@officer(CasePermission.APPROVE)
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Sign again, with the usual signer or another one."""
    actor = actor_of(request)
    result_id = whole_number(request.POST.get("result", ""))
    if result_id is None:
        raise NotFound("Không có kết quả này.")
    actions.retry_result(
        result_id=result_id, choice_id=whole_number(request.POST.get("choice", "")), actor=actor, at=clock.now()
    )
    messages.success(request, "Đã gửi lại yêu cầu ký.")
    return redirect("workspace:signing:batch")


def _in_hand(actor: Actor) -> dict[str, Any]:
    return {
        "signing": queries.results_being_signed(actor=actor),
        "signers": queries.signers_of(actor=actor, at=clock.now()),
    }


def _consent(request: HttpRequest, actor: Actor, chosen: list[str]) -> HttpResponse:
    """One consent for all; the officer has proved herself within the last minutes."""
    raise_if_reauthentication_required(request, app="account")
    pairs = [(code, request.POST.get(f"step.{code}", "")) for code in chosen]
    batch = actions.consent_to_signing(cases=pairs, actor=actor, at=clock.now())
    return redirect("workspace:signing:progress", batch_uuid=batch.uuid)
