"""Sổ kết quả: the results a unit has issued, by book, number, day and name; extracts and duplicates of them."""

import itertools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import BookFilter, BookPage
from tinhso.apps.directory import queries as directory
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day, send_file
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from tinhso.lib.spreadsheet import csv_lines
from tinhso.lib.text import whole_number

_FIELDS = ["applicant_name"]
_SAID = {
    "request": "Đã gửi đề nghị, chờ người có thẩm quyền ký.",
    "approve": "Đã đồng ý cấp; văn bản đang được lập, ký số và đóng dấu.",
    "decline": "Đã trả lời không cấp.",
}
_TONES = {"requested": "soon", "approved": "ok", "declined": "late"}


@officer(CasePermission.VIEW_REGISTER)
@require_safe
def book(request: HttpRequest) -> HttpResponse:
    """A page of a register of results; nothing on it is typed by anybody."""
    actor = actor_of(request)
    wanted, units, error = _read(request, actor)
    found, today = BookPage(()), clock.today()
    cancelled: list[Any] = []
    if wanted is not None and not error:
        try:
            found = queries.book_page(actor=actor, wanted=wanted, on=today, cursor=request.GET.get("truoc", "")[:200])
            cancelled = queries.cancelled_numbers(actor=actor, wanted=wanted, on=today) if not wanted.words else []
        except Invalid as refusal:
            error = refusal.message
        else:
            _record(actor, f"unit:{wanted.unit_id}", "Xem sổ kết quả")
    query = _query(wanted)
    context = {
        "units": units, "wanted": wanted, "error": error, "rows": found.rows, "query": query,
        "cancelled": cancelled, "looked": found.looked,
        "older": f"?{query}&{urlencode({'truoc': found.next})}" if found.next else "",
        "books": queries.books_of(actor=actor, unit_id=wanted.unit_id, on=today) if wanted else [],
        "waiting": queries.waiting_extracts(actor=actor, on=today),
    }  # fmt: skip
    return page(request, "workspace/books/list.html", context, place="books", status=422 if error else 200)


@officer(CasePermission.VIEW_REGISTER)
@require_safe
def export_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The whole register as CSV, sent as it is read."""
    actor = actor_of(request)
    wanted, _units, error = _read(request, actor)
    if wanted is None or error or wanted.end < wanted.start:
        raise Invalid(error or "Ngày cuối phải từ ngày đầu trở đi.")
    _record(actor, f"unit:{wanted.unit_id}", "Xuất sổ kết quả (CSV)")
    today = clock.today()
    gone = [] if wanted.words else queries.cancelled_numbers(actor=actor, wanted=wanted, on=today)
    issued = (row.cells() for row in queries.iterate_book(actor=actor, wanted=wanted, on=today))
    rows = itertools.chain(issued, (row.cells() for row in gone))
    response = StreamingHttpResponse(csv_lines(queries.BOOK_HEADER, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="so-ket-qua-{wanted.start:%Y%m%d}-{wanted.end:%Y%m%d}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@officer(CasePermission.VIEW_REGISTER)
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, result_id: int) -> HttpResponse:
    """One result of a register: its history, its extracts and duplicates, and the acts on them."""
    actor, error, status = actor_of(request), "", 200
    found = queries.book_entry(actor=actor, result_id=result_id, on=clock.today())
    if request.method == "POST":
        try:
            said = _act(request, result_id, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:books:entry", result_id=result_id)
    _record(actor, f"result:{result_id}", "Xem một dòng của sổ kết quả")
    context = {
        "found": found, "row": found.row, "error": error,
        "extracts": [(one, _TONES[one.status]) for one in found.extracts],
    }  # fmt: skip
    return page(request, "workspace/books/entry.html", context, place="books", status=status)


@officer(CasePermission.VIEW_REGISTER)
@require_safe
def extract(request: HttpRequest, extract_id: int) -> FileResponse:
    """The paper of an extract or duplicate."""
    actor = actor_of(request)
    file_id, name, case_id = queries.get_extract_file(actor=actor, extract_id=extract_id, on=clock.today())
    _record(actor, f"case:{case_id}", "Tải trích lục, bản cấp lại")
    return send_file(file_id, name)


def _act(request: HttpRequest, result_id: int, actor: Actor) -> str:
    given, at = request.POST, clock.now()
    verb, extract_id = given.get("verb", ""), _number(given.get("extract", ""))
    acts: dict[str, Callable[[], object]] = {
        "request": lambda: actions.request_extract(
            result_id=result_id, kind=given.get("kind", ""), recipient=given.get("recipient", "")[:200],
            purpose=given.get("purpose", "")[:500], actor=actor, at=at,
        ),
        "approve": lambda: actions.approve_extract(extract_id=extract_id, actor=actor, at=at),
        "decline": lambda: actions.decline_extract(
            extract_id=extract_id, reason=given.get("reason", "")[:500], actor=actor, at=at
        ),
    }  # fmt: skip
    if verb not in acts:
        raise NotFound
    acts[verb]()
    return _SAID[verb]


def _read(request: HttpRequest, actor: Actor) -> tuple[BookFilter | None, list[Any], str]:
    """The register of the address, the units to choose from, or why it cannot be told."""
    today, error = clock.today(), ""
    allowed = queries.register_units(actor)
    units = [unit for unit in directory.list_units(on=today) if unit.id in allowed and unit.kind.is_administrative]
    units = sorted(units, key=lambda unit: unit.path.count("/"))
    if not units:
        units = sorted(
            (u for u in directory.list_units(on=today) if u.id in allowed), key=lambda unit: unit.path.count("/")
        )
    if not units:
        return None, [], "Bạn chưa được giao sổ kết quả của đơn vị nào."
    chosen = _number(request.GET.get("don-vi", ""))
    start, end = today.replace(month=1, day=1), today
    try:
        first, last = request.GET.get("tu", ""), request.GET.get("den", "")
        start = parse_day(first) if first else start
        end = parse_day(last) if last else end
    except ValueError:
        error = "Ngày viết theo dạng ngày/tháng/năm, ví dụ 15/06/2026."
    wanted = BookFilter(
        unit_id=chosen if chosen in allowed else units[0].id, start=start, end=end, book=request.GET.get("so", "")[:40],
        words=request.GET.get("tim", "")[:100],
    )  # fmt: skip
    return wanted, units, error


def _query(wanted: BookFilter | None) -> str:
    if wanted is None:
        return ""
    values = {"don-vi": wanted.unit_id, "tu": wanted.start.isoformat(), "den": wanted.end.isoformat()}
    return urlencode({**values, "so": wanted.book, "tim": wanted.words})


def _number(text: str) -> int:
    return whole_number(text) or 0


def _record(actor: Actor, subject: str, purpose: str) -> None:
    record_disclosure(subject=subject, purpose=purpose, fields=_FIELDS, actor=actor, at=clock.now())
