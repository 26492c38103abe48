"""The worker process: runs jobs from the queue in the database until told to stop."""

import asyncio
import contextlib
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

from tinhso.config.bootstrap import setup, spare_collector
from tinhso.config.preforked import Keeper
from tinhso.kernel.clock import now

if TYPE_CHECKING:
    from procrastinate.contrib.django.django_connector import DjangoConnector

_BEAT_S = 5.0
# A worker silent for this long is dead: what it had begun is begun anew. Handlers bear being run twice.
SILENT_S = 20.0
_LOOKED_FOR_EVERY_S = 5.0
# A worker that is stopping beats no more. It is gone before others take up what it has under way.
_STOPS_WITHIN_S = 15.0
# A job that was under way at so many deaths may be their cause; it is parked as failed, where people look at it.
MOST_DEATHS = 12
_log = logging.getLogger(__name__)


def main() -> None:
    """Run jobs; SIGTERM finishes the ones under way."""
    setup()
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    spare_collector()
    sys.exit(Keeper(_work).run())


def _work() -> None:
    from procrastinate.contrib.django import app

    connector = cast("DjangoConnector", app.connector)
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        asyncio.run(_run(worker_app))


async def _run(app: Any) -> None:
    async with app.open_async():
        app.perform_import_paths()
        # The library makes its worker in a method that is not for others; only the worker knows what it is doing.
        worker = app._worker(  # noqa: SLF001
            concurrency=2, install_signal_handlers=True, shutdown_graceful_timeout=10,
            update_heartbeat_interval=_BEAT_S, stalled_worker_timeout=SILENT_S,
        )  # fmt: skip
        beside = [
            asyncio.create_task(_look_for_abandoned(app, worker)),
            asyncio.create_task(end_in_time(worker._stop_event, within_s=_STOPS_WITHIN_S)),  # noqa: SLF001
        ]
        try:
            await worker.run()
        finally:
            for one in beside:
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await one


async def end_in_time(stopping: asyncio.Event, *, within_s: float) -> None:
    """Once the worker is stopping, end this process after so many seconds, whatever a job still waits for.

    A worker also stops when it has lost the database, and then its end may hang on a job that does, for minutes; nobody
    would do the work meanwhile. What it had under way is taken up again.
    """
    await stopping.wait()
    last = threading.Timer(within_s, os._exit, (1,))  # a thread, since the loop may be waiting for the job's own
    last.daemon = True
    last.start()


async def _look_for_abandoned(app: Any, worker: Any) -> None:
    suspects: set[int] = set()
    while True:
        try:
            await take_up_abandoned(app.job_manager, silent_s=SILENT_S)
            suspects = await take_up_own(app, worker, suspects)
        except Exception:  # noqa: BLE001 - the database may be starting again, and then it is asked once more
            _log.exception("abandoned jobs were not looked for")
        await asyncio.sleep(_LOOKED_FOR_EVERY_S)


async def take_up_own(app: Any, worker: Any, suspects: set[int]) -> set[int]:
    """Queue again what the database says this worker is doing and it is not; returns what to look at the next time.

    So it stands when the database went away while a job was handed over or its end was written down, and when a job of the
    clock could not be put back because the clock had queued the next. One that was only just handed over looks the same, so
    a job is taken up when it is found twice.
    """
    if worker.worker_id is None:
        return set()
    rows = await app.connector.execute_query_all_async(
        query="SELECT id, queueing_lock FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %(worker)s",
        worker=worker.worker_id,
    )
    running = {context.job.id for context in worker._running_jobs.values()}  # noqa: SLF001 - nobody else knows it
    idle = {row["id"]: row["queueing_lock"] for row in rows if row["id"] not in running}
    for job_id in idle.keys() & suspects:
        _log.warning("job %d was left by its worker and is taken up again", job_id)
        await _take_up(app.job_manager, job_id, queueing_lock=idle[job_id])
    return idle.keys() - suspects


async def take_up_abandoned(manager: Any, *, silent_s: float) -> int:
    """Put what a dead worker had under way back into the queue; returns how many jobs.

    Nobody else does: a job whose worker was killed would stay "doing" for ever, and with it every job of its lock.
    """
    from procrastinate.jobs import Status

    found = list(await manager.get_stalled_jobs(seconds_since_heartbeat=silent_s))
    for job in found:
        if job.attempts >= MOST_DEATHS:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
            continue
        await _take_up(manager, job.id, queueing_lock=job.queueing_lock)
    if found:
        _log.warning("%d jobs of a worker that is no more taken up again", len(found))
    return len(found)


async def _take_up(manager: Any, job_id: int, *, queueing_lock: str | None) -> None:
    from procrastinate.exceptions import ConnectorException
    from procrastinate.jobs import Status

    try:
        await manager.retry_job_by_id_async(job_id=job_id, retry_at=now())
    except ConnectorException:
        if queueing_lock is None:
            raise
        # The clock has queued the same work again meanwhile, and one of it is enough.
        await manager.finish_job_by_id_async(job_id=job_id, status=Status.ABORTED, delete_job=False)


if __name__ == "__main__":
    main()
