"""Every ten seconds: publish what was sealed, then send it to whoever waits for it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import connection

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.directory import queries as directory
from tinhso.apps.notifications import actions as notices
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.apps.subscriptions import actions, flows, queries
from tinhso.apps.subscriptions.events import SubscriptionPaused
from tinhso.apps.subscriptions.permissions import SubscriptionPermission
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import now

_AT_ONCE = 8


@jobs.periodic(cron="* * * * * */10")
def publish() -> None:
    """Publish the rows of new seals."""
    while actions.publish_feed(actor=SYSTEM, at=now()):
        pass


@jobs.periodic(cron="* * * * * */10")
def send() -> None:
    """Send to everybody for whom something waits, a few at a time: a slow receiver holds one thread for some seconds."""
    due = queries.due_subscriptions(now())
    if not due:
        return
    with ThreadPoolExecutor(min(_AT_ONCE, len(due))) as beside:
        list(beside.map(_send, due))


@jobs.on(SubscriptionPaused)
def tell_paused(*, event: SubscriptionPaused, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người vận hành: một đăng ký nhận sự kiện đã dừng, vì sao."""
    if actor.kind is not ActorKind.SYSTEM:
        return  # whoever paused it by hand knows
    name = queries.get_subscription(actor=SYSTEM, subscription_id=event.subscription_id).name
    operators = accounts.officers_of(directory.unit_ids(), at=now(), permissions_any=[SubscriptionPermission.MANAGE])
    if operators:
        notices.notify(
            account_ids=[one.id for one in operators], kind=NoticeKind.ALARM, subject=NoticeSubject.EXCHANGE,
            code=f"events-{event.subscription_id}", words=f"Đã tạm dừng gửi sự kiện cho «{name}»: {event.reason}",
            source=f"entry:{entry_id}", actor=SYSTEM, at=now(),
        )  # fmt: skip


def _send(subscription_id: int) -> None:
    try:
        flows.deliver(subscription_id=subscription_id, actor=SYSTEM, at=now())
    finally:
        connection.close()
