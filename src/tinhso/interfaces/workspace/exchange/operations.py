"""How the exchange runs: volume, latency, errors over time, and alarms (theo dõi, cảnh báo)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.permissions import ExchangePermission
from tinhso.apps.exchange.queries import Dashboard, Period, Totals
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.ui import charts, formats
from tinhso.interfaces.workspace.exchange.shared import exchange_page, number_of
from tinhso.interfaces.workspace.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.clock import PROVINCE_TIME

_SOON_DAYS = 60


@dataclass(frozen=True, slots=True)
class Drawn:
    """A dashboard as a page shows it."""

    period: Period
    whole: Totals
    parts: tuple[Totals, ...]
    errors: tuple[tuple[str, int], ...]
    volume: SafeString
    latency: SafeString
    most_calls: int
    most_ms: float
    first: str
    last: str
    rows: tuple[tuple[str, int, int, float | None, float | None], ...]


def drawn(seen: Dashboard, period: Period) -> Drawn:
    """Numbers, drawings, and the same as rows of a table."""
    form = "%H giờ %d/%m" if period is Period.DAY else "%d/%m/%Y"
    labels = [f"{point.start.astimezone(PROVINCE_TIME):{form}}" for point in seen.points]
    columns = [
        charts.Column(
            f"{label}: {formats.format_number(point.calls)} lượt, {point.failed} lỗi", point.calls, point.failed
        )
        for label, point in zip(labels, seen.points, strict=True)
    ]
    halves, tails = [point.p50_ms for point in seen.points], [point.p95_ms for point in seen.points]
    return Drawn(
        period=period, whole=seen.whole, parts=seen.parts, errors=seen.errors,
        volume=charts.columns(columns, title=f"Số lượt gọi, từ {labels[0]} đến {labels[-1]}; số liệu ở bảng bên dưới"),
        latency=charts.lines(
            [("p95", tails), ("p50", halves)], title=f"Thời gian trả lời, từ {labels[0]} đến {labels[-1]}; số liệu ở bảng"
        ),
        most_calls=max(point.calls for point in seen.points), most_ms=max((one for one in tails if one), default=0.0),
        first=labels[0], last=labels[-1],
        rows=tuple(
            (label, point.calls, point.failed, point.p50_ms, point.p95_ms)
            for label, point in zip(labels, seen.points, strict=True)
            if point.calls
        ),
    )  # fmt: skip


@officer(ExchangePermission.VIEW)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """All services together, then each; 24 hours or 30 days."""
    actor, now = actor_of(request), clock.now()
    period = Period.MONTH if request.GET.get("ky") == Period.MONTH else Period.DAY
    seen = drawn(queries.dashboard(actor=actor, at=now, period=period), period)
    known = {str(row.id): row for row in queries.list_services(actor=actor, at=now)}
    context = {
        "seen": seen, "parts": [(one, known.get(one.name)) for one in seen.parts], "counted": queries.counted_up_to(),
    }  # fmt: skip
    return exchange_page(request, "figures", context, tab="figures")


@officer(ExchangePermission.VIEW)
@require_http_methods(["GET", "POST"])
def alarms(request: HttpRequest) -> HttpResponse:
    """Open alarms, keys that end soon, what has closed; posting takes an alarm on."""
    actor, now = actor_of(request), clock.now()
    if request.method == "POST":
        actions.acknowledge_alarm(alarm_id=number_of(request.POST.get("alarm", "")), actor=actor, at=now)
        messages.success(request, "Đã nhận xử lý cảnh báo.")
        return redirect("workspace:exchange:alarms")
    context = {
        "rows": queries.list_alarms(actor=actor), "closed": queries.list_alarms(actor=actor, closed=True, limit=20),
        "may_manage": actor.has(ExchangePermission.MANAGE),
        "certificates": queries.list_certificates(actor=actor, at=now, within_days=_SOON_DAYS)[:100],
    }  # fmt: skip
    return exchange_page(request, "alarms", context, tab="alarms")
