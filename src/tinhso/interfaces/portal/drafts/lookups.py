"""Data the state has already, fetched into a draft when the applicant agrees (lấy dữ liệu sẵn có)."""

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from tinhso.apps.cases import flows, queries
from tinhso.apps.exchange.data import FactsMissing
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.drafts.views import draft_page, keep_posted
from tinhso.interfaces.portal.requests import actor_of, text_of
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError
from tinhso.lib.forms import FieldError

_PAPERS = "giay-to"


@citizen(level=2)
@require_POST
def fetch(request: HttpRequest, case_id: int, key: str) -> HttpResponse:
    """Keep what is typed, ask the source, and go back to where the button stood. Pressing it is the consent."""
    actor = actor_of(request)
    case = queries.get_draft(actor=actor, case_id=case_id)
    from_papers = text_of(request.POST, "ve", 20) == _PAPERS
    if not from_papers:
        keep_posted(request, case)
    try:
        flows.fetch_for_draft(
            case_id=case_id, key=key, consent=text_of(request.POST, "dong-y", 20) == key, actor=actor, at=clock.now()
        )
    except FactsMissing as refusal:
        case = queries.get_draft(actor=actor, case_id=case_id)
        errors = [FieldError(error.path.removeprefix("answers."), error.message) for error in refusal.errors]
        return draft_page(request, case, case.answers, errors=errors, status=422)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    if from_papers:
        return redirect(reverse("portal:draft_documents", args=[case_id]) + "#spared-title")
    return redirect(reverse("portal:draft", args=[case_id]) + f"#lay-{quote(key)}")
