"""Digitising the papers of a case at the counter: scan, look, confirm or scan again (số hóa giấy tờ)."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import actions, flows, permissions, queries
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.enums import CaseStatus, ScanStatus
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.documents.data import FileHeld
from tinhso.apps.documents.queries import list_previews
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.access.previews import send_sheet
from tinhso.interfaces.access.uploads import files_of
from tinhso.interfaces.workspace.requests import actor_of, is_fragment, keep_upload, page
from tinhso.kernel import clock
from tinhso.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tinhso.lib.text import whole_number

_TONES = {
    ScanStatus.TAKEN: "soon", ScanStatus.CHECKED: "soon", ScanStatus.CONFIRMED: "info", ScanStatus.DONE: "ok",
}  # fmt: skip
_LONGEST_SEARCH = 200
_MOST_NAMES = 60


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scanned page on the screen; `width` 0 while its likeness is being made."""

    number: int
    file_id: int
    page: int
    problems: tuple[str, ...]
    dpi: int
    width: int = 0
    height: int = 0


@officer(CasePermission.RECEIVE)
@require_safe
def scans(request: HttpRequest, code: str) -> HttpResponse:
    """Every paper of the case: to be scanned, on its way, done, or why it needs no scan."""
    case = queries.get_case(actor=actor_of(request), code=code)
    needs = queries.scan_needs(case, today=clock.today())
    rows = [(need, _TONES.get(ScanStatus(need.scan.status), "mute") if need.scan else "") for need in needs]
    context = {
        "case": case, "title": queries.get_package(case).facts.title, "rows": rows,
        "open": sum(need.is_needed and (need.scan is None or need.scan.status != ScanStatus.DONE) for need in needs),
        "may_scan": permissions.can_scan(actor_of(request), case) and case.status in queries.SCANNED_IN,
    }  # fmt: skip
    return page(request, "workspace/cases/scans.html", context)


@officer(CasePermission.RECEIVE)
@require_safe
def scan(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """One paper: the place to scan into, or the scanned pages with what is wrong with each."""
    actor = actor_of(request)
    case = queries.get_case(actor=actor, code=code)
    need = _need(case, key)
    context = {
        "case": case, "need": need, "title": need.name,
        "may_scan": permissions.can_scan(actor, case) and case.status in queries.SCANNED_IN,
        "arrived": queries.arrived_scans(case, actor=actor),
        "closed": case.status in {CaseStatus.RESOLVED, CaseStatus.DELIVERED},
        **_shown(need),
    }  # fmt: skip
    if need.scan is not None:
        record_disclosure(
            subject=f"case:{case.pk}", purpose="Đối chiếu trang quét với bản giấy", fields=[f"scans.{key}"], actor=actor,
            at=clock.now(),
        )  # fmt: skip
    if is_fragment(request):
        return render(request, "workspace/cases/_scan.html", context)
    return page(request, "workspace/cases/scan.html", context)


@officer(CasePermission.RECEIVE)
@require_safe
def arrived(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """What the scanner of this counter has sent meanwhile; the page asks every few seconds."""
    actor = actor_of(request)
    case = queries.get_case(actor=actor, code=code)
    context = {
        "case": case, "need": _need(case, key), "arrived": queries.arrived_scans(case, actor=actor),
        "ticked": request.GET.getlist("may-quet")[:_MOST_NAMES],
    }  # fmt: skip
    return render(request, "workspace/cases/_arrived.html", context)


@officer(CasePermission.RECEIVE)
@require_POST
def take(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Take scanned files, check them at once, and show what was found."""
    actor, now = actor_of(request), clock.now()
    case = queries.get_case(actor=actor, code=code)
    try:
        declared = _declared(request)
        limits = queries.get_package(case).upload_limits(key)
        files = [keep_upload(upload, actor, limits).id for upload in files_of(request).getlist("files")]
        taken = flows.take_from_folder(
            case_id=case.pk, key=key, names=request.POST.getlist("may-quet")[:_MOST_NAMES], file_ids=files,
            declared_pages=declared, actor=actor, at=now,
        )  # fmt: skip
        with suppress(FileHeld):  # the job goes on when the search for malware is done
            flows.check_scan(scan_id=taken.pk, at=now)
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("workspace:cases:scan", code=case.code, key=key)


@officer(CasePermission.RECEIVE)
@require_POST
def confirm(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """The pages are all there and like the paper: sign for them."""
    actor = actor_of(request)
    found = queries.get_scan(actor=actor, code=code, key=key)
    note = request.POST.get("note", "")
    try:
        actions.confirm_scan(scan_id=found.pk, note=note, actor=actor, at=clock.now())
        messages.success(request, f"Đã xác nhận «{found.name}». Bản số hóa được ký bằng chữ ký số của bạn.")
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.message)
        return redirect("workspace:cases:scan", code=code, key=key)
    return redirect("workspace:cases:scans", code=code)


@officer(CasePermission.RECEIVE)
@require_POST
def discard(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Throw the pages away and scan again."""
    actor = actor_of(request)
    found = queries.get_scan(actor=actor, code=code, key=key)
    try:
        actions.discard_scan(scan_id=found.pk, actor=actor, at=clock.now())
        messages.success(request, "Đã bỏ trang quét; mời quét lại.")
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.message)
    return redirect("workspace:cases:scan", code=code, key=key)


@officer(CasePermission.RECEIVE)
@require_safe
def leaf(request: HttpRequest, code: str, key: str, number: int) -> HttpResponse:
    """The likeness of one scanned page."""
    found = queries.get_scan(actor=actor_of(request), code=code, key=key)
    pages = queries.scan_pages(found)
    if not 1 <= number <= len(pages):
        raise CaseNotFound("Lượt quét này không có trang đó.")
    return send_sheet(pages[number - 1]["file_id"], pages[number - 1]["page"])


@officer(CasePermission.VIEW)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Digitised papers in which some words were read, among the cases this officer sees."""
    words = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    found = list(queries.search_scans(actor=actor_of(request), words=words)) if words else []
    if found:
        record_disclosure(
            subject=f"account:{actor_of(request).account_id}", purpose="Tìm chữ trong giấy tờ đã số hóa",
            fields=[f"case:{one.case_id}" for one in found], actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    return page(request, "workspace/cases/scan_search.html", {"words": words, "found": found}, place="scan_search")


def _declared(request: HttpRequest) -> int | None:
    """How many pages the officer counted; None when nothing was written."""
    typed = request.POST.get("pages", "").strip()
    if not typed:
        return None
    pages = whole_number(typed)
    if pages is None or not 0 < pages <= queries.MOST_PAGES:
        raise Invalid(f"Số trang của bản giấy là số từ 1 đến {queries.MOST_PAGES}.")
    return pages


def _need(case: Any, key: str) -> queries.ScanNeed:
    for need in queries.scan_needs(case, today=clock.today()):
        if need.key == key:
            return need
    raise CaseNotFound("Hồ sơ này không có giấy tờ đó.")


def _shown(need: queries.ScanNeed) -> dict[str, Any]:
    """The pages with their likenesses, and whether the page should look again in a moment."""
    if need.scan is None:
        return {"leaves": [], "is_moving": False, "faulty": 0, "status": ""}
    likenesses = {
        (file_id, seen.page): seen
        for file_id in {page["file_id"] for page in need.scan.report}
        for seen in list_previews(file_id)
    }
    leaves = []
    for one in queries.scan_pages(need.scan):
        seen = likenesses.get((one["file_id"], one["page"]))
        size = (seen.width, seen.height) if seen else (0, 0)
        leaves.append(Leaf(one["number"], one["file_id"], one["page"], tuple(one["problems"]), one["dpi"], *size))
    status = ScanStatus(need.scan.status)
    waiting = status in {ScanStatus.TAKEN, ScanStatus.CONFIRMED} and not need.scan.failure
    return {
        "leaves": leaves, "status": status.value, "faulty": sum(bool(one.problems) for one in leaves),
        "is_moving": waiting or (status == ScanStatus.CHECKED and any(not one.width for one in leaves[:50])),
        "is_faulty": bool(need.scan.problems) or any(one.problems for one in leaves),
    }  # fmt: skip
