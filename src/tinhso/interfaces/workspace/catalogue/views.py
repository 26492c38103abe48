"""The catalogue for those who keep it: what is published, imports waiting, versions (quản trị danh mục)."""

from collections.abc import Sequence
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tinhso.apps.procedures import queries
from tinhso.apps.procedures.data import Package, VersionData
from tinhso.apps.procedures.enums import ImportStatus, Source
from tinhso.apps.procedures.permissions import ProcedurePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.ui.process import draw
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock


@officer(ProcedurePermission.MANAGE)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search the published procedures, and the latest imports with what waits."""
    actor, on = actor_of(request), clock.today()
    q = request.GET.get("q", "").strip()[:100]
    only_here = "tai-tinh" in request.GET
    if q:
        found = queries.search_procedures(q, on=on, limit=30, cursor=request.GET.get("sau") or None)
    else:
        found = queries.list_procedures(
            on=on, runs_here=True if only_here else None, limit=30, cursor=request.GET.get("sau") or None
        )
    number, synonyms = queries.get_synonyms()
    context = {
        "q": q,
        "only_here": only_here,
        "items": found.items,
        "next": found.next,
        "total": queries.count_procedures(on=on),
        "imports": [
            (one, ImportStatus(one.status).label, _TONES[ImportStatus(one.status)])
            for one in queries.list_imports(actor=actor, limit=8)
        ],
        "synonyms_number": number,
        "synonyms_count": len(synonyms.entries) if synonyms else 0,
        "today": on,
    }
    return page(request, "workspace/catalogue/home.html", context, place="catalogue")


@officer(ProcedurePermission.MANAGE)
@require_safe
def versions(request: HttpRequest, code: str) -> HttpResponse:
    """Every version of one procedure, newest first: source, days in force, what it asks for."""
    found = queries.list_versions(code)
    today = clock.today()
    rows = [
        {
            "version": version,
            "source": Source(version.source).label,
            "state": _state(version, today),
        }
        for version in found
    ]
    package = _running(found, today)
    process = draw(queries.process_of(package, on=today)) if package else None
    context = {"code": code, "name": found[0].facts.name, "title": found[0].facts.title, "rows": rows,
               "process": process, "has_process": process is not None}  # fmt: skip
    return page(request, "workspace/catalogue/versions.html", context, place="catalogue")


@officer(ProcedurePermission.MANAGE)
@require_safe
def bpmn(request: HttpRequest, code: str) -> HttpResponse:
    """The process in force as a BPMN 2.0 file, for any modelling tool (tải quy trình)."""
    today = clock.today()
    package = _running(queries.list_versions(code), today)
    if package is None:
        raise Http404("Thủ tục này chưa có quy trình tại đây.")
    response = HttpResponse(queries.bpmn_of(package, on=today), content_type="application/xml")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{code}.bpmn") or ""
    return response


def _running(versions: Sequence[VersionData], today: date) -> Package | None:
    """The package in force, or the newest one; None where there is none with a process of its own."""
    ready = [v for v in versions if v.package is not None and v.package.workflow.steps]
    now = [v for v in ready if v.effective_from <= today and (v.effective_to is None or today < v.effective_to)]
    return (now or ready)[0].package if ready else None


def _state(version: VersionData, today: date) -> tuple[str, str]:
    start, end = version.effective_from, version.effective_to
    if end is not None and end <= start:
        return "Chưa từng có hiệu lực", "mute"
    if start > today:
        return "Sẽ có hiệu lực", "info"
    return ("Hết hiệu lực", "mute") if end is not None and end <= today else ("Đang có hiệu lực", "ok")


_TONES = {
    ImportStatus.READING: "info",
    ImportStatus.FAILED: "late",
    ImportStatus.UNCHANGED: "mute",
    ImportStatus.DRAFT: "soon",
    ImportStatus.APPROVED: "info",
    ImportStatus.PUBLISHING: "info",
    ImportStatus.APPLIED: "ok",
}
