"""Work in the background: deferred with the change, run in order, never lost."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from tests.kernel.lamps import AT, LampKindled, kindle
from tinhso.apps.audit import jobs as audit_jobs
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor

heard: list[Any] = []


@pytest.fixture
def listener() -> Iterator[list[Any]]:
    """A handler of lit lamps that writes down what it is told."""

    def hear(*, event: LampKindled, actor: Actor, at: datetime, entry_id: int) -> None:
        heard.append((event, actor.name, at, entry_id))

    jobs.on(LampKindled)(hear)
    heard.clear()
    yield heard
    name = next(n for n, f in jobs.handlers.items() if f is hear)
    del jobs.handlers[name]
    del jobs.subscriptions[LampKindled.type]


def waiting() -> list[tuple[str, dict[str, Any], str | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args, lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [(n, a if isinstance(a, dict) else json.loads(a), lock) for n, a, lock in cursor.fetchall()]


@pytest.mark.django_db
def test_handler_hears_what_was_recorded(listener: list[Any], drain_jobs: Callable[[], int]) -> None:
    kindle(lamp="hall", actor=SYSTEM, at=AT)
    assert listener == []
    [(task, arguments, lock)] = waiting()
    assert (task, lock) == ("audit.deliver", "lamp:hall")
    assert drain_jobs() == 1
    assert listener == [(LampKindled(lamp="hall", kindled_at=AT), "Hệ thống", AT, arguments["entry_id"])]
    assert drain_jobs() == 0


@pytest.mark.django_db
def test_job_of_a_change_that_failed_was_never_deferred(listener: list[Any]) -> None:
    with pytest.raises(ValueError, match="hall"):
        kindle(lamp="hall", actor=SYSTEM, at=AT, fails=True)
    assert waiting() == []


@pytest.mark.django_db
def test_subscribing_twice_delivers_once(listener: list[Any]) -> None:
    [handler] = (jobs.handlers[name] for name in jobs.subscriptions[LampKindled.type])
    jobs.on(LampKindled)(handler)
    kindle(lamp="hall", actor=SYSTEM, at=AT)
    assert len(waiting()) == 1


@pytest.mark.django_db
def test_waiting_jobs_run_in_order_and_an_error_surfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    @app.task(name="test.note")
    def note(word: str) -> None:
        ran.append(word)
        if word == "bad":
            raise ValueError(word)

    try:
        jobs.defer("test.note", word="one", lock="a")
        jobs.defer("test.note", word="bad")
        jobs.defer("test.note", word="three")
        with pytest.raises(ValueError, match="bad"):
            jobs.run_waiting()
        assert ran == ["one", "bad"]
        assert jobs.run_waiting() == 1
        assert ran == ["one", "bad", "three"]
    finally:
        del app.tasks["test.note"]


@pytest.mark.django_db
def test_unknown_job_cannot_be_deferred() -> None:
    from procrastinate.exceptions import TaskNotFound

    with pytest.raises(TaskNotFound):
        jobs.defer("no.such_job")


@pytest.mark.django_db
def test_jobs_that_defer_jobs_for_ever_are_noticed() -> None:
    @app.task(name="test.again")
    def again() -> None:
        jobs.defer("test.again")

    try:
        jobs.defer("test.again")
        with pytest.raises(RuntimeError, match="keep deferring"):
            jobs.run_waiting(limit=5)
    finally:
        del app.tasks["test.again"]


def test_periodic_runs_by_the_clock_and_never_twice_at_once() -> None:
    ran: list[int] = []

    def tick() -> None:
        ran.append(1)

    assert jobs.periodic(cron="*/5 * * * *")(tick) is tick
    name = f"{tick.__module__}.tick"
    try:
        task = app.tasks[name]
        assert task.queueing_lock == name
        task.func(0)
        assert ran == [1]
        assert any(p.cron == "*/5 * * * *" for k, p in app.periodic_registry.periodic_tasks.items() if k[0] == name)
    finally:
        del app.tasks[name]
        for key in [k for k in app.periodic_registry.periodic_tasks if k[0] == name]:
            del app.periodic_registry.periodic_tasks[key]


def test_nightly_and_minute_jobs_of_the_log_are_planned() -> None:
    crons = {key[0]: task.cron for key, task in app.periodic_registry.periodic_tasks.items()}
    assert crons["audit.jobs.seal"] == "* * * * *"
    assert crons["audit.jobs.forget_idempotency"] == "30 2 * * *"
    assert audit_jobs.deliver.retry_strategy is jobs.RETRY


@pytest.mark.django_db
def test_a_job_of_the_clock_that_is_asked_for_twice_waits_once() -> None:
    for _ in range(2):
        jobs.ask_early("audit.jobs.forget_idempotency")
    assert [job.task for job in jobs.waiting_jobs()] == ["audit.jobs.forget_idempotency"]


@pytest.mark.django_db
def test_held_jobs_are_the_holders_to_run(listener: list[Any]) -> None:
    with jobs.held() as kept:
        kindle(lamp="hall", actor=SYSTEM, at=AT)
    assert waiting() == []
    [(task, arguments)] = kept
    jobs.run_task(task, arguments)
    assert len(listener) == 1


@pytest.mark.django_db
def test_what_is_done_is_forgotten_after_a_week_and_what_failed_is_not() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " SELECT 'default', s || age, s::procrastinate_job_status"
            " FROM unnest(ARRAY['succeeded', 'aborted', 'failed', 'todo']) s, unnest(ARRAY[' 6', ' 8']) age"
        )
        cursor.execute("DELETE FROM procrastinate_events")
        cursor.execute(
            "INSERT INTO procrastinate_events (job_id, type, at)"
            " SELECT id, 'succeeded', now() - right(task_name, 1)::int * interval '1 day' FROM procrastinate_jobs"
        )
    audit_jobs.forget_finished_jobs()
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")
        left = {name for (name,) in cursor.fetchall()}
    assert left == {"succeeded 6", "aborted 6", "failed 6", "failed 8", "todo 6", "todo 8"}
