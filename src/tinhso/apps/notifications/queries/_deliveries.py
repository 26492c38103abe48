"""How far messages are: for operators, who see codes and masked addresses, no words."""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Count, Q, Sum

from tinhso.apps.notifications import rules
from tinhso.apps.notifications.data import ChannelFigures, DeliveryData, DeliveryNotFound, UnitCost
from tinhso.apps.notifications.enums import Channel, DeliveryState, NoticeKind
from tinhso.apps.notifications.models import Delivery, QuotaUse
from tinhso.apps.notifications.models._deliveries import WAITING
from tinhso.apps.notifications.permissions import can_operate_messages
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME


def due_now(at: datetime) -> bool:
    """Whether any message waits to be sent now; one look at a partial index."""
    return Delivery.objects.filter(state__in=WAITING, next_at__lte=at).exists()


def list_deliveries(
    *, actor: Actor, state: str = "", channel: str = "", before: int | None = None, limit: int = 50
) -> tuple[list[DeliveryData], int | None]:
    """Messages, newest first, and where the next page begins (None: that was all).

    Raises:
        Forbidden: the actor does not operate messages.
    """
    require(can_operate_messages(actor))
    rows = Delivery.objects.select_related("notice", "contact").order_by("-id")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(channel=channel) if channel else rows
    rows = rows.filter(pk__lt=before) if before is not None else rows
    found = [delivery_data(row) for row in rows[: limit + 1]]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def get_delivery(delivery_id: int, *, actor: Actor) -> DeliveryData:
    """One message.

    Raises:
        Forbidden, DeliveryNotFound.
    """
    require(can_operate_messages(actor))
    row = Delivery.objects.select_related("notice", "contact").filter(pk=delivery_id).first()
    if row is None:
        raise DeliveryNotFound
    return delivery_data(row)


def figures_since(since: datetime, *, actor: Actor) -> list[ChannelFigures]:
    """By channel: how many in each state, parts and đồng, of messages made since then."""
    require(can_operate_messages(actor))
    rows = (
        Delivery.objects.filter(created_at__gte=since)
        .values("channel", "state")
        .annotate(count=Count("pk"), cost=Sum("cost_vnd"), parts=Sum("segments"))
        .order_by("channel", "state")
    )
    states: dict[str, dict[str, int]] = defaultdict(dict)
    cost: dict[str, int] = defaultdict(int)
    parts: dict[str, int] = defaultdict(int)
    for row in rows:
        states[row["channel"]][str(DeliveryState(row["state"]).label)] = row["count"]
        cost[row["channel"]] += row["cost"] or 0
        parts[row["channel"]] += row["parts"] or 0
    return [ChannelFigures(one, states[one.value], cost[one.value], parts[one.value]) for one in Channel]


def costs_of(month: date, *, actor: Actor) -> list[UnitCost]:
    """What each unit sent by each channel in the month of a day, and what it cost, the dearest first (báo cáo chi phí)."""
    require(can_operate_messages(actor))
    first = datetime(month.year, month.month, 1, tzinfo=PROVINCE_TIME)
    after = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=PROVINCE_TIME)
    rows = (
        Delivery.objects.filter(created_at__gte=first, created_at__lt=after, sent_at__isnull=False)
        .values("payer", "channel")
        .annotate(
            n=Count("pk"), arrived=Count("pk", filter=Q(state=DeliveryState.DELIVERED)), parts=Sum("segments"),
            vnd=Sum("cost_vnd"),
        )
        .order_by("-vnd", "payer", "channel")
    )  # fmt: skip
    return [
        UnitCost(row["payer"], Channel(row["channel"]), row["n"], row["arrived"], row["parts"] or 0, row["vnd"] or 0)
        for row in rows
    ]


def quotas_on(day: date, *, actor: Actor) -> list[tuple[str, Channel, int]]:
    """(scope, channel, used) of a day, the largest first."""
    require(can_operate_messages(actor))
    rows = QuotaUse.objects.filter(day=day).order_by("-used", "scope")[:40]
    return [(row.scope, Channel(row.channel), row.used) for row in rows]


def delivery_data(row: Delivery) -> DeliveryData:
    """The values of a message; its notice and contact have been read."""
    return DeliveryData(
        id=row.pk, channel=Channel(row.channel), state=DeliveryState(row.state), kind=NoticeKind(row.notice.kind),
        code=row.notice.code, address=rules.masked(row.contact.address), provider=row.provider,
        provider_id=row.provider_id, attempts=row.attempts, cost_vnd=row.cost_vnd, segments=row.segments,
        error=row.error, created_at=row.created_at, next_at=row.next_at, sent_at=row.sent_at, ended_at=row.ended_at,
    )  # fmt: skip
