"""Reading the feed and subscriptions. Every reading of the feed starts from what its reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q, QuerySet

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.data import TokenScope
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import queries as exchange
from tinhso.apps.exchange.enums import KeyUse
from tinhso.apps.exchange.queries import Signer
from tinhso.apps.subscriptions import permissions
from tinhso.apps.subscriptions.data import FeedItem, FeedPage, SubscriptionData, SubscriptionNotFound
from tinhso.apps.subscriptions.enums import Sink, SubscriptionStatus
from tinhso.apps.subscriptions.models import FeedEvent, FeedMark, Subscription
from tinhso.apps.subscriptions.permissions import SubscriptionPermission
from tinhso.kernel import events
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME


def published_types() -> list[str]:
    """The types of events that other systems may be told of."""
    return sorted(events.publishers)


def position_now() -> int:
    """How far the feed goes."""
    return FeedMark.objects.filter(pk=1).values_list("position", flat=True).first() or 0


def visible_to(scopes: Sequence[TokenScope]) -> QuerySet[FeedEvent]:
    """The events that a system with these tokens may see: of its units and procedures, and those that are anybody's.

    The right is `event.subscribe` in a unit the case has reached; a token for some procedures shows those alone.
    """
    seen = [_seen_with(scope) for scope in scopes if permissions.can_subscribe(scope.actor)]
    if not seen:
        return FeedEvent.objects.none()
    return FeedEvent.objects.filter(reduce(or_, seen)).order_by("position")


def _seen_with(scope: TokenScope) -> Q:
    units = sorted(scope.actor.unit_ids_for(SubscriptionPermission.SUBSCRIBE))
    allowed = Q(unit_ids__overlap=units) | Q(unit_ids__len=0)
    return allowed & (Q() if scope.procedures is None else Q(procedure__in=sorted(scope.procedures)) | Q(procedure=""))


def read_feed(
    *, scopes: Sequence[TokenScope], after: int, types: Sequence[str] = (), procedures: Sequence[str] = (),
    unit_ids: frozenset[int] | None = None, limit: int = 100,
) -> FeedPage:  # fmt: skip
    """Events after a position, in order, that these tokens show and that fit the filters."""
    end = position_now()
    rows = visible_to(scopes).filter(position__gt=after, position__lte=end)
    if types:
        rows = rows.filter(type__in=types)
    if procedures:
        rows = rows.filter(procedure__in=procedures)
    if unit_ids is not None:
        rows = rows.filter(unit_ids__overlap=sorted(unit_ids))
    names = ("position", "type", "at", "subject", "procedure", "data")
    found = tuple(FeedItem(*row) for row in rows.values_list(*names)[: limit + 1])
    more = len(found) > limit
    items = found[:limit]
    return FeedPage(items, items[-1].position if more else max(end, after), more)


def feed_of(subscription: SubscriptionData, *, scopes: Sequence[TokenScope], at: datetime, limit: int) -> FeedPage:
    """What a subscription has not had yet."""
    units = None
    if subscription.unit_ids:
        day = at.astimezone(PROVINCE_TIME).date()
        units = frozenset().union(*(directory.subtree_ids(one, day) for one in subscription.unit_ids))
    return read_feed(
        scopes=scopes, after=subscription.position, types=subscription.types, procedures=subscription.procedures,
        unit_ids=units, limit=limit,
    )  # fmt: skip


def scopes_of(account_id: int, *, at: datetime) -> list[TokenScope]:
    """What a connected system may see now, by the tokens it holds."""
    return accounts.live_scopes(account_id, at=at)


def list_subscriptions(*, actor: Actor, before: int | None = None, limit: int = 50) -> list[SubscriptionData]:
    """Subscriptions, newest first: everybody's for an operator, its own for a system; pages go on with `before`."""
    rows = Subscription.objects.order_by("-pk")
    if not permissions.can_manage(actor):
        require(permissions.can_subscribe(actor))
        rows = rows.filter(account_id=actor.account_id or 0)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    end = position_now()
    return [subscription_data(row, end=end) for row in rows[:limit]]


def get_subscription(*, actor: Actor, subscription_id: int) -> SubscriptionData:
    """One subscription.

    Raises:
        SubscriptionNotFound: there is none, or it is another system's.
    """
    row = Subscription.objects.filter(pk=subscription_id).first()
    if row is None or not permissions.can_change(actor, row.account_id):
        raise SubscriptionNotFound
    return subscription_data(row, end=position_now())


def count_paused() -> int:
    """How many subscriptions stand still and wait for somebody (đăng ký đang tạm dừng)."""
    return Subscription.objects.filter(status=SubscriptionStatus.PAUSED).count()


def due_subscriptions(at: datetime, *, limit: int = 200) -> list[int]:
    """Which subscriptions have something waiting and may be tried now; who has waited longest comes first."""
    rows = Subscription.objects.filter(
        Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=at),
        Q(lease_until__isnull=True) | Q(lease_until__lte=at),
        status=SubscriptionStatus.ACTIVE, position__lt=position_now(),
    )  # fmt: skip
    return list(rows.order_by("position", "pk").values_list("pk", flat=True)[:limit])


def subscription_data(row: Subscription, *, end: int) -> SubscriptionData:
    """The values of a row; `waiting` counts what it still has to look through up to `end`."""
    return SubscriptionData(
        id=row.pk, account_id=row.account_id, name=row.name, sink=Sink(row.sink), url=row.url,
        types=tuple(row.types), procedures=tuple(row.procedures), unit_ids=tuple(row.unit_ids),
        status=SubscriptionStatus(row.status), position=row.position, delivered=row.delivered,
        failures=row.failures, failing_since=row.failing_since, next_attempt_at=row.next_attempt_at,
        latest_error=row.latest_error, delivered_at=row.delivered_at, pause_reason=row.pause_reason,
        created_at=row.created_at, waiting=max(end - row.position, 0),
    )  # fmt: skip


def event_signer(at: datetime) -> Signer | None:
    """The key that signs events now; None before one is made (`tinhso exchange keys`)."""
    return next(iter(exchange.open_signers(at, use=KeyUse.EVENTS).values()), None)


@dataclass(frozen=True, slots=True)
class EventKey:
    """A public key that signs events (khóa công khai ký sự kiện)."""

    fingerprint: str
    public_key: bytes


def event_keys(at: datetime) -> list[EventKey]:
    """The public keys in force, for receivers; newest first."""
    return [EventKey(*row) for row in exchange.public_keys(at, use=KeyUse.EVENTS)]


def plain_allowed() -> bool:
    """Whether events may go over HTTP without TLS, and to this machine itself: in the demonstration and in tests."""
    return bool(settings.EVENTS["allow_inside"])
