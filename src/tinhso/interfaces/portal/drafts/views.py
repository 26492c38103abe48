"""Filling in the form: start, save at every field, go on (soạn hồ sơ)."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import actions, queries
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.enums import Level
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.access.uploads import files_of
from tinhso.interfaces.portal.drafts.shared import (
    BY_ADDRESS,
    context_of,
    destination_of,
    identity_and_applicant,
    own_province,
    stages,
)
from tinhso.interfaces.portal.requests import actor_of, keep_upload
from tinhso.interfaces.ui.forms import ErrorLink, bind
from tinhso.interfaces.ui.forms_changes import render_changes
from tinhso.interfaces.ui.forms_post import added_row, attach, parse_post, row_action, uploads
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError
from tinhso.lib import forms
from tinhso.lib.forms import FieldError
from tinhso.lib.text import whole_number


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Who applies and for what; the button makes the draft (bắt đầu)."""
    actor, on = actor_of(request), clock.today()
    version, package = procedures.get_package(code, on)
    identity, applicant = identity_and_applicant(actor)
    if request.method == "POST":
        answers = forms.initial(package.form, identity=identity)
        case = actions.start_draft(
            procedure_code=code, applicant=applicant, answers=answers, actor=actor, at=clock.now()
        )
        return redirect("portal:draft", case_id=case.pk)
    context = {
        "section": "search",
        "facts": version.facts,
        "applicant": applicant,
        "mandates": accounts.list_mandates(actor=actor, at=clock.now()),
        "may_submit": actor.assurance >= 2,
        "accepts_online": version.accepts_online(on),
    }
    return render(request, "portal/drafts/start.html", context)


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, case_id: int) -> HttpResponse:
    """The form with what has been typed so far; sent, it is judged and leads on to the papers (khai thông tin)."""
    actor = actor_of(request)
    case = queries.get_draft(actor=actor, case_id=case_id)
    if request.method == "GET":
        return draft_page(request, case, case.answers)
    answers, errors = keep_posted(request, case)
    if row_action(request.POST):
        focus = added_row(queries.form_of(case), request.POST, answers)
        return draft_page(request, case, answers, errors=errors, autofocus=focus)
    if "later" in request.POST:
        messages.success(request, "Đã lưu bản nháp. Bạn có thể khai tiếp bất cứ lúc nào.")
        return redirect("portal:my_cases")
    checked = forms.validate(queries.form_of(case), answers, context=context_of(case))
    errors += checked.errors
    errors += _unit_errors(case, request.POST.get("unit", ""), answers, errors)
    if errors:
        return draft_page(request, case, answers, errors=errors, status=422)
    return HttpResponseRedirect(reverse("portal:draft_documents", args=[case.pk]))


@citizen(level=1)
@require_POST
def autosave(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep what is typed, and send back only what must change on the page (tự lưu)."""
    case = queries.get_draft(actor=actor_of(request), case_id=case_id)
    form = queries.form_of(case)
    answers, errors = keep_posted(request, case)
    context = context_of(case)
    checked = forms.validate(form, answers, context=context, partial=True)
    focus = added_row(form, request.POST, answers)
    bound = bind(
        form, answers, context=context, errors=[*errors, *checked.errors], autofocus=focus,
        autosave_url=reverse("portal:draft_save", args=[case_id]), province_code=own_province(),
        before=_offers(request, case),
    )  # fmt: skip
    where = destination_of(case, answers, request.POST.get("unit"))
    place = render_to_string("portal/drafts/_place.html", {"where": where, "swap": True})
    return HttpResponse(render_changes(bound, request.POST) + place)


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, case_id: int) -> HttpResponse:
    """Ask once, then throw the draft away (bỏ bản nháp)."""
    case = queries.get_draft(actor=actor_of(request), case_id=case_id)
    if request.method == "POST":
        actions.discard_draft(case_id=case_id, actor=actor_of(request), at=clock.now())
        messages.success(request, "Đã bỏ bản nháp.")
        return redirect("portal:my_cases")
    return render(
        request,
        "portal/drafts/discard.html",
        {"section": "my_cases", "case": case, "title": queries.get_package(case).facts.title},
    )


def keep_posted(request: HttpRequest, case: Any) -> tuple[dict[str, Any], list[FieldError]]:
    """Save the posted answers, files and place; the answers as kept, and what could not be kept."""
    actor, form = actor_of(request), queries.form_of(case)
    read = parse_post(form, request.POST, previous=case.answers)
    errors: list[FieldError] = []
    limits = queries.get_package(case).upload_limits()
    for path, found in uploads(form, files_of(request)).items():
        try:
            stored = [keep_upload(upload, actor, limits) for upload in found]
        except DomainError as error:
            errors.append(FieldError(path, error.message))
            continue
        attach(read, path, [_reference(file) for file in stored])
    # What was cleared is kept as cleared: saving merges, so an absent answer would stay as it was.
    answers = {field.key: read.get(field.key) for field in form.fields if not field.computed}
    actions.save_draft(case_id=case.pk, answers=answers, actor=actor, at=clock.now())
    unit = request.POST.get("unit", "")
    chosen = whole_number(unit)
    if unit == BY_ADDRESS or (chosen is not None and destination_of(case, answers, unit).unit is not None):
        actions.choose_unit(case_id=case.pk, unit_id=chosen, actor=actor, at=clock.now())
    return answers, errors


def _reference(file: Any) -> dict[str, Any]:
    return {
        "id": str(file.id),
        "name": file.name,
        "size": file.size,
        "media_type": file.media_type,
        "sha256": file.sha256,
    }


def _unit_errors(case: Any, chosen: str, answers: dict[str, Any], known: list[FieldError]) -> list[FieldError]:
    """A communal procedure is resolved by the commune the applicant names, or that of the address it is routed by.

    An address that is wrong itself (among the errors `known`) is told once, where it stands.
    """
    where = destination_of(case, answers, chosen)
    if where.unit is not None or queries.get_package(case).facts.level != Level.COMMUNE:
        return []
    if where.by_address:
        address = queries.get_package(case).routed_by
        if any(error.path.split(".", 1)[0] == address for error in known):
            return []
        return [
            FieldError("unit", "Địa chỉ trong tờ khai chưa cho biết xã, phường, đặc khu nào trong tỉnh giải quyết.")
        ]
    return [FieldError("unit", "Chọn xã, phường, đặc khu giải quyết hồ sơ.")]


def draft_page(
    request: HttpRequest, case: Any, answers: dict[str, Any], *, errors: list[FieldError] | None = None,
    autofocus: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The form with what was typed and what is wrong with it."""
    form, found = queries.form_of(case), errors or []
    address = reverse("portal:draft_save", args=[case.pk])
    bound = bind(
        form, answers, context=context_of(case), errors=[e for e in found if e.path != "unit"],
        autosave_url=address, province_code=own_province(), autofocus=autofocus, before=_offers(request, case),
    )  # fmt: skip
    unit_error = next((error.message for error in found if error.path == "unit"), "")
    if unit_error:
        bound = replace(bound, errors=(*bound.errors, ErrorLink(unit_error, "unit")))
    context = {
        "section": "my_cases",
        "case": case,
        "title": queries.get_package(case).facts.title,
        "bound": bound,
        "stages": stages(case.pk, 1),
        "autosave_url": address,
        "unit_error": unit_error,
        **_places(case, answers, request.POST.get("unit")),
    }
    return render(request, "portal/drafts/edit.html", context, status=status)


def _offers(request: HttpRequest, case: Any) -> dict[str, str]:
    """What the state has already, by the section it fills."""
    boxes: dict[str, str] = {}
    may_ask = actor_of(request).assurance >= 2
    for offer in queries.lookups.lookup_offers(actor=actor_of(request), case=case, on=clock.today()):
        box = render_to_string("portal/drafts/_lookup.html", {"offer": offer, "case": case, "may_ask": may_ask})
        boxes[offer.section] = boxes.get(offer.section, "") + box
    return boxes


def _places(case: Any, answers: dict[str, Any], chosen: str | None) -> dict[str, Any]:
    """Where the case may be resolved: the communes to choose from, none where the province does; who it is now."""
    package = queries.get_package(case)
    where = destination_of(case, answers, chosen)
    unit = where.unit
    return {
        "communes": directory.list_communes(clock.today()) if package.facts.level == Level.COMMUNE else [],
        "routed": bool(package.routed_by),
        "by_address": BY_ADDRESS,
        "where": where,
        "unit_chosen": BY_ADDRESS if where.by_address else str(unit.id) if unit else "",
        "department": unit.agency_name if unit else package.facts.agency,
    }
