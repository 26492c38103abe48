"""Approving and signing many results: look, mark, confirm once, read what became of each (ký duyệt hàng loạt)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import BatchOutcome
from tinhso.apps.cases.enums import ResultOutcome, ResultStatus
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import ListedCase, Shelf
from tinhso.apps.directory import queries as directory
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError

MOST = 100


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
    """The list; the marked ones once more to confirm; then each outcome. Each case is a transaction of its own."""
    actor = actor_of(request)
    chosen = (request.POST if request.method == "POST" else request.GET).getlist("case")[:MOST]
    if request.method == "POST" and "confirmed" in request.POST:
        return _sign(request, actor, chosen)
    waiting = _waiting(actor, set(chosen))
    marked = [row for row in waiting if row.marked]
    if request.method == "POST" and marked:
        return page(request, "workspace/signing/confirm.html", {"rows": marked}, place="signing")
    context = {"rows": waiting, "nothing_marked": request.method == "POST", **_standing(actor)}
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


def _sign(request: HttpRequest, actor: Actor, chosen: list[str]) -> HttpResponse:
    outcomes = [_sign_one(request, actor, code) for code in dict.fromkeys(chosen)]
    done = sum(outcome.ok for outcome in outcomes)
    context = {"outcomes": outcomes, "done": done, "failed": len(outcomes) - done}
    return page(request, "workspace/signing/outcomes.html", context, place="signing")


def _sign_one(request: HttpRequest, actor: Actor, code: str) -> BatchOutcome:
    """One case, in its own transaction: what one refuses does not hold back the next."""
    now = clock.now()
    try:
        case = queries.get_case(actor=actor, code=code)
    except DomainError as refusal:
        return BatchOutcome(0, code, ok=False, message=refusal.message)
    try:
        record_disclosure(
            subject=f"case:{case.pk}", purpose="Ký duyệt hàng loạt", fields=["results.draft"], actor=actor, at=now
        )
        result = actions.approve_result(case_id=case.pk, step=request.POST.get(f"step.{code}", ""), actor=actor, at=now)
    except DomainError as refusal:
        return BatchOutcome(case.pk, code, ok=False, message=refusal.message)
    return BatchOutcome(case.pk, code, ok=True, message=f"Số {result.number}, đang ký số và đóng dấu.")
