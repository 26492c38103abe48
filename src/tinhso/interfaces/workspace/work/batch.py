"""The same act on many cases: each its own action, what became of each, the failed ones once more (xử lý hàng loạt)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import BatchOutcome
from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Invalid
from tinhso.lib.text import whole_number

MOST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done to every marked case."""

    act: str
    assignee_id: int | None
    label_id: int
    note: str


ACTS = {
    "nhan-viec": "Nhận việc",
    "tra-viec": "Trả việc cho đơn vị",
    "phan-cong": "Phân công",
    "chuyen": "Đồng ý, chuyển bước sau",
    "gan-nhan": "Gắn nhãn",
    "go-nhan": "Gỡ nhãn",
}


@officer(CasePermission.VIEW)
@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """Do it to each marked case, in a transaction of its own, and say what became of each."""
    actor = actor_of(request)
    chosen = list(dict.fromkeys(request.POST.getlist("case")))
    asked = Asked(
        act=request.POST.get("viec", ""), assignee_id=_number(request, "_assignee"),
        label_id=_number(request, "label") or 0, note=request.POST.get("note", "").strip()[:2000],
    )  # fmt: skip
    problem = _problem(asked, chosen)
    if problem:
        context: dict[str, Any] = {"outcomes": [], "problem": problem, "title": "Chưa làm gì"}
        return page(request, "workspace/work/outcomes.html", context, status=422)
    # The step each case stood at when it was marked; a retry sends it along again.
    steps = {code: request.POST.get(f"step.{code}", "") for code in chosen}
    outcomes = [_one(actor, code, steps[code], asked, clock.now()) for code in chosen]
    failed = [outcome for outcome in outcomes if not outcome.ok]
    context = {
        "title": ACTS[asked.act],
        "outcomes": outcomes,
        "done": len(outcomes) - len(failed),
        "failed": [(outcome.code, steps[outcome.code]) for outcome in failed],
        "asked": asked,
        "assignee": accounts.account_names([asked.assignee_id]).get(asked.assignee_id, "") if asked.assignee_id else "",
        "problem": "",
    }
    return page(request, "workspace/work/outcomes.html", context)


def _problem(asked: Asked, chosen: list[str]) -> str:
    if asked.act not in ACTS:
        return "Mời chọn việc cần làm với các hồ sơ đã đánh dấu."
    if not chosen:
        return "Mời đánh dấu ít nhất một hồ sơ."
    if len(chosen) > MOST:
        return f"Mỗi lần làm nhiều nhất {MOST} hồ sơ."
    if asked.act == "phan-cong" and asked.assignee_id is None:
        return "Mời chọn người được phân công."
    if asked.act in {"gan-nhan", "go-nhan"} and not asked.label_id:
        return "Mời chọn nhãn."
    return ""


def _one(actor: Actor, code: str, step: str, asked: Asked, at: datetime) -> BatchOutcome:
    """One case in its own transaction: what one refuses does not hold back the next."""
    try:
        case = queries.get_case(actor=actor, code=code)
        message = _HANDLERS[asked.act](case, step or case.step_key, asked, actor, at)
    except DomainError as refusal:
        return BatchOutcome(0, code, ok=False, message=refusal.message)
    return BatchOutcome(case.pk, code, ok=True, message=message)


def _claim(case: Any, step: str, asked: Asked, actor: Actor, at: datetime) -> str:
    actions.claim_case(case_id=case.pk, step=step, actor=actor, at=at)
    return "Đã nhận."


def _release(case: Any, step: str, asked: Asked, actor: Actor, at: datetime) -> str:
    actions.release_case(case_id=case.pk, actor=actor, at=at)
    return "Đã trả cho đơn vị."


def _assign(case: Any, step: str, asked: Asked, actor: Actor, at: datetime) -> str:
    if case.step_key != step:
        raise Invalid(f"Hồ sơ đã sang bước «{case.step_name}».")
    actions.assign_case(case_id=case.pk, assignee_id=asked.assignee_id, actor=actor, at=at)
    return "Đã phân công."


def _forward(case: Any, step: str, asked: Asked, actor: Actor, at: datetime) -> str:
    moved = actions.forward_case(
        case_id=case.pk, step=step, note=asked.note, assignee_id=asked.assignee_id, actor=actor, at=at
    )
    return f"Đã chuyển đến bước «{moved.step_name}»."


def _put(case: Any, step: str, asked: Asked, actor: Actor, at: datetime) -> str:
    actions.put_label(case_id=case.pk, label_id=asked.label_id, actor=actor, at=at)
    return "Đã gắn nhãn."


def _take(case: Any, step: str, asked: Asked, actor: Actor, at: datetime) -> str:
    actions.take_label(case_id=case.pk, label_id=asked.label_id, actor=actor, at=at)
    return "Đã gỡ nhãn."


_HANDLERS: dict[str, Callable[[Any, str, Asked, Actor, datetime], str]] = {
    "nhan-viec": _claim,
    "tra-viec": _release,
    "phan-cong": _assign,
    "chuyen": _forward,
    "gan-nhan": _put,
    "go-nhan": _take,
}


def _number(request: HttpRequest, name: str) -> int | None:
    return whole_number(request.POST.get(name, ""))
