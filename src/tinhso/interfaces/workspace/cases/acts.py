"""Doing something to a case: each form of the page posts here, one action each (xử lý hồ sơ)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.enums import Presence, ResultOutcome
from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.access.uploads import files_of
from tinhso.interfaces.ui.forms_post import parse_post
from tinhso.interfaces.workspace.cases import clock_acts, consultation_acts, life_acts
from tinhso.interfaces.workspace.cases.desk import KEYS
from tinhso.interfaces.workspace.cases.views import case_page
from tinhso.interfaces.workspace.requests import actor_of, keep_upload
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Conflict, DomainError, FieldError, Forbidden, Invalid, NotFound
from tinhso.lib import forms
from tinhso.lib.text import whole_number

_LONGEST_TEXT = 8000


@dataclass(frozen=True, slots=True)
class _Sent:
    """A posted act with everything a handler needs."""

    request: HttpRequest
    case: Any
    actor: Actor
    at: datetime

    def text(self, name: str) -> str:
        return self.request.POST.get(name, "").strip()[:_LONGEST_TEXT]

    @property
    def step(self) -> str:
        """The step the officer saw: with it a second click, or a colleague's, is told apart."""
        return self.text("_step")

    @property
    def assignee_id(self) -> int | None:
        return whole_number(self.text("_assignee"))


@officer(CasePermission.VIEW)
@require_POST
def act(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Do it; refused, the page comes back with the sentence beside the form and what was typed still there."""
    key = KEYS.get(slug)
    if key is None:
        raise Http404
    actor, at = actor_of(request), clock.now()
    case = queries.get_case(actor=actor, code=code)
    sent = _Sent(request, case, actor, at)
    try:
        said = _HANDLERS[key](sent)
    except (Forbidden, NotFound):
        raise
    except Conflict as conflict:
        return _conflict(sent, key, conflict)
    except DomainError as refusal:
        return case_page(request, case, refusal=_refusal(sent, key, refusal), status=refusal.status)
    messages.success(request, said)
    return redirect(_next_place(key, case, actor))


def _next_place(key: str, case: Any, actor: Actor) -> str:
    if key == "receive":
        return reverse("workspace:cases:received", args=[case.code])
    if queries.sees(actor, case.pk):
        return reverse("workspace:cases:detail", args=[case.code])
    return reverse("workspace:home")


def _conflict(sent: _Sent, key: str, conflict: Conflict) -> HttpResponse:
    """Somebody was first. If it was the same officer a moment ago, a second click did no harm and says so."""
    fresh = queries.open_case(actor=sent.actor, case_id=sent.case.pk)
    if _did_it_already(sent, key, fresh):
        messages.info(sent.request, "Việc này bạn đã làm xong rồi; hồ sơ không bị xử lý hai lần.")
        return redirect(_next_place(key, fresh, sent.actor))
    return case_page(sent.request, fresh, notice=conflict.message, status=conflict.status)


def _did_it_already(sent: _Sent, key: str, case: Any) -> bool:
    stays = sorted((s for s in case.steps.all() if s.left_at is not None), key=lambda row: row.sequence)
    if key == "receive":
        return bool(stays) and stays[0].by_account_id == sent.actor.account_id
    if key in {"forward", "return", "propose"}:
        return bool(stays) and stays[-1].key == sent.step and stays[-1].by_account_id == sent.actor.account_id
    if key in {"approve", "approve-correction"}:
        return any(result.approved_by_id == sent.actor.account_id for result in case.results.all())
    return False


def _refusal(sent: _Sent, key: str, refusal: DomainError) -> dict[str, Any]:
    """What the page needs to show the refused form again as it was filled in."""
    values = {name.lstrip("_"): value for name, value in sent.request.POST.items() if name != "csrfmiddlewaretoken"}
    errors = refusal.errors if isinstance(refusal, Invalid) else []
    form = queries.get_package(sent.case).draft if key in {"propose", "correct"} else None
    answers = parse_post(form, sent.request.POST) if form else None
    return {"failed": key, "error": refusal.message, "errors": errors, "values": values, "answers": answers}


def _receive(sent: _Sent) -> str:
    seen = sent.text("_mandate_seen") == "1"
    case = actions.receive_case(case_id=sent.case.pk, mandate_seen=seen, actor=sent.actor, at=sent.at)
    return f"Đã tiếp nhận hồ sơ {case.code}."


def _refuse_intake(sent: _Sent) -> str:
    actions.refuse_intake(case_id=sent.case.pk, reason=sent.text("_reason"), actor=sent.actor, at=sent.at)
    return "Đã từ chối tiếp nhận. Phiếu từ chối được lập và gửi người nộp."


def _answer_supplement(sent: _Sent) -> str:
    given = _papers(sent)
    actions.answer_supplement(
        case_id=sent.case.pk, answers={}, documents=given, note=sent.text("_note"), actor=sent.actor, at=sent.at
    )
    return "Đã nhận giấy tờ bổ sung."


def _papers(sent: _Sent) -> list[DocumentInput]:
    """Ticked papers, documents of the applicant's vault and attached files, by component.

    Raises:
        Invalid: a file cannot be taken; nothing is handed in.
    """
    given = [
        DocumentInput(key=name.removeprefix("_paper."), presence=Presence.PAPER)
        for name in sent.request.POST
        if name.startswith("_paper.")
    ]
    given += [
        DocumentInput(key=name.removeprefix("_vault."), presence=Presence.VAULT, vault=uuid)
        for name in sent.request.POST
        if name.startswith("_vault.") and (uuid := sent.text(name))
    ]
    sent_files = files_of(sent.request)
    package = queries.get_package(sent.case)
    for name in sent_files:
        if not name.startswith("_file."):
            continue
        key = name.removeprefix("_file.")
        for upload in sent_files.getlist(name):
            try:
                stored = keep_upload(upload, sent.actor, package.upload_limits(key))
            except DomainError as refusal:
                raise Invalid(f"{upload.name}: {refusal.message}") from refusal
            given.append(DocumentInput(key=key, presence=Presence.UPLOADED, file_id=stored.id, name=stored.name))
    return given


def _forward(sent: _Sent) -> str:
    case = actions.forward_case(
        case_id=sent.case.pk, step=sent.step, note=sent.text("_note"), assignee_id=sent.assignee_id, actor=sent.actor,
        at=sent.at,
    )  # fmt: skip
    return f"Đã chuyển đến bước «{case.step_name}»."


def _return(sent: _Sent) -> str:
    case = actions.return_case(
        case_id=sent.case.pk, step=sent.step, note=sent.text("_note"), to=sent.text("_to"), actor=sent.actor, at=sent.at
    )
    return f"Đã trả lại bước «{case.step_name}»."


def _propose(sent: _Sent) -> str:
    outcome = sent.text("_outcome")
    form = queries.get_package(sent.case).draft
    fields: dict[str, Any] = {}
    if form is not None and outcome == ResultOutcome.GRANT:
        context = queries.form_context(applicant=sent.case.applicant, channel=sent.case.channel, today=clock.today())
        checked = forms.validate(form, parse_post(form, sent.request.POST), context=context)
        if checked.errors:
            raise Invalid(errors=[FieldError(error.path, error.message) for error in checked.errors])
        fields = {key: value for key, value in checked.answers.items() if value not in (None, "")}
    actions.propose_result(
        case_id=sent.case.pk, step=sent.step, outcome=outcome, text=sent.text("_text"), fields=fields, actor=sent.actor,
        at=sent.at,
    )  # fmt: skip
    return "Đã trình dự thảo kết quả."


def _approve(sent: _Sent) -> str:
    result = actions.approve_result(case_id=sent.case.pk, step=sent.step, actor=sent.actor, at=sent.at)
    return f"Đã phê duyệt, số {result.number}. Kết quả đang được ký số và đóng dấu."


def _assign(sent: _Sent) -> str:
    actions.assign_case(case_id=sent.case.pk, assignee_id=sent.assignee_id, actor=sent.actor, at=sent.at)
    return "Đã phân công." if sent.assignee_id else "Đã bỏ phân công riêng; cả đơn vị cùng xử lý."


def _deliver(sent: _Sent) -> str:
    actions.deliver_result(
        case_id=sent.case.pk, to_name=sent.text("_to_name"), method=sent.text("_method"), actor=sent.actor, at=sent.at
    )
    return "Đã trả kết quả."


_HANDLERS: dict[str, Callable[[_Sent], str]] = {
    "receive": _receive,
    "refuse-intake": _refuse_intake,
    "answer-supplement": _answer_supplement,
    "forward": _forward,
    "return": _return,
    "propose": _propose,
    "approve": _approve,
    "assign": _assign,
    "deliver": _deliver,
    **clock_acts.HANDLERS,
    **life_acts.HANDLERS,
    **consultation_acts.HANDLERS,
}
