"""Events: read the feed from a position, or have them sent. For machine clients with `event.subscribe`."""

import base64
from typing import Annotated, Any, cast

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.enums import CodeScheme
from tinhso.apps.subscriptions import actions, permissions, queries
from tinhso.apps.subscriptions.data import FeedItem, SubscriptionData
from tinhso.interfaces.access.policy import ActorRequest
from tinhso.interfaces.api.common import REFUSALS, MachineToken, Text, Whole, Words, actor_of, instant
from tinhso.kernel import clock
from tinhso.kernel.actions import require
from tinhso.kernel.errors import FieldError, Invalid

router = Router(tags=["Sự kiện"], auth=MachineToken())
_MOST = 9_223_372_036_854_775_807
Position = Annotated[int, Query(ge=0, le=_MOST)]


class EventOut(Schema):
    """An event (sự kiện): the same values in the feed, in a webhook and in a replay."""

    id: str
    position: int
    type: str
    timestamp: str | None
    subject: str
    procedure: str
    data: dict[str, Any]


class EventFeed(Schema):
    """Events in order. Ask again with `after` = `next`; `more` says that there are some already."""

    items: list[EventOut]
    next: int
    more: bool


class EventKey(Schema):
    """A public key that signs events: raw Ed25519, base64."""

    id: str
    algorithm: str
    public_key: str


class EventKeys(Schema):
    """The keys in force; a signature by any of them holds."""

    keys: list[EventKey]


class EventTypes(Schema):
    """What may be subscribed to."""

    types: list[str]


class SubscriptionIn(Schema):
    """A subscription. Empty lists mean: all that the token shows. `after`: also send what came after that position."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
    url: Annotated[str, Field(max_length=500, pattern=r"^https?://[!-~]+$")]
    types: Annotated[list[Words], Field(max_length=100)] = []
    procedures: Annotated[list[Words], Field(max_length=500)] = []
    units: Annotated[list[Words], Field(max_length=500)] = []
    after: Annotated[Whole | None, Field(ge=0, le=_MOST)] = None


class SubscriptionOut(Schema):
    """A subscription and how it fares (đăng ký nhận sự kiện)."""

    id: int
    name: str
    url: str
    types: list[str]
    procedures: list[str]
    units: list[str]
    status: str
    pause_reason: str
    position: int
    waiting: int
    delivered: int
    delivered_at: str | None
    failures: int
    latest_error: str
    next_attempt_at: str | None
    created_at: str | None


class SubscriptionPage(Schema):
    """Subscriptions of this client, newest first; `next` is the number to go on before."""

    items: list[SubscriptionOut]
    next: int | None


class ReplayIn(Schema):
    """From where to send again: everything after this position."""

    after: Annotated[Whole, Field(ge=0, le=_MOST)]


@router.get("/events", response={200: EventFeed, **REFUSALS}, summary="Đọc sự kiện từ một vị trí")
def feed(
    request: HttpRequest,
    after: Position = 0,
    type: Annotated[list[Words] | None, Query(max_length=100)] = None,
    procedure: Text = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """The events this client may see after a position, in order. Nothing appears later in front of `next`."""
    require(permissions.can_subscribe(actor_of(request)))
    scope = cast("ActorRequest", request).token_scope
    page = queries.read_feed(
        scopes=[scope] if scope else [], after=after, types=type or (), procedures=[procedure] if procedure else (),
        limit=limit,
    )  # fmt: skip
    return {"items": [_event(item) for item in page.items], "next": page.next, "more": page.more}


@router.get("/events/keys", response={200: EventKeys}, auth=None, summary="Khóa công khai ký sự kiện")
def keys(request: HttpRequest) -> dict[str, Any]:
    """With what a webhook's signature is checked (`webhook-signature: v1a,...`)."""
    found = [
        {"id": one.fingerprint, "algorithm": "ed25519", "public_key": base64.b64encode(one.public_key).decode()}
        for one in queries.event_keys(clock.now())
    ]
    return {"keys": found}


@router.get("/events/types", response={200: EventTypes}, auth=None, summary="Loại sự kiện được công bố")
def types(request: HttpRequest) -> dict[str, Any]:
    """The types of events."""
    return {"types": queries.published_types()}


@router.get("/subscriptions", response={200: SubscriptionPage, **REFUSALS}, summary="Đăng ký của hệ thống này")
def list_subscriptions(
    request: HttpRequest, before: Annotated[int | None, Query(ge=1, le=_MOST)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """This client's own subscriptions."""
    found = queries.list_subscriptions(actor=actor_of(request), before=before, limit=limit + 1)
    return {
        "items": [_subscription(one) for one in found[:limit]],
        "next": found[limit - 1].id if len(found) > limit else None,
    }


@router.post("/subscriptions", response={201: SubscriptionOut, **REFUSALS}, summary="Đăng ký nhận sự kiện")
def subscribe(request: HttpRequest, body: SubscriptionIn) -> Status[dict[str, Any]]:
    """Have events sent to an address of this client's, in order, until it has them."""
    actor = actor_of(request)
    require(permissions.can_subscribe(actor))
    made = actions.subscribe(
        account_id=cast("int", actor.account_id), name=body.name, url=body.url, types=body.types,
        procedures=body.procedures, unit_ids=[_unit_id(code) for code in body.units], after=body.after, actor=actor,
        at=clock.now(),
    )  # fmt: skip
    return Status(201, _subscription(made))


@router.get("/subscriptions/{subscription_id}", response={200: SubscriptionOut, **REFUSALS}, summary="Một đăng ký")
def read(request: HttpRequest, subscription_id: int) -> dict[str, Any]:
    """One subscription."""
    return _told(request, subscription_id)


@router.post(
    "/subscriptions/{subscription_id}/replay", response={200: SubscriptionOut, **REFUSALS}, summary="Gửi lại từ vị trí"
)
def replay(request: HttpRequest, subscription_id: int, body: ReplayIn) -> dict[str, Any]:
    """Send everything after a position again (or skip to it)."""
    actions.rewind_subscription(
        subscription_id=_within(subscription_id), position=body.after, actor=actor_of(request), at=clock.now()
    )
    return _told(request, subscription_id)


@router.post("/subscriptions/{subscription_id}/resume", response={200: SubscriptionOut, **REFUSALS}, summary="Gửi tiếp")
def resume(request: HttpRequest, subscription_id: int) -> dict[str, Any]:
    """Go on after a pause, at once."""
    actions.resume_subscription(subscription_id=_within(subscription_id), actor=actor_of(request), at=clock.now())
    return _told(request, subscription_id)


@router.delete("/subscriptions/{subscription_id}", response={204: None, **REFUSALS}, summary="Thôi nhận sự kiện")
def end(request: HttpRequest, subscription_id: int) -> Status[None]:
    """End a subscription for good."""
    actions.end_subscription(subscription_id=_within(subscription_id), actor=actor_of(request), at=clock.now())
    return Status(204, None)


def _told(request: HttpRequest, subscription_id: int) -> dict[str, Any]:
    return _subscription(queries.get_subscription(actor=actor_of(request), subscription_id=_within(subscription_id)))


def _within(number: int) -> int:
    # What no row can be called is not asked of the database, which would refuse the number itself.
    return number if 0 < number <= _MOST else 0


def _event(item: FeedItem) -> dict[str, Any]:
    return {
        "id": item.id, "position": item.position, "type": item.type, "timestamp": instant(item.at),
        "subject": item.subject, "procedure": item.procedure, "data": item.data,
    }  # fmt: skip


def _subscription(one: SubscriptionData) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "url": one.url, "types": list(one.types), "procedures": list(one.procedures),
        "units": [directory.get_unit(unit_id).code for unit_id in one.unit_ids], "status": one.status.value,
        "pause_reason": one.pause_reason, "position": one.position, "waiting": one.waiting, "delivered": one.delivered,
        "delivered_at": instant(one.delivered_at), "failures": one.failures, "latest_error": one.latest_error,
        "next_attempt_at": instant(one.next_attempt_at), "created_at": instant(one.created_at),
    }  # fmt: skip


def _unit_id(code: str) -> int:
    on = clock.today()
    unit = directory.resolve_code(CodeScheme.ORG, code, on) or directory.resolve_code(CodeScheme.GSO, code, on)
    if unit is None:
        raise Invalid(errors=[FieldError("units", f"Không có đơn vị nào đang mang mã {code}.")])
    return unit.id
