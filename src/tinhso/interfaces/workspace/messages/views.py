"""Messages outside, for operators: states, costs, quotas, dead ones to send again, and every template as it goes out."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.directory import queries as directory
from tinhso.apps.notifications import actions, queries
from tinhso.apps.notifications.enums import Channel, DeliveryState
from tinhso.apps.notifications.permissions import MessagePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError
from tinhso.lib.text import whole_number

_DAYS = 30
_RENEWED_WITHIN = timedelta(minutes=5)  # five rounds of the job that renews
_DEAD = {DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SKIPPED}
_CHANNELS = {"zns": "Zalo, mẫu ZNS", "zalo": "Zalo, trong hội thoại"}
_TONES = {
    DeliveryState.DELIVERED: "ok", DeliveryState.SENT: "ok", DeliveryState.FAILED: "late", DeliveryState.EXPIRED: "late",
    DeliveryState.SKIPPED: "mute", DeliveryState.QUEUED: "info", DeliveryState.SENDING: "info",
}  # fmt: skip


@officer(MessagePermission.OPERATE)
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Figures of thirty days by channel, and the messages one by one; no words, addresses masked."""
    actor, now = actor_of(request), clock.now()
    state, channel, before = (request.GET.get(name, "") for name in ("trang-thai", "kenh", "sau"))
    state = state if state in DeliveryState.values else ""
    channel = channel if channel in Channel.values else ""
    rows, older = queries.list_deliveries(
        actor=actor,
        state=state,
        channel=channel,
        before=whole_number(before),
    )
    app_id = settings.MESSAGING["zalo"]["app_id"]
    context = {
        "rows": [(row, _TONES[row.state], row.state in _DEAD) for row in rows], "older": older,
        "figures": queries.figures_since(now - timedelta(days=_DAYS), actor=actor), "state": state, "channel": channel,
        "states": DeliveryState.choices, "channels": Channel.choices, "token": queries.token_state(app_id),
        "has_zalo": bool(app_id), "renewal_late": now - _RENEWED_WITHIN,
        "quotas": [
            (_payer(int(scope.removeprefix("unit:")) if scope.startswith("unit:") else 0), channel, used)
            for scope, channel, used in queries.quotas_on(now.astimezone(clock.PROVINCE_TIME).date(), actor=actor)
        ],
    }  # fmt: skip
    return page(request, "workspace/messages/list.html", context, place="messages")


@officer(MessagePermission.OPERATE)
@require_safe
def costs(request: HttpRequest) -> HttpResponse:
    """What each unit has sent by each channel in a month, and what it cost (báo cáo chi phí)."""
    month = _month(request.GET.get("thang", ""))
    rows = queries.costs_of(month, actor=actor_of(request))
    context = {
        "rows": [(one, _payer(one.unit_id)) for one in rows], "month": month, "total": sum(one.cost_vnd for one in rows),
        "before": (month - timedelta(days=1)).replace(day=1), "after": (month + timedelta(days=32)).replace(day=1),
    }  # fmt: skip
    return page(request, "workspace/messages/costs.html", context, place="messages")


def _month(text: str) -> date:
    """`2026-11`; this month where it cannot be read."""
    try:
        return clock.of_our_time(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return clock.today().replace(day=1)


def _payer(unit_id: int) -> str:
    return directory.get_unit(unit_id).agency_name if unit_id else "Cả tỉnh"


@officer(MessagePermission.OPERATE)
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """Every template with sample values, as it goes out, with its length, parts and price."""
    shown = [
        (one, _CHANNELS.get(one.channel) or str(Channel(one.channel).label), queries.get_template(one.kind))
        for one in queries.previews()
    ]
    return page(request, "workspace/messages/templates.html", {"shown": shown}, place="messages")


@officer(MessagePermission.OPERATE)
@require_POST
def resend(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Send a dead message again."""
    try:
        actions.resend(delivery_id=delivery_id, actor=actor_of(request), at=clock.now())
        messages.success(request, "Đã xếp tin gửi lại.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("workspace:messages:list")
