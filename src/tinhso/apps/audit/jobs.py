"""Delivery of events to their handlers, and the minute seal."""

from datetime import timedelta

from procrastinate.contrib.django import app

from tinhso.apps.audit import actions, queries
from tinhso.kernel import events, jobs
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now


@app.task(name="audit.deliver", queue="events", retry=jobs.RETRY)
def deliver(handler: str, entry_id: int) -> None:
    """Hand one recorded event to one handler. Runs at least once; handlers are idempotent."""
    entry = queries.get_entry(entry_id)
    event = events.registry[entry.type].from_payload(entry.payload)
    jobs.handlers[handler](event=event, actor=entry.actor, at=entry.at, entry_id=entry_id)


@jobs.periodic(cron="* * * * *")
def seal() -> None:
    """Seal what was recorded, every minute."""
    while actions.seal_entries(actor=SYSTEM, at=now()) == 10_000:
        pass


@jobs.periodic(cron="30 2 * * *")
def forget_idempotency() -> None:
    """Drop idempotency keys older than seven days, every night."""
    actions.forget_idempotency(before=now() - timedelta(days=7), actor=SYSTEM, at=now())


@jobs.periodic(cron="50 2 * * *")
def forget_finished_jobs() -> None:
    """Drop jobs done seven days ago, every night: what they did stands in the log."""
    jobs.forget_finished(hours=7 * 24)
