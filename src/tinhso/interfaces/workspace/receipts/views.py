"""Biên lai điện tử: receipts of one's units, cancelling and replacing by two people, the report of the month."""

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.directory import queries as directory
from tinhso.apps.receipts import actions, queries
from tinhso.apps.receipts.data import ReceiptNotFound
from tinhso.apps.receipts.enums import EndingKind, EndingReason, EndingStatus, ReceiptStatus
from tinhso.apps.receipts.permissions import ReceiptPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, send_file
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.spreadsheet import csv_lines
from tinhso.lib.text import whole_number

if TYPE_CHECKING:
    from tinhso.apps.receipts.models import Receipt

_FIELDS = ["payer_name", "payer_id", "payer_address"]
_TONES = {
    ReceiptStatus.DRAFT: "soon", ReceiptStatus.ISSUED: "ok", ReceiptStatus.REPLACED: "mute", ReceiptStatus.CANCELLED: "late",
}  # fmt: skip
_ENDING_TONES = {EndingStatus.PROPOSED: "soon", EndingStatus.APPROVED: "ok", EndingStatus.REFUSED: "late"}
_SAID = {
    "propose": "Đã gửi đề nghị, chờ người có thẩm quyền duyệt.",
    "approve": "Đã duyệt.",
    "refuse": "Đã trả lời không duyệt; biên lai giữ nguyên.",
}
_HEADER = (
    "Đơn vị", "Mẫu số", "Ký hiệu", "Từ số", "Đến số", "Số lượng sử dụng", "Đã lập", "Đã hủy", "Bị thay thế", "Đang lập",
    "Số tiền (đồng)", "Số bị thiếu",
)  # fmt: skip


@officer(ReceiptPermission.VIEW)
@require_safe
def receipts(request: HttpRequest) -> HttpResponse:
    """Receipts of one's units, newest first."""
    actor, given = actor_of(request), request.GET
    words, status = given.get("tim", "")[:100].strip(), given.get("tinh-trang", "")
    status = status if status in ReceiptStatus.values else ""
    rows, older = queries.list_receipts(actor=actor, status=status, words=words, before=_number(given.get("truoc", "")))
    if rows:
        _record(actor, "receipts", "Xem danh sách biên lai")
    query = urlencode({"tim": words, "tinh-trang": status})
    today = clock.today()
    mode, coming = (
        queries.rules_now().mode_on(today),
        next((one for one in queries.rules_now().modes if one.effective_from > today and not one.paper), None),
    )
    context = {
        "rows": [(one, queries.label(one), _TONES[ReceiptStatus(one.status)]) for one in rows], "words": words,
        "status": status, "statuses": ReceiptStatus.choices, "older": f"?{query}&truoc={older}" if older else "",
        "coming": coming, "mode": mode,
    }  # fmt: skip
    return page(request, "workspace/receipts/list.html", context, place="receipts")


@officer(ReceiptPermission.VIEW)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """One receipt, what it says, and the proposals about it."""
    actor, error, status = actor_of(request), "", 200
    found = queries.get_receipt(actor=actor, receipt_id=receipt_id)
    if request.method == "POST":
        try:
            said = _act(request, receipt_id, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:receipts:detail", receipt_id=receipt_id)
    _record(actor, f"receipt:{receipt_id}", "Xem biên lai")
    endings = queries.endings_of(found)
    waiting = any(one.status == EndingStatus.PROPOSED for one in endings)
    holds = found.status == ReceiptStatus.ISSUED
    later = getattr(found, "replaced_by", None)
    context = {
        "row": found, "label": queries.label(found), "tone": _TONES[ReceiptStatus(found.status)], "error": error,
        "unit": directory.get_unit(found.unit_id), "old": found.replaces, "later": later,
        "old_label": queries.label(found.replaces) if found.replaces else "",
        "later_label": queries.label(later) if later else "",
        "endings": [(one, _ENDING_TONES[EndingStatus(one.status)]) for one in endings],
        "may_propose": holds and not waiting and actor.has(ReceiptPermission.PROPOSE_ENDING, unit_id=found.unit_id),
        "may_decide": holds and actor.has(ReceiptPermission.APPROVE_ENDING, unit_id=found.unit_id),
        "me": actor.account_id, "kinds": EndingKind.choices, "reasons": EndingReason.choices, "typed": _typed(request, found),
    }  # fmt: skip
    return page(request, "workspace/receipts/detail.html", context, place="receipts", status=status)


@officer(ReceiptPermission.VIEW)
@require_safe
def paper(request: HttpRequest, receipt_id: int) -> FileResponse:
    """The sealed PDF of a receipt."""
    actor = actor_of(request)
    found = queries.get_receipt(actor=actor, receipt_id=receipt_id)
    if found.file_id is None:
        raise ReceiptNotFound("Biên lai này chưa lập xong.")
    _record(actor, f"receipt:{receipt_id}", "Tải biên lai")
    return send_file(found.file_id, queries.file_name(found), inline=True)


@officer(ReceiptPermission.VIEW)
@require_safe
def xml(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """The XML of a receipt."""
    actor = actor_of(request)
    found = queries.get_receipt(actor=actor, receipt_id=receipt_id)
    if not found.xml:
        raise ReceiptNotFound("Biên lai này chưa lập xong.")
    _record(actor, f"receipt:{receipt_id}", "Tải biên lai (XML)")
    return _attached(found.xml, "application/xml", f"{queries.file_name(found)}.xml")


@officer(ReceiptPermission.VIEW)
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Báo cáo tình hình sử dụng biên lai of a month, and what does not agree in it."""
    actor = actor_of(request)
    month, error = _month(request)
    context = {
        "month": month, "error": error, "rows": queries.month_use(actor=actor, month=month),
        "differences": queries.differences(actor=actor, month=month, now=clock.now()),
    }  # fmt: skip
    return page(request, "workspace/receipts/report.html", context, place="receipts", status=422 if error else 200)


@officer(ReceiptPermission.VIEW)
@require_safe
def report_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The report of a month as CSV."""
    month, _error = _month(request)
    rows = [
        (
            one.unit_name, one.template_code, one.series, one.first, one.last, one.used, one.issued, one.cancelled,
            one.replaced, one.drafts, one.amount_vnd, " ".join(one.unused),
        )
        for one in queries.month_use(actor=actor_of(request), month=month)
    ]  # fmt: skip
    response = StreamingHttpResponse(csv_lines(_HEADER, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="su-dung-bien-lai-{month:%Y-%m}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _act(request: HttpRequest, receipt_id: int, actor: Actor) -> str:
    given, at = request.POST, clock.now()
    verb, ending_id = given.get("verb", ""), _number(given.get("ending", ""))
    if verb == "propose":
        corrections: dict[str, Any] = {
            key: given.get(key, "").strip()[:length]
            for key, length in (("payer_name", 200), ("payer_id", 20), ("payer_address", 300))
        }
        actions.propose_ending(
            receipt_id=receipt_id, kind=given.get("kind", ""), reason_code=given.get("reason_code", ""),
            reason=given.get("reason", ""), corrections=corrections, actor=actor, at=at,
        )  # fmt: skip
    elif verb == "approve":
        actions.approve_ending(ending_id=ending_id, actor=actor, at=at)
    elif verb == "refuse":
        actions.refuse_ending(ending_id=ending_id, reason=given.get("reason", ""), actor=actor, at=at)
    else:
        raise NotFound
    return _SAID[verb]


def _typed(request: HttpRequest, found: "Receipt") -> dict[str, str]:
    """What the form shows: as it was sent, else what the receipt says."""
    first = {"payer_name": found.payer_name, "payer_id": found.payer_id, "payer_address": found.payer_address}
    keys = ("kind", "reason_code", "reason", *first)
    return {key: request.POST.get(key, first.get(key, "")) for key in keys}


def _month(request: HttpRequest) -> tuple[date, str]:
    """The month asked for as `2027-01` or `01/2027`; this one where none is, or where it cannot be read."""
    typed, today = request.GET.get("thang", "").strip(), clock.today()
    parts = typed.split("/")[::-1] if "/" in typed else typed.split("-")
    if not typed:
        return today.replace(day=1), ""
    try:
        year, month = (whole_number(part, digits=4) or 0 for part in parts[:2])
        return clock.of_our_time(date(year, month, 1)), ""
    except (ValueError, OverflowError):
        return today.replace(day=1), "Tháng ghi như 01/2027."


def _attached(content: str, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content.encode(), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _number(text: str) -> int:
    return whole_number(text) or 0


def _record(actor: Actor, subject: str, purpose: str) -> None:
    record_disclosure(subject=subject, purpose=purpose, fields=_FIELDS, actor=actor, at=clock.now())
