"""Volume, latency and errors over time, from sums the clock has made: no page counts lines of the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Max

from tinhso.apps.exchange import permissions, rules
from tinhso.apps.exchange.enums import Grain
from tinhso.apps.exchange.models import Service, Traffic
from tinhso.apps.exchange.queries._registry import service_of
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.histogram import added, empty, percentile_ms

OTHERS = "Dịch vụ khác"
_MOST_SERIES = 300


class Period(StrEnum):
    """How far back a dashboard looks (khoảng thời gian)."""

    DAY = "24h"
    MONTH = "30d"


@dataclass(frozen=True, slots=True)
class Point:
    """What happened in one hour or day (một giờ hoặc một ngày)."""

    start: datetime
    calls: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of one service or client over a period (tổng)."""

    name: str
    calls: int
    failed: int
    refused: int
    p50_ms: float | None
    p95_ms: float | None
    bytes_in: int
    bytes_out: int

    @property
    def failed_share(self) -> float:
        """Failed calls as a share of all, 0 to 1."""
        return (self.failed + self.refused) / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything a dashboard draws (bảng theo dõi)."""

    points: tuple[Point, ...]
    whole: Totals
    parts: tuple[Totals, ...]
    errors: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One service on one day, for anybody to read (số liệu ngày)."""

    day: date
    service: str
    name: str
    calls: int
    errors: int
    median_ms: float | None


def dashboard(
    *, actor: Actor, at: datetime, period: Period, service: str = "", clients: Sequence[str] = ()
) -> Dashboard:
    """Of all, of one service (with its clients as parts), or of some clients (with the services they use as parts).

    Reads one run of an index: hours of a day, or days of a month.
    """
    require(permissions.can_see_catalogue(actor))
    grain, starts = _starts(period, at)
    rows = Traffic.objects.filter(grain=grain, start__gte=starts[0], start__lte=starts[-1])
    if service:
        rows = rows.filter(service=service)
    elif clients:
        rows = rows.filter(client__in=clients)
    else:
        rows = rows.filter(client="")
    found = list(rows.order_by("start"))
    whole = found if clients else [row for row in found if row.client == ""]
    parts: dict[str, list[Traffic]] = {}
    for row in found:
        if service and row.client == "":
            continue
        parts.setdefault(row.client if service else row.service, []).append(row)
    totals = sorted((_totals(name, rows) for name, rows in parts.items()), key=lambda one: (-one.calls, one.name))
    return Dashboard(_points(starts, whole), _totals("", whole), tuple(totals[:_MOST_SERIES]), _errors(whole))


def counted_up_to() -> datetime | None:
    """The start of the newest five minutes that are counted."""
    found: datetime | None = Traffic.objects.filter(grain=Grain.SLOT, client="").aggregate(newest=Max("start"))[
        "newest"
    ]
    return found


def daily_figures(*, first: date, last: date) -> list[DayFigures]:
    """Calls, errors and median duration per day and service, for anybody: no person, no client, whole days only.

    Services whose provider must not be named stand together under one name.
    """
    named = {
        str(service_of(row)): row.name
        for row in Service.objects.select_related("subsystem__member").defer("openapi").filter(is_published=True)
    }
    rows = Traffic.objects.filter(
        grain=Grain.DAY, client="", start__gte=_midnight(first), start__lte=_midnight(last)
    ).exclude(service="")  # fmt: skip
    groups: dict[tuple[date, str], list[Traffic]] = {}
    for row in rows.order_by("start", "service"):
        key = (row.start.astimezone(PROVINCE_TIME).date(), row.service if row.service in named else "")
        groups.setdefault(key, []).append(row)
    return [_figures(day, service, named.get(service, OTHERS), found) for (day, service), found in groups.items()]


def first_day() -> date | None:
    """The first day that is counted."""
    row = Traffic.objects.filter(grain=Grain.DAY, client="").order_by("start").first()
    return row.start.astimezone(PROVINCE_TIME).date() if row else None


def _figures(day: date, service: str, name: str, rows: list[Traffic]) -> DayFigures:
    whole = _totals(name, rows)
    median = percentile_ms(added(*(row.histogram for row in rows)), 0.5)
    return DayFigures(day, service, name, whole.calls, whole.failed + whole.refused, median)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PROVINCE_TIME)


def _starts(period: Period, at: datetime) -> tuple[Grain, list[datetime]]:
    if period is Period.DAY:
        hour = at.replace(minute=0, second=0, microsecond=0)
        return Grain.HOUR, [hour - timedelta(hours=back) for back in range(23, -1, -1)]
    today = at.astimezone(PROVINCE_TIME).date()
    return Grain.DAY, [_midnight(today - timedelta(days=back)) for back in range(29, -1, -1)]


def _points(starts: Iterable[datetime], rows: list[Traffic]) -> tuple[Point, ...]:
    by_start: dict[datetime, list[Traffic]] = {}
    for row in rows:
        by_start.setdefault(row.start, []).append(row)
    points = []
    for start in starts:
        one = _totals("", by_start.get(start, []))
        points.append(Point(start, one.calls, one.failed + one.refused, one.p50_ms, one.p95_ms))
    return tuple(points)


def _totals(name: str, rows: list[Traffic]) -> Totals:
    histogram = added(*(row.histogram for row in rows)) if rows else empty()
    return Totals(
        name=name, calls=sum(row.calls for row in rows),
        failed=sum(rules.provider_failures(row.error_types) for row in rows), refused=sum(row.refused for row in rows),
        p50_ms=percentile_ms(histogram, 0.5), p95_ms=percentile_ms(histogram, 0.95),
        bytes_in=sum(row.bytes_in for row in rows), bytes_out=sum(row.bytes_out for row in rows),
    )  # fmt: skip


def _errors(rows: list[Traffic]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    refused = 0
    for row in rows:
        refused += row.refused
        for name, count in row.error_types.items():
            found[name] = found.get(name, 0) + count
    if refused:
        found["HTTP 5xx"] = refused
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def recent(*, since: datetime) -> dict[str, dict[str, Any]]:
    """By service, the sums of the five-minute slots since an instant, as the alarms read them."""
    found: dict[str, dict[str, Any]] = {}
    rows = Traffic.objects.filter(grain=Grain.SLOT, client="", start__gte=since).exclude(service="")
    for row in rows.order_by("service", "start"):
        one = found.setdefault(row.service, {"calls": 0, "refused": 0, "error_types": {}, "histogram": empty()})
        one["calls"] += row.calls
        one["refused"] += row.refused
        one["histogram"] = added(one["histogram"], row.histogram)
        for name, count in row.error_types.items():
            one["error_types"][name] = one["error_types"].get(name, 0) + count
    return found
