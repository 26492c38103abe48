"""Who is sent events, how far each has got, and what to do when one stands still (sự kiện gửi đến hệ thống khác)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.directory import queries as directory
from tinhso.apps.subscriptions import actions, queries
from tinhso.apps.subscriptions.data import SubscriptionData
from tinhso.apps.subscriptions.enums import SubscriptionStatus
from tinhso.apps.subscriptions.permissions import SubscriptionPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import whole_number

_PAGE = 50
_TONES = {SubscriptionStatus.ACTIVE: "ok", SubscriptionStatus.PAUSED: "late", SubscriptionStatus.ENDED: "mute"}


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription as the page shows it."""

    one: SubscriptionData
    owner: str
    units: str

    @property
    def tone(self) -> str:
        """Colour of the state; one that fails but is still tried is amber."""
        return "soon" if self.one.failures and self.one.status is SubscriptionStatus.ACTIVE else _TONES[self.one.status]

    @property
    def state(self) -> str:
        """The state in words."""
        failing = self.one.failures and self.one.status is SubscriptionStatus.ACTIVE
        return "Đang thử lại" if failing else str(self.one.status.label)

    @property
    def has_ended(self) -> bool:
        """Whether nothing can be done with it any more."""
        return self.one.status is SubscriptionStatus.ENDED

    @property
    def is_paused(self) -> bool:
        """Whether it waits for somebody."""
        return self.one.status is SubscriptionStatus.PAUSED


@officer(SubscriptionPermission.MANAGE)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All subscriptions, newest first."""
    before = request.GET.get("sau", "")
    found = queries.list_subscriptions(
        actor=actor_of(request),
        before=whole_number(before),
        limit=_PAGE + 1,
    )
    shown = found[:_PAGE]
    names = accounts.account_names(one.account_id for one in shown)
    rows = [Row(one, names.get(one.account_id, ""), _units(one)) for one in shown]
    older = f"?sau={shown[-1].id}" if len(found) > _PAGE else ""
    context = {
        "rows": rows, "position": queries.position_now(), "types": queries.published_types(),
        "has_key": queries.event_signer(clock.now()) is not None,
        "pages": {"newer": "?" if before else "", "older": older},
    }  # fmt: skip
    return page(request, "workspace/events/list.html", context, place="events")


@officer(SubscriptionPermission.MANAGE)
@require_POST
def pause(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Stop sending for now; nothing is lost."""
    reason = " ".join(request.POST.get("reason", "").split())[:300] or "Người vận hành tạm dừng."
    actions.pause_subscription(subscription_id=subscription_id, reason=reason, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã tạm dừng. Sự kiện được giữ, khi gửi tiếp sẽ đi từ chỗ này.")
    return redirect("workspace:events:list")


@officer(SubscriptionPermission.MANAGE)
@require_POST
def resume(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Go on from where it stood, at once."""
    actions.resume_subscription(subscription_id=subscription_id, actor=actor_of(request), at=clock.now())
    messages.success(request, "Sẽ gửi tiếp trong vài giây.")
    return redirect("workspace:events:list")


@officer(SubscriptionPermission.MANAGE)
@require_POST
def replay(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Send again everything after a position."""
    position = whole_number(request.POST.get("position", "").strip())
    if position is None:
        messages.error(request, "Vị trí là một số, từ 0.")
        return redirect("workspace:events:list")
    try:
        actions.rewind_subscription(
            subscription_id=subscription_id, position=position, actor=actor_of(request), at=clock.now()
        )
    except Invalid as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Sẽ gửi lại mọi sự kiện sau vị trí {position}.")
    return redirect("workspace:events:list")


@officer(SubscriptionPermission.MANAGE)
@require_POST
def end(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """End it for good."""
    actions.end_subscription(
        subscription_id=subscription_id, reason="Người vận hành kết thúc.", actor=actor_of(request), at=clock.now()
    )
    messages.success(request, "Đã kết thúc đăng ký.")
    return redirect("workspace:events:list")


def _units(one: SubscriptionData) -> str:
    return ", ".join(directory.get_unit(unit_id).short_name for unit_id in one.unit_ids[:5])
