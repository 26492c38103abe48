"""Every ten seconds: publish what was sealed, then send it to whoever waits for it."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from tinhso.apps.subscriptions import actions, flows, queries
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM
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


def _send(subscription_id: int) -> None:
    try:
        flows.deliver(subscription_id=subscription_id, actor=SYSTEM, at=now())
    finally:
        connection.close()
