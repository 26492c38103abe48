"""Imports of the national catalogue: staged, read, approved, published (nhập danh mục quốc gia)."""

from collections.abc import Sequence
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.procedures import actions, flows, queries
from tinhso.apps.procedures.enums import UNAPPROVED, ChangeKind, ImportStatus
from tinhso.apps.procedures.permissions import ProcedurePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day
from tinhso.kernel import clock
from tinhso.kernel.errors import Invalid

_LARGEST_FILE = 64 * 1024 * 1024
_CHANGE_TONES = {
    ChangeKind.NEW: "ok",
    ChangeKind.CHANGED: "info",
    ChangeKind.KEPT: "mute",
    ChangeKind.REJECTED: "late",
    ChangeKind.MISSING: "soon",
    ChangeKind.UNCHANGED: "mute",
}


@officer(ProcedurePermission.MANAGE)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file; the worker compares it with what is published and keeps the difference. Nothing is published."""
    if request.method == "GET":
        return _upload_page(request, "")
    sent = request.FILES.get("file")
    try:
        since = parse_day(request.POST.get("since", ""))
    except ValueError:
        return _upload_page(request, "Ngày hiệu lực viết theo dạng ngày/tháng/năm, ví dụ 01/07/2026.")
    if sent is None:
        return _upload_page(request, "Mời chọn tệp danh mục dạng .jsonl hoặc .jsonl.xz.")
    if (sent.size or 0) > _LARGEST_FILE:
        return _upload_page(request, "Tệp lớn quá 64 MB. Hãy nén dạng .xz rồi gửi lại.")
    try:
        import_id = flows.take_catalogue_file(
            chunks=sent.chunks(), file_name=Path(sent.name or "danh-muc.jsonl").name, effective_from=since,
            actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except Invalid as refusal:
        return _upload_page(request, refusal.message)
    return redirect("workspace:catalogue:import", import_id=import_id)


@officer(ProcedurePermission.MANAGE)
@require_safe
def detail(request: HttpRequest, import_id: int) -> HttpResponse:
    """The report of one import and the procedures that differ, by kind of change."""
    actor = actor_of(request)
    found = queries.get_import(import_id, actor=actor)
    change = request.GET.get("loai", "")
    if change not in ChangeKind.values:
        change = ""
    items, following = queries.list_import_items(
        import_id, actor=actor, change=change or None, cursor=request.GET.get("sau") or None
    )
    report = found.report
    status = ImportStatus(found.status)
    context = {
        "import": found,
        "status": status.label,
        "may_approve": status == ImportStatus.DRAFT and actor.has(ProcedurePermission.APPROVE),
        "may_publish": status == ImportStatus.APPROVED and actor.has(ProcedurePermission.APPROVE),
        "may_discard": status in UNAPPROVED and not status.is_running,
        "is_running": status.is_running,
        "is_reading": status == ImportStatus.READING,
        "is_unchanged": status == ImportStatus.UNCHANGED,
        "counts": [
            (kind.value, kind.label, report.get(kind.value, 0), _CHANGE_TONES[kind], kind.value == change)
            for kind in ChangeKind
            if report.get(kind.value)
        ],
        "total": report.get("total", 0),
        "problems": report.get("problems", ()),
        "change": change,
        "items": [(item, ChangeKind(item.change).label, _CHANGE_TONES[ChangeKind(item.change)]) for item in items],
        "next": following,
    }
    return page(request, "workspace/catalogue/import.html", context, place="catalogue")


@officer(ProcedurePermission.MANAGE)
@require_safe
def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """Asked by the page every two seconds while the worker is at it: how far it is, or look again."""
    found = queries.get_import(import_id, actor=actor_of(request))
    status = ImportStatus(found.status)
    if not status.is_running:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    context = {"import": found, "is_reading": status == ImportStatus.READING}
    return render(request, "workspace/catalogue/_progress.html", context)


@officer(ProcedurePermission.APPROVE)
@require_POST
def approve(request: HttpRequest, import_id: int) -> HttpResponse:
    """The official has read the report and agrees."""
    actions.approve_import(import_id=import_id, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã duyệt. Bấm công bố để các thủ tục có hiệu lực theo ngày của lần nhập.")
    return redirect("workspace:catalogue:import", import_id=import_id)


@officer(ProcedurePermission.APPROVE)
@require_POST
def publish(request: HttpRequest, import_id: int) -> HttpResponse:
    """A version of everything new or changed; curated procedures only where ticked."""
    take: Sequence[str] = request.POST.getlist("take")
    actions.request_publication(import_id=import_id, actor=actor_of(request), at=clock.now(), take=take)
    return redirect("workspace:catalogue:import", import_id=import_id)


@officer(ProcedurePermission.MANAGE)
@require_POST
def discard(request: HttpRequest, import_id: int) -> HttpResponse:
    """Throw an import away that nobody has approved."""
    actions.discard_import(import_id=import_id, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã bỏ lần nhập. Nhật ký vẫn ghi rằng tệp đã được đọc.")
    return redirect("workspace:catalogue:home")


def _upload_page(request: HttpRequest, problem: str) -> HttpResponse:
    context = {"problem": problem, "since": request.POST.get("since", f"{clock.today():%d/%m/%Y}")}
    return page(request, "workspace/catalogue/upload.html", context, place="catalogue", status=422 if problem else 200)
