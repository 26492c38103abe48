"""What a worker that was killed had under way is begun anew."""

import subprocess
import sys
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError, connection, connections, transaction
from procrastinate.contrib.django import app

from tinhso.config.worker import MOST_DEATHS, take_up_abandoned, take_up_own
from tinhso.kernel import jobs
from tinhso.kernel.clock import now

pytestmark = pytest.mark.django_db(transaction=True)


def _abandoned(*, attempts: int = 0, queueing_lock: str | None = None, silent_s: int = 60) -> int:
    """A job under way in the hands of a worker that has been silent for so long."""
    with connection.cursor() as cursor:
        beat = now() - timedelta(seconds=silent_s)
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [beat])
        worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, worker_id, queueing_lock)"
            " VALUES ('events', 'audit.deliver', 'doing', %s, %s, %s) RETURNING id",
            [attempts, worker, queueing_lock],
        )
        found: int = cursor.fetchone()[0]
    return found


def _status(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        found: str = cursor.fetchone()[0]
    return found


def _queue_nightly() -> None:
    """The clock asks for the same work once more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, queueing_lock)"
            " VALUES ('periodic', 'nightly', 'todo', 'nightly')"
        )


def _take_up() -> int:
    async def work() -> int:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's own
        with app.replace_connector(connector) as worker_app:
            async with worker_app.open_async():
                return await take_up_abandoned(worker_app.job_manager, silent_s=20)

    return async_to_sync(work)()


@pytest.mark.parametrize("is_queued_again", [False, True])
def test_what_its_own_worker_does_not_know_of_is_queued_once(is_queued_again: bool) -> None:
    job = _abandoned(silent_s=0, queueing_lock="nightly")
    if is_queued_again:
        _queue_nightly()
    with connection.cursor() as cursor:
        cursor.execute("SELECT worker_id FROM procrastinate_jobs WHERE id = %s", [job])
        worker = SimpleNamespace(worker_id=cursor.fetchone()[0], _running_jobs={})

    async def look_twice() -> list[set[int]]:
        with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
            async with worker_app.open_async():
                first = await take_up_own(worker_app, worker, set())
                return [first, await take_up_own(worker_app, worker, first)]

    assert async_to_sync(look_twice)() == [{job}, set()]
    assert _status(job) == ("aborted" if is_queued_again else "todo")


def test_what_a_dead_worker_had_under_way_is_queued_again() -> None:
    dead, alive = _abandoned(), _abandoned(silent_s=2)
    assert _take_up() == 1
    assert (_status(dead), _status(alive)) == ("todo", "doing")


def test_a_job_under_way_at_too_many_deaths_is_parked() -> None:
    job = _abandoned(attempts=MOST_DEATHS)
    _take_up()
    assert _status(job) == "failed"


def test_work_that_the_clock_has_queued_again_is_not_queued_twice() -> None:
    job = _abandoned(queueing_lock="nightly")
    _queue_nightly()
    _take_up()
    assert _status(job) == "aborted"


def test_the_clocks_work_is_tried_again_only_where_the_database_was_away() -> None:
    task = app.tasks["audit.jobs.seal"]
    strategy, job = task.retry_strategy, SimpleNamespace(attempts=0)
    assert strategy is not None
    assert strategy.get_retry_exception(OperationalError("away"), job) is not None  # type: ignore[arg-type]
    assert strategy.get_retry_exception(ValueError("a fault"), job) is None  # type: ignore[arg-type]


def test_what_a_handler_queues_is_part_of_its_change_in_the_worker_too() -> None:
    def fail_after_queueing() -> None:
        with transaction.atomic():
            jobs.defer("audit.jobs.forget_idempotency", timestamp=0)
            transaction.set_rollback(True)
        connections.close_all()  # the thread's own

    async def work() -> None:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's own
        with app.replace_connector(connector) as worker_app:
            async with worker_app.open_async():
                await sync_to_async(fail_after_queueing, thread_sensitive=False)()

    async_to_sync(work)()
    assert jobs.waiting_jobs() == []


_HANGS = """
import asyncio, time
from tinhso.config.worker import end_in_time

async def work() -> None:
    stopping = asyncio.Event()
    ending = asyncio.create_task(end_in_time(stopping, within_s=0.2))
    await asyncio.sleep(0.5)  # nobody has stopped it: it goes on
    print("at work", flush=True)
    stopping.set()
    await ending
    await asyncio.to_thread(time.sleep, 60)

asyncio.run(work())
"""


def test_a_worker_that_stops_is_gone_in_time_whatever_its_job_waits_for() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", _HANGS], capture_output=True, text=True, check=False, timeout=50)
    assert (done.stdout, done.returncode) == ("at work\n", 1), done.stderr
    assert time.monotonic() - began < 40
