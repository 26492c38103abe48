"""Sổ theo dõi hồ sơ (Mẫu 07) as a page and as files, and how people rated each unit."""

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import RegisterFilter
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid
from tinhso.lib.spreadsheet import csv_lines, write_xlsx
from tinhso.lib.text import whole_number

_FIELDS = ["applicant_name", "applicant"]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The register somebody asked for, or why it cannot be told."""

    wanted: RegisterFilter | None
    units: list[Any]
    error: str = ""


@officer(CasePermission.VIEW_REGISTER)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """A page of the register, by unit, field and days of reception; nothing on it is typed by anybody."""
    actor = actor_of(request)
    asked = _read(request, actor)
    found, error = None, asked.error
    if asked.wanted is not None and not error:
        try:
            found = queries.register_page(actor=actor, wanted=asked.wanted, cursor=request.GET.get("sau", "")[:50])
        except Invalid as refusal:
            error = refusal.message
    if found is not None and asked.wanted is not None:
        _record(actor, asked.wanted, "Xem sổ theo dõi hồ sơ")
    query = _query(asked.wanted)
    context = {
        "units": asked.units, "wanted": asked.wanted, "error": error, "found": found, "query": query,
        "older": f"?{query}&sau={found.next}" if found and found.next else "",
        "fields": procedures.list_fields(on=clock.today()),
    }  # fmt: skip
    return page(request, "workspace/registers/register.html", context, place="register", status=422 if error else 200)


@officer(CasePermission.VIEW_REGISTER)
@require_safe
def export_csv(request: HttpRequest) -> HttpResponseBase:
    """The whole register as CSV, sent as it is read."""
    actor = actor_of(request)
    wanted = _wanted(request, actor)
    _record(actor, wanted, "Xuất sổ theo dõi hồ sơ (CSV)")
    rows = (row.cells() for row in queries.iterate_register(actor=actor, wanted=wanted))
    response = StreamingHttpResponse(csv_lines(queries.HEADER, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(wanted)}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@officer(CasePermission.VIEW_REGISTER)
@require_safe
def export_xlsx(request: HttpRequest) -> HttpResponseBase:
    """The whole register as a workbook, written row by row to a file that is gone when it has been sent."""
    actor = actor_of(request)
    wanted = _wanted(request, actor)
    _record(actor, wanted, "Xuất sổ theo dõi hồ sơ (XLSX)")
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - closed, and so removed, by the response
    rows = (row.cells() for row in queries.iterate_register(actor=actor, wanted=wanted))
    try:
        write_xlsx(Path(file.name), title="Sổ theo dõi hồ sơ", header=queries.HEADER, rows=rows)
    except BaseException:
        file.close()  # no response will
        raise
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=f"{_name(wanted)}.xlsx", content_type=_XLSX)
    response["Cache-Control"] = "private, no-store"
    return response


@officer(CasePermission.VIEW_REGISTER)
@require_safe
def ratings(request: HttpRequest) -> HttpResponse:
    """How people rated each unit, and what was wrong, the least satisfied first (mức độ hài lòng)."""
    today = clock.today()
    start, end, error = _days(request, today.replace(day=1), today)
    found = []
    try:
        found = queries.ratings_by_unit(actor=actor_of(request), start=start, end=end)
    except Invalid as refusal:
        error = refusal.message
    context = {"found": found, "start": start, "end": end, "error": error}
    return page(request, "workspace/registers/ratings.html", context, place="ratings", status=422 if error else 200)


def _read(request: HttpRequest, actor: Actor) -> _Asked:
    today = clock.today()
    start, end, error = _days(request, today.replace(day=1), today)
    allowed = queries.register_units(actor)
    units = sorted(
        (unit for unit in directory.list_units(on=today) if unit.id in allowed), key=lambda unit: unit.path.count("/")
    )
    if not units:
        return _Asked(None, [], "Bạn chưa được giao sổ theo dõi của đơn vị nào.")
    chosen = whole_number(request.GET.get("don-vi", ""))
    unit_id = chosen if chosen is not None and chosen in allowed else units[0].id
    wanted = RegisterFilter(unit_id=unit_id, start=start, end=end, field=request.GET.get("linh-vuc", "")[:200])
    return _Asked(wanted, units, error)


def _wanted(request: HttpRequest, actor: Actor) -> RegisterFilter:
    asked = _read(request, actor)
    if asked.wanted is None or asked.error:
        raise Invalid(asked.error)
    if asked.wanted.end < asked.wanted.start:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi.")
    return asked.wanted


def _days(request: HttpRequest, start: date, end: date) -> tuple[date, date, str]:
    """The two days of the address, or the usual ones with a sentence about what was wrong."""
    try:
        first, last = request.GET.get("tu", ""), request.GET.get("den", "")
        start = parse_day(first) if first else start
        end = parse_day(last) if last else end
    except ValueError:
        return start, end, "Ngày viết theo dạng ngày/tháng/năm, ví dụ 15/06/2026."
    return start, end, ""


def _query(wanted: RegisterFilter | None) -> str:
    if wanted is None:
        return ""
    values = {"don-vi": wanted.unit_id, "tu": wanted.start.isoformat(), "den": wanted.end.isoformat()}
    return urlencode({**values, **({"linh-vuc": wanted.field} if wanted.field else {})})


def _name(wanted: RegisterFilter) -> str:
    return f"so-theo-doi-{wanted.start:%Y%m%d}-{wanted.end:%Y%m%d}"


def _record(actor: Actor, wanted: RegisterFilter, purpose: str) -> None:
    days = f"{wanted.start:%d/%m/%Y} - {wanted.end:%d/%m/%Y}"
    record_disclosure(
        subject=f"unit:{wanted.unit_id}", purpose=f"{purpose}, {days}", fields=_FIELDS, actor=actor, at=clock.now()
    )
