"""Nộp lưu: lists of closed cases, their approval, the packages made of them, the receipt, their use."""

from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.archives import actions, queries
from tinhso.apps.archives.data import ArchivalFileNotFound, ListNotFound
from tinhso.apps.archives.enums import FileStatus, ListStatus
from tinhso.apps.archives.permissions import ArchivePermission
from tinhso.apps.audit.actions import record_disclosure
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, send_file, send_pdf
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.text import whole_number

_TONES = {
    ListStatus.DRAFT: "mute", ListStatus.SUBMITTED: "soon", ListStatus.APPROVED: "info", ListStatus.READY: "soon",
    ListStatus.ACCEPTED: "ok",
}  # fmt: skip
_FILE_TONES = {
    FileStatus.LISTED: "mute", FileStatus.PACKED: "info", FileStatus.FAILED: "late", FileStatus.ACCEPTED: "soon",
    FileStatus.KEPT: "ok",
}  # fmt: skip
_SAID = {
    "submit": "Đã trình danh mục, chờ lãnh đạo duyệt.",
    "approve": "Đã duyệt; hệ thống đang lập gói cho từng hồ sơ.",
    "return": "Đã trả lại danh mục.",
    "retry": "Hệ thống đang đóng gói lại những hồ sơ chưa được.",
    "accept": "Đã tiếp nhận; biên bản đã có số, hệ thống đang lập gói lưu trữ.",
    "leave_out": "Đã đưa hồ sơ ra khỏi danh mục.",
    "use": "Đã nhận yêu cầu; gói khai thác đang được lập, mời tải lại trang sau ít phút.",
}
_FIELDS = ["title"]


@officer(ArchivePermission.VIEW)
@require_http_methods(["GET", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """The lists of one's units with their progress, and what is due to be put on one."""
    actor, now, error, status = actor_of(request), clock.now(), "", 200
    if request.method == "POST":
        try:
            made = actions.open_list(unit_id=_number(request.POST.get("unit", "")), actor=actor, at=now)
        except Forbidden:
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, "Đã lập danh mục; mời xem lại rồi trình lãnh đạo duyệt.")
            return redirect("workspace:archives:detail", list_id=made.pk)
    rows, older = queries.list_lists(actor=actor, before=_number(request.GET.get("truoc", "")))
    units = queries.drafting_units(actor)
    # A province's records officer keeps many units: what is due is counted where the work is, not everywhere.
    due = [(unit, queries.due_count(unit_id=unit.id, at=now)) for unit in units[:1]]
    context = {
        "rows": [(row, _TONES[ListStatus(row.status)]) for row in rows], "older": older, "due": due, "error": error,
        "units": units, "closed_days": queries.rules_now().closed_days,
    }  # fmt: skip
    return page(request, "workspace/archives/list.html", context, place="archives", status=status)


@officer(ArchivePermission.VIEW)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, list_id: int) -> HttpResponse:
    """One list: its files and packages, and the act that is due."""
    actor, error, status = actor_of(request), "", 200
    found = queries.get_list(actor=actor, list_id=list_id)
    if request.method == "POST":
        try:
            said = _act(request, list_id, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:archives:detail", list_id=list_id)
    _record(actor, f"archive_list:{list_id}", "Xem danh mục hồ sơ nộp lưu")
    context = {
        "found": found, "row": found.row, "tone": _TONES[ListStatus(found.row.status)], "error": error,
        "files": [(one, _FILE_TONES[FileStatus(one.status)]) for one in found.files],
        "uses": queries.list_uses(actor=actor, list_id=list_id), "me": actor.account_id,
    }  # fmt: skip
    return page(request, "workspace/archives/detail.html", context, place="archives", status=status)


@officer(ArchivePermission.VIEW)
@require_safe
def receipt(request: HttpRequest, list_id: int) -> HttpResponse:
    """The record of hand-over of an accepted list (biên bản giao nhận)."""
    actor = actor_of(request)
    found = queries.get_list(actor=actor, list_id=list_id)
    if found.accepted_at is None:
        raise ListNotFound("Danh mục này chưa được tiếp nhận.")
    _record(actor, f"archive_list:{list_id}", "Xem biên bản giao nhận hồ sơ")
    return send_pdf(queries.receipt_pdf(found), f"bien-ban-giao-nhan-{list_id}")


@officer(ArchivePermission.VIEW)
@require_safe
def package(request: HttpRequest, archival_file_id: int, kind: str) -> FileResponse:
    """A submission or archival package, sent as it is read (tải gói)."""
    if kind not in {"sip", "aip"}:
        raise ArchivalFileNotFound
    actor = actor_of(request)
    file_id, code, case_id = queries.get_package_file(actor=actor, archival_file_id=archival_file_id, kind=kind)
    _record(actor, f"case:{case_id}", "Tải gói lưu trữ của hồ sơ")
    return send_file(file_id, f"{code}-{kind.upper()}")


@officer(ArchivePermission.USE)
@require_safe
def use(request: HttpRequest, use_id: int) -> FileResponse:
    """A package for use, for whoever asked for it (tải gói khai thác)."""
    actor = actor_of(request)
    file_id, code, case_id = queries.get_use_file(actor=actor, dissemination_id=use_id)
    _record(actor, f"case:{case_id}", "Tải gói khai thác hồ sơ lưu trữ")
    return send_file(file_id, f"{code}-DIP")


def _act(request: HttpRequest, list_id: int, actor: Actor) -> str:
    verb, reason, at = request.POST.get("verb", ""), request.POST.get("reason", "")[:500], clock.now()
    file_id = _number(request.POST.get("file", ""))
    acts: dict[str, Callable[[], object]] = {
        "submit": lambda: actions.submit_list(list_id=list_id, actor=actor, at=at),
        "approve": lambda: actions.approve_list(list_id=list_id, actor=actor, at=at),
        "return": lambda: actions.return_list(list_id=list_id, reason=reason, actor=actor, at=at),
        "retry": lambda: actions.retry_packaging(list_id=list_id, actor=actor, at=at),
        "accept": lambda: actions.accept_list(list_id=list_id, actor=actor, at=at),
        "leave_out": lambda: actions.leave_out_file(archival_file_id=file_id, reason=reason, actor=actor, at=at),
        "use": lambda: actions.request_use(
            archival_file_id=file_id,
            purpose=reason,
            recipient=request.POST.get("recipient", "")[:200],
            actor=actor,
            at=at,
        ),
    }
    if verb not in acts:
        raise NotFound
    acts[verb]()
    return _SAID[verb]


def _number(text: str) -> int:
    return whole_number(text) or 0


def _record(actor: Actor, subject: str, purpose: str) -> None:
    record_disclosure(subject=subject, purpose=purpose, fields=_FIELDS, actor=actor, at=clock.now())
