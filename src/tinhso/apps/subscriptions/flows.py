"""Sending events: claim, send without a transaction, write down how far it went."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from django.conf import settings

from tinhso.apps.accounts.data import TokenScope
from tinhso.apps.exchange.queries import Signer
from tinhso.apps.subscriptions import actions, queries, rules
from tinhso.apps.subscriptions.data import DeliveryFailed, SubscriptionData
from tinhso.apps.subscriptions.enums import Sink
from tinhso.apps.subscriptions.providers import jetstream, webhooks
from tinhso.kernel.actor import Actor
from tinhso.kernel.flows import flow

_AT_ONCE = 100


class _Way(Protocol):
    def send(self, body: bytes, headers: dict[str, str]) -> None: ...


@flow
def deliver(*, subscription_id: int, actor: Actor, at: datetime, seconds: float = 10.0) -> int:
    """Gửi sự kiện cho một đăng ký, in order, one after the other, for so many seconds. Returns how many were taken.

    The first failure ends the run: nothing overtakes the event that could not be sent.
    """
    claimed = actions.claim_delivery(subscription_id=subscription_id, actor=actor, at=at)
    if claimed is None:
        return 0
    subscription, lease = claimed
    run = _Run(subscription.position)
    try:
        _send_waiting(subscription, run, at=at, seconds=seconds)
    except DeliveryFailed as failure:
        run.failure = failure
    actions.record_delivery(
        subscription_id=subscription_id, lease=lease, position=run.position, taken=run.taken,
        error=run.failure.message if run.failure else "", is_gone=run.failure is not None and run.failure.is_gone,
        actor=actor, at=at,
    )  # fmt: skip
    return run.taken


@dataclass
class _Run:
    """How far a run has come, and why no farther."""

    position: int
    taken: int = 0
    failure: DeliveryFailed | None = None


def _send_waiting(subscription: SubscriptionData, run: _Run, *, at: datetime, seconds: float) -> None:
    started = time.monotonic()
    scopes, signer = _rights_and_key(subscription, at)
    while (spent := time.monotonic() - started) < seconds:
        page = queries.feed_of(replace(subscription, position=run.position), scopes=scopes, at=at, limit=_AT_ONCE)
        if page.items:
            with _way_to(subscription) as way:
                for item in page.items:
                    body = rules.body_of(item)
                    way.send(body, rules.signed_headers(item, body, at=at + timedelta(seconds=spent), sign=signer.sign))
                    run.position, run.taken = item.position, run.taken + 1
                    if (spent := time.monotonic() - started) >= seconds:
                        return
        run.position = page.next
        if not page.more:
            return


def _rights_and_key(subscription: SubscriptionData, at: datetime) -> tuple[list[TokenScope], Signer]:
    scopes, signer = queries.scopes_of(subscription.account_id, at=at), queries.event_signer(at)
    if not scopes:
        raise DeliveryFailed("Hệ thống nhận không còn mã truy cập nào có hiệu lực.")
    if signer is None:
        raise DeliveryFailed("Chưa có khóa ký sự kiện (tinhso exchange keys).")
    return scopes, signer


def _way_to(subscription: SubscriptionData) -> AbstractContextManager[_Way]:
    may_reach = partial(rules.is_reachable_address, inside_allowed=queries.plain_allowed())
    ways: dict[Sink, Callable[[], AbstractContextManager[_Way]]] = {
        Sink.WEBHOOK: lambda: webhooks.Webhook(subscription.url, may_reach=may_reach),
        Sink.JETSTREAM: lambda: jetstream.JetStream(settings.EVENTS["nats_url"], prefix=subscription.url),
    }
    return ways[subscription.sink]()
