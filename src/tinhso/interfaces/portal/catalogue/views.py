"""Finding a procedure and reading about it (tìm và xem thủ tục).

The pages most people open first are sent compressed, for telephones on a weak line; pages of persons and cases are not.
"""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.gzip import gzip_page

from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import LifeEvent, SummaryPage
from tinhso.apps.procedures.enums import Level
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.catalogue.numbers import public_numbers
from tinhso.interfaces.portal.catalogue.presenter import present
from tinhso.interfaces.portal.requests import is_fragment, text_of
from tinhso.interfaces.ui.formats import format_number
from tinhso.interfaces.ui.process import draw
from tinhso.kernel import clock

_EXAMPLES = ("khai sinh cho con", "doi bang lai xe", "xây nhà")
_LEVELS = [(Level.COMMUNE.value, Level.COMMUNE.label), (Level.PROVINCE.value, Level.PROVINCE.label)]
_SUGGESTIONS = 6
_MAX_QUERY = 200


@public
@gzip_page
def home(request: HttpRequest) -> HttpResponse:
    """The first page: search, life events, follow a case, numbers (trang chủ)."""
    on = clock.today()
    context = {
        "section": "home",
        "examples": _EXAMPLES,
        "events": procedures.list_life_events(on=on),
        "numbers": public_numbers(),
    }
    return render(request, "portal/catalogue/home.html", context)


@public
@gzip_page
def suggest(request: HttpRequest) -> HttpResponse:
    """The best matches for what has been typed so far (gợi ý khi gõ)."""
    query = _query(request)
    hits = procedures.search_procedures(query, on=clock.today(), limit=_SUGGESTIONS).items if query else ()
    return render(request, "portal/catalogue/_suggestions.html", {"query": query, "hits": hits})


@public
@gzip_page
def search(request: HttpRequest) -> HttpResponse:
    """All procedures, or those that match words, a level, a field, a life event (tìm thủ tục)."""
    on = clock.today()
    query, field = _query(request), text_of(request.GET, "linh-vuc", _MAX_QUERY)
    level = text_of(request.GET, "cap", 20)
    level = level if level in Level.values else ""
    event, page = _found(request, query, level, field, on)
    context = {
        "section": "search",
        "query": query,
        "level": level,
        "field": field,
        "event": event,
        "hits": page.items,
        "next": page.next,
        "summary": _summary(query, event, len(page.items), more=page.next is not None),
        "all_url": reverse("portal:search"),
    }
    if is_fragment(request):
        response = render(request, "portal/catalogue/_results.html", context)
    else:
        choices = {"levels": _LEVELS, "fields": procedures.list_fields(on=on)}
        response = render(request, "portal/catalogue/search.html", {**context, **choices})
    patch_vary_headers(response, ["HX-Request"])
    return response


@public
@gzip_page
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    """One procedure: who, where, how long, what it costs, which papers, on what law (trang thủ tục)."""
    on = clock.today()
    version = procedures.get_version(code, on)
    group = version.package.group if version.package else None
    drawn = draw(procedures.process_of(version.package, on=on)) if version.package and not group else None
    context = {"section": "search", "page": present(version, on), "group": group, "process": drawn, "code": code}
    return render(request, "portal/catalogue/procedure.html", context)


@public
@gzip_page
def process(request: HttpRequest, code: str) -> HttpResponse:
    """The process in force as a BPMN 2.0 file, for any modelling tool (tải quy trình)."""
    on = clock.today()
    package = procedures.get_version(code, on).package
    if package is None or package.group or not package.workflow.steps:
        raise Http404("Thủ tục này chưa có quy trình tại đây.")
    response = HttpResponse(procedures.bpmn_of(package, on=on), content_type="application/xml")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{code}.bpmn") or ""
    return response


@public
@gzip_page
def linked(request: HttpRequest) -> HttpResponse:
    """Every linked group: one application for several procedures (làm một lần)."""
    groups = procedures.list_groups(clock.today())
    return render(request, "portal/catalogue/linked.html", {"section": "search", "groups": groups})


def _found(request: HttpRequest, query: str, level: str, field: str, on: date) -> tuple[LifeEvent | None, SummaryPage]:
    """The procedures to show: those of an occasion of life while no words are given, else what search finds."""
    key = text_of(request.GET, "viec", 60)
    if key and not query:
        event, items = procedures.list_procedures_of_event(key, on=on)
        chosen = (item for item in items if level in {"", item.level} and field in {"", item.field})
        return event, SummaryPage(tuple(chosen))
    cursor = text_of(request.GET, "sau", 60) or None
    return None, procedures.search_procedures(query, on=on, level=level, field=field, cursor=cursor)


def _query(request: HttpRequest) -> str:
    return text_of(request.GET, "q", _MAX_QUERY)


def _summary(query: str, event: LifeEvent | None, shown: int, *, more: bool) -> str:
    if not shown:
        return "Không có kết quả"
    count = f"Hơn {format_number(shown)}" if more else format_number(shown)
    what = f" cho «{query}»" if query else f" về {event.name.lower()}" if event else ""
    return f"{count} thủ tục{what}"
