"""Background work: a job is a row deferred in the transaction of the change that needs it.

`@on(Event)` in an app's `jobs.py` subscribes a handler; the log (`audit`) defers one delivery per handler when the
event is recorded. Delivery is at least once, so handlers are idempotent. `@periodic` runs by the clock.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

from asgiref.sync import async_to_sync
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager

from tinhso.kernel.events import Event

Handler = Callable[..., None]
H = TypeVar("H", bound=Callable[..., Any])

handlers: dict[str, Handler] = {}
subscriptions: dict[str, list[str]] = {}
# Through Django's own connection, in the transaction of the change. In the worker the library's own way into the queue is
# another connection, where a job would be queued at once and stay when the change fails.
_IN_TRANSACTION = JobManager(DjangoConnector(alias=DEFAULT_DB_ALIAS))
_held: ContextVar[list[tuple[str, dict[str, Any]]] | None] = ContextVar("held_jobs", default=None)
_followed: ContextVar[list["QueuedJob"] | None] = ContextVar("followed_jobs", default=None)


class QueuedJob(NamedTuple):
    """A job as it stands in the queue."""

    id: int
    task: str
    arguments: dict[str, Any]


# Quick first retries for a lost lock or a restart, then minutes: about a day in all before the job is parked as failed.
RETRY = RetryStrategy(max_attempts=12, exponential_wait=3)
# What the clock starts comes again anyway: over a database that is away for minutes, and for no other reason. Where the
# clock has queued the next meanwhile, this one cannot go back, and the worker ends it as aborted (`config/worker.py`).
_RETRY_BY_CLOCK = RetryStrategy(max_attempts=5, exponential_wait=3, retry_exceptions=(OperationalError, InterfaceError))


def on(event_class: type[Event]) -> Callable[[H], H]:
    """Subscribe a handler `(*, event, actor, at, entry_id)` to an event type."""

    def register(function: H) -> H:
        name = f"{function.__module__.removeprefix('tinhso.apps.')}.{function.__name__}"
        handlers[name] = function
        names = subscriptions.setdefault(event_class.type, [])
        if name not in names:
            names.append(name)
        return function

    return register


def periodic(*, cron: str) -> Callable[[H], H]:
    """Run a function without arguments by the clock (cron expression in province time); never twice at once."""

    def register(function: H) -> H:
        name = f"{function.__module__.removeprefix('tinhso.apps.')}.{function.__name__}"

        def run(timestamp: int) -> None:
            function()

        task = app.task(name=name, queue="periodic", queueing_lock=name, retry=_RETRY_BY_CLOCK, pass_context=False)(run)
        app.periodic(cron=cron)(task)
        return function

    return register


def defer(task_name: str, /, *, lock: str | None = None, **kwargs: Any) -> None:
    """Put a job in the queue, in the present transaction."""
    defer_many(task_name, [kwargs], lock=lock)


def defer_many(task_name: str, jobs: Sequence[dict[str, Any]], *, lock: str | None = None) -> None:
    """Put several jobs of one task in the queue with one statement, each given by its arguments; `lock` as in `defer`."""
    held = _held.get()
    if held is not None:
        held.extend((task_name, kwargs) for kwargs in jobs)
    elif jobs:
        deferrer = app.configure_task(task_name, lock=lock, allow_unknown=False)
        deferrer.job_manager = _IN_TRANSACTION
        ids = deferrer.batch_defer(*jobs)
        followed = _followed.get()
        if followed is not None:
            followed.extend(QueuedJob(number, task_name, kwargs) for number, kwargs in zip(ids, jobs, strict=True))


def ask_early(task_name: str) -> None:
    """Ask for a job of the clock before its time. One that waits in the queue already is enough."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        defer(task_name, timestamp=0)


@contextmanager
def held() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Keep back what is deferred inside the block, as (task name, arguments), instead of queueing it.

    For whoever lives the past under a moved clock beside a running worker: the jobs are his to run or to leave.
    """
    waiting: list[tuple[str, dict[str, Any]]] = []
    token = _held.set(waiting)
    try:
        yield waiting
    finally:
        _held.reset(token)


@contextmanager
def followed() -> Iterator[list[QueuedJob]]:
    """Tell what is queued inside the block, so that the same process can run it at once and take it off the queue.

    For whoever lives a past under a moved clock without a worker beside: killed in between, the jobs stand in the queue.
    """
    waiting: list[QueuedJob] = []
    token = _followed.set(waiting)
    try:
        yield waiting
    finally:
        _followed.reset(token)


def waiting_jobs() -> list[QueuedJob]:
    """What stands in the queue and nobody has begun, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [
            QueuedJob(number, task, json.loads(args) if isinstance(args, str) else args)
            for number, task, args in cursor.fetchall()
        ]


def take_off(job_ids: Sequence[int]) -> None:
    """Take jobs that have been run off the queue, as the worker does."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [list(job_ids)])


def forget_finished(*, hours: int) -> None:
    """Remove jobs that ended that long ago and left nothing to do; failed ones stay until somebody has looked at them."""
    async_to_sync(app.job_manager.delete_old_jobs)(nb_hours=hours, include_cancelled=True, include_aborted=True)


def run_task(task_name: str, arguments: dict[str, Any]) -> None:
    """Run one job now, in this process."""
    app.tasks[task_name].func(**arguments)


def run_waiting(*, limit: int = 10_000) -> int:
    """Run the waiting jobs now, in order, in this process; returns how many ran. An error surfaces as it is.

    For tests; the worker does this in production.
    """
    for count in range(limit):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing' WHERE id ="
                " (SELECT id FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id LIMIT 1) RETURNING id, task_name, args"
            )
            row = cursor.fetchone()
        if row is None:
            return count
        job_id, task_name, args = row
        run_task(task_name, json.loads(args) if isinstance(args, str) else args)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job_id])
    raise RuntimeError("jobs keep deferring jobs")
