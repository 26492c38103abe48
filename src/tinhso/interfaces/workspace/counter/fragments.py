"""Pieces of the counter's page that follow what is typed; without scripts the page does the same in one go."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases.permissions import CasePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.ui.forms_changes import render_changes
from tinhso.interfaces.workspace.counter import choosing, slip
from tinhso.interfaces.workspace.counter.slip import Slip
from tinhso.interfaces.workspace.counter.views import bound_form, money, place
from tinhso.interfaces.workspace.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.errors import FieldError
from tinhso.lib import forms


@officer(CasePermission.RECEIVE)
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """The procedures that answer the letters typed so far."""
    hits = choosing.find(request.GET.get("_q", ""), actor=actor_of(request), on=clock.today())
    return render(request, "workspace/counter/_hits.html", {"hits": hits, "q": request.GET.get("_q", ""), "focus": ""})


@officer(CasePermission.RECEIVE)
@require_POST
def changes(request: HttpRequest) -> HttpResponse:
    """What changes on the page with an answer: questions, papers, fees, the time it takes."""
    here = _read(request)
    checked = forms.validate(here.package.form, here.answers, context=here.context, partial=True)
    here.errors = [FieldError(f"answers.{error.path}", error.message) for error in checked.errors]
    parts = [render_changes(bound_form(here), request.POST), _part("_money.html", money(here))]
    parts.append(_part("_place.html", place(here)))
    keys = " ".join(document.key for document in here.documents())
    if keys != request.POST.get("_paper_keys", ""):
        parts.append(_part("_papers.html", {"papers": here.papers(), "paper_keys": keys, "here": here}))
    parts.append(_part("_before.html", {"before": slip.remember(here)}))
    return HttpResponse("".join(parts))


@officer(CasePermission.RECEIVE)
@require_POST
def attach(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the files just scanned for one component, and give its line back."""
    here = _read(request)
    here.store_uploads()
    document = next((document for document in here.documents() if document.key == key), None)
    if document is None:
        raise Http404
    error = next((e.message for e in here.errors if e.path == f"documents.{key}"), "")
    line = here.paper(document, error)
    return render(request, "workspace/counter/_paper.html", {"line": line, "here": here}, status=422 if error else 200)


def _read(request: HttpRequest) -> Slip:
    here = slip.read(request)
    slip.choose(here, request.POST.get("_procedure", ""), fresh=False)
    return here


def _part(name: str, context: dict[str, object]) -> SafeString:
    return render_to_string(f"workspace/counter/{name}", {**context, "swap": True})
