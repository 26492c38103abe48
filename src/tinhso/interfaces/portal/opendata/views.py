"""Daily figures of the data exchange for anybody: no person, no asking agency, whole days only (dữ liệu mở)."""

import csv
import io
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tinhso.apps.exchange import queries
from tinhso.apps.exchange.queries import DayFigures
from tinhso.interfaces.access.policy import public
from tinhso.kernel import clock

_MOST_DAYS = 366
_SHOWN_DAYS = 7
DICTIONARY = (
    ("day", "ngày, theo giờ Việt Nam, dạng năm-tháng-ngày"),
    ("service", "mã dịch vụ trên nền tảng chia sẻ dữ liệu; trống ở dòng gộp"),
    ("name", "tên dịch vụ; dịch vụ không công bố tên được gộp thành «Dịch vụ khác»"),
    ("calls", "số lượt gọi trong ngày, của mọi hệ thống"),
    ("errors", "số lượt mà bên cung cấp không trả lời hoặc trả lời lỗi 5xx"),
    ("median_ms", "thời gian trả lời trung vị, mili giây; trống khi không có lượt nào thành công"),
)


@public
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What is published, what each column means, under which licence."""
    last = _yesterday()
    rows = queries.daily_figures(first=last - timedelta(days=_SHOWN_DAYS - 1), last=last)
    context = {
        "section": "open_data", "rows": list(reversed(rows)), "dictionary": DICTIONARY, "licence": queries.operations().licence,
        "licence_url": queries.operations().licence_url, "since": queries.first_day(), "last": last,
        "days": _MOST_DAYS, "shown": _SHOWN_DAYS,
    }  # fmt: skip
    return render(request, "portal/opendata/page.html", context)


@public
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The figures as CSV in UTF-8; `?tu=2026-01-01&den=2026-01-31` asks for other days."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([name for name, _ in DICTIONARY])
    for row in _asked(request):
        median = "" if row.median_ms is None else f"{row.median_ms:.1f}"
        writer.writerow([row.day.isoformat(), row.service, row.name, row.calls, row.errors, median])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="chia-se-du-lieu.csv"'
    return _for_anybody(response)


@public
@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON, with dictionary and licence."""
    rows = [
        {
            "day": row.day.isoformat(), "service": row.service, "name": row.name, "calls": row.calls, "errors": row.errors,
            "median_ms": None if row.median_ms is None else round(row.median_ms, 1),
        }
        for row in _asked(request)
    ]  # fmt: skip
    whole = {
        "title": "Lượt chia sẻ dữ liệu mỗi ngày", "licence": queries.operations().licence,
        "licence_url": queries.operations().licence_url, "dictionary": dict(DICTIONARY), "rows": rows,
    }  # fmt: skip
    return _for_anybody(JsonResponse(whole, json_dumps_params={"ensure_ascii": False}))


def _asked(request: HttpRequest) -> list[DayFigures]:
    """The days asked for, at most a year of them, up to yesterday: today is not over."""
    last = min(_day(request.GET.get("den", "")) or _yesterday(), _yesterday())
    first = max(_day(request.GET.get("tu", "")) or date.min, last - timedelta(days=_MOST_DAYS - 1))
    return queries.daily_figures(first=first, last=last) if first <= last else []


def _for_anybody(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _yesterday() -> date:
    return clock.today() - timedelta(days=1)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year > 2000 else None
