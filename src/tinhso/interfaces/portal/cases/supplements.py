"""Answering a request to complete the file (bổ sung hồ sơ)."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import CaseNotAwaitingSupplement, DocumentInput
from tinhso.apps.cases.enums import Presence
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.access.uploads import files_of
from tinhso.interfaces.portal.cases.presenter import present
from tinhso.interfaces.portal.drafts.shared import context_of, own_province
from tinhso.interfaces.portal.requests import actor_of, keep_upload, text_of
from tinhso.interfaces.ui.forms import bind
from tinhso.interfaces.ui.forms_post import added_row, parse_post, row_action
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, FieldError, Forbidden, Invalid
from tinhso.lib import forms

_LONGEST_NOTE = 4000


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def supplement(request: HttpRequest, code: str) -> HttpResponse:
    """What is asked for, and one page to hand it in: papers, corrected answers, a word of explanation."""
    actor = actor_of(request)
    case = queries.get_case(actor=actor, code=code)
    asked = present(case).supplement
    if asked is None:
        raise CaseNotAwaitingSupplement
    if request.method == "GET":
        return _page(request, case, asked, case.answers)
    form = queries.form_of(case)
    # A page without the form (only papers, only a note) leaves the answers as they are.
    answers = dict(case.answers)
    if "_shown" in request.POST:
        answers |= _only_asked(asked, parse_post(form, request.POST, previous=case.answers), form, case)
    if row_action(request.POST):
        return _page(request, case, asked, answers, autofocus=added_row(form, request.POST, answers))
    changed = _changed(case, answers)
    try:
        actions.answer_supplement(
            case_id=case.pk, answers=changed, documents=_documents(request, case), actor=actor, at=clock.now(),
            note=text_of(request.POST, "note", _LONGEST_NOTE),
        )  # fmt: skip
    except (Forbidden, CaseNotAwaitingSupplement):
        raise
    except DomainError as refusal:
        found = refusal.errors if isinstance(refusal, Invalid) else []
        errors = [forms.FieldError(e.path.removeprefix("answers."), e.message) for e in found]
        return _page(
            request, case, asked, answers, errors=errors or [forms.FieldError("", refusal.message)], status=422
        )
    messages.success(request, "Đã gửi bổ sung. Cơ quan giải quyết sẽ xem xét tiếp.")
    return redirect("portal:case", code=case.code)


def _open_keys(asked: Any, form: forms.Form, case: Any, answers: dict[str, Any]) -> list[str]:
    """The questions that may be answered: those asked for and those that they open; all where none is named."""
    keys = [field.key for field in form.fields if not field.computed]
    if not asked.field_keys and not asked.document_keys:
        return keys
    before = forms.evaluate(form, case.answers, context=context_of(case)).visible
    now = forms.evaluate(form, answers, context=context_of(case)).visible
    return [key for key in keys if key in asked.field_keys or (now.get(key, False) and not before.get(key, False))]


def _only_asked(asked: Any, sent: dict[str, Any], form: forms.Form, case: Any) -> dict[str, Any]:
    return {key: sent.get(key) for key in _open_keys(asked, form, case, {**case.answers, **sent})}


def _changed(case: Any, answers: dict[str, Any]) -> dict[str, Any]:
    """What differs from the answers on file once both are read the same way: "120" typed is 120 kept."""
    form = queries.form_of(case)
    read = forms.validate(form, answers, context=context_of(case), partial=True).answers
    keys = [field.key for field in form.fields if not field.computed]
    return {key: answers.get(key) for key in keys if read.get(key) != case.answers.get(key)}


def _documents(request: HttpRequest, case: Any) -> list[DocumentInput]:
    """The uploaded papers, each stored, and the documents chosen from one's own vault.

    Raises:
        Invalid: a file cannot be taken; nothing is handed in.
    """
    given: list[DocumentInput] = []
    package = queries.get_package(case)
    sent_files = files_of(request)
    for name in sent_files:
        if not name.startswith("giay."):
            continue
        key = name.removeprefix("giay.")
        for sent in sent_files.getlist(name):
            try:
                stored = keep_upload(sent, actor_of(request), package.upload_limits(key))
            except DomainError as refusal:
                raise Invalid(errors=[FieldError(name, f"{sent.name}: {refusal.message}")]) from refusal
            given.append(DocumentInput(key=key, presence=Presence.UPLOADED, file_id=stored.id, name=stored.name))
    chosen = {name.removeprefix("kho."): request.POST[name] for name in request.POST if name.startswith("kho.")}
    given += [DocumentInput(key=key, presence=Presence.VAULT, vault=uuid) for key, uuid in chosen.items() if uuid]
    return given


def _page(
    request: HttpRequest, case: Any, asked: Any, answers: dict[str, Any], *, errors: list[forms.FieldError] | None = None,
    autofocus: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    bound = bind(
        queries.form_of(case), answers, context=context_of(case), errors=errors or [],
        province_code=own_province(), autofocus=autofocus,
    )  # fmt: skip
    wanted = _open_keys(asked, bound.form, case, answers)
    sections = [replace(part, fields=tuple(f for f in part.fields if f.field.key in wanted)) for part in bound.sections]
    bound = replace(bound, sections=tuple(part for part in sections if part.fields))
    limited = bool(asked.field_keys or asked.document_keys)
    context = {
        "section": "my_cases",
        "limited": limited,
        "kept": queries.answers_in_words(case) if limited else (),
        "case": case,
        "title": queries.get_package(case).facts.title,
        "asked": asked,
        # The page sums the errors up at its top; the form inside must not do it again.
        "bound": replace(bound, errors=()),
        "errors": bound.errors,
        "components": queries.asked_papers(case, on=clock.today(), actor=actor_of(request)),
        "chosen": {request.POST[name] for name in request.POST if name.startswith("kho.")},
        "note": text_of(request.POST, "note", _LONGEST_NOTE),
        "changing": bool(asked.field_keys)
        or bool(row_action(request.POST))
        or any(bound.find(error.path) for error in errors or []),
    }
    return render(request, "portal/cases/supplement.html", context, status=status)
