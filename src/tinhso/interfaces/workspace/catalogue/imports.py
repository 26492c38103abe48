"""Imports of the national catalogue: staged, read, approved, published (nhập danh mục quốc gia)."""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.procedures import actions, flows, queries
from tinhso.apps.procedures.enums import ChangeKind, ImportStatus
from tinhso.apps.procedures.permissions import ProcedurePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError

_LARGEST_FILE = 64 * 1024 * 1024
_SHAPES = (".jsonl", ".jsonl.xz")
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
    """Take a file, compare it with what is published, and keep the difference for approval; nothing is published."""
    if request.method == "GET":
        return _upload_page(request, "")
    sent = request.FILES.get("file")
    try:
        since = datetime.strptime(request.POST.get("since", "").strip(), "%d/%m/%Y").date()  # noqa: DTZ007 - a civil day
    except ValueError:
        return _upload_page(request, "Ngày hiệu lực viết theo dạng ngày/tháng/năm, ví dụ 01/07/2026.")
    if sent is None or not (sent.name or "").endswith(_SHAPES):
        return _upload_page(request, "Mời chọn tệp danh mục dạng .jsonl hoặc .jsonl.xz.")
    if (sent.size or 0) > _LARGEST_FILE:
        return _upload_page(request, "Tệp lớn quá 64 MB. Hãy nén dạng .xz rồi gửi lại.")
    try:
        report = _stage(request, sent, since)
    except DomainError as refusal:
        return _upload_page(request, refusal.message)
    if report.import_id is None:
        messages.info(request, f"Đã đọc {report.total} thủ tục; không có gì khác với bản đang công bố, không ghi gì.")
        return redirect("workspace:catalogue:home")
    messages.success(request, "Đã đọc xong tệp. Xem báo cáo và khác biệt bên dưới rồi duyệt; chưa có gì được công bố.")
    return redirect("workspace:catalogue:import", import_id=report.import_id)


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
        "may_discard": status == ImportStatus.DRAFT,
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
    count = actions.publish_import(import_id=import_id, actor=actor_of(request), at=clock.now(), take=take)
    messages.success(request, f"Đã công bố {count} phiên bản thủ tục.")
    return redirect("workspace:catalogue:import", import_id=import_id)


@officer(ProcedurePermission.MANAGE)
@require_POST
def discard(request: HttpRequest, import_id: int) -> HttpResponse:
    """Throw an import away that nobody has approved."""
    actions.discard_import(import_id=import_id, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã bỏ lần nhập. Nhật ký vẫn ghi rằng tệp đã được đọc.")
    return redirect("workspace:catalogue:home")


def _stage(request: HttpRequest, sent: "UploadedFile[Any]", since: date) -> Any:
    name = Path(sent.name or "danh-muc.jsonl").name
    ending = next(shape for shape in _SHAPES if name.endswith(shape))
    with tempfile.NamedTemporaryFile(suffix=ending) as kept:
        for chunk in sent.chunks():
            kept.write(chunk)
        kept.flush()
        return flows.stage_catalogue_file(
            path=Path(kept.name), file_name=name, effective_from=since, actor=actor_of(request), at=clock.now()
        )


def _upload_page(request: HttpRequest, problem: str) -> HttpResponse:
    context = {"problem": problem, "since": request.POST.get("since", f"{clock.today():%d/%m/%Y}")}
    return page(request, "workspace/catalogue/upload.html", context, place="catalogue", status=422 if problem else 200)
