"""Published petitions: a list with search, and one with its answer (phản ánh, kiến nghị đã công khai)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tinhso.apps.petitions import queries
from tinhso.apps.petitions.enums import PetitionClass
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.petitions.shared import LONGEST_CODE
from tinhso.interfaces.portal.requests import text_of
from tinhso.kernel import clock
from tinhso.lib.text import whole_number

_LONGEST_QUERY = 200


@public
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """What others asked and what was answered, the newest first; the way to send one's own."""
    query = text_of(request.GET, "q", _LONGEST_QUERY)
    unit_id = whole_number(text_of(request.GET, "co-quan", 18))
    classification = text_of(request.GET, "loai", 20)
    page = queries.list_published(
        q=query, unit_id=unit_id, classification=classification if classification in PetitionClass.values else "",
        cursor=text_of(request.GET, "sau", 200) or None,
    )  # fmt: skip
    communes, departments = queries.units_to_name(clock.today())
    context = {
        "section": "petitions", "items": page.items, "next": page.next, "query": query, "classes": PetitionClass.choices,
        "classification": classification, "unit_id": unit_id, "communes": communes, "departments": departments,
        "is_filtered": bool(query or unit_id or classification),
    }  # fmt: skip
    return render(request, "portal/petitions/published.html", context)


@public
@require_safe
def published_one(request: HttpRequest, code: str) -> HttpResponse:
    """One question with its answer."""
    context = {"section": "petitions", "petition": queries.get_published(code[:LONGEST_CODE])}
    return render(request, "portal/petitions/published_one.html", context)
