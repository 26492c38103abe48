"""Fixtures every test may use; the database of the run is in `tests/database.py`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only loopback may be reached."""
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Folder of the checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data(project_root: Path) -> Path:
    """The folder of real data that lies beside the project where it is developed; skips where it does not."""
    folder = project_root.parent / "shared" / "data"
    if not folder.exists():
        pytest.skip("the shared data folder is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any) -> None:
    """Let a parallel worker's database be a copy of one that is migrated already."""
    from tests.database import use_pattern

    with django_db_blocker.unblock():
        use_pattern()


@pytest.fixture(autouse=True, scope="session")
def _flush_passes_append_only() -> Iterator[None]:
    """Let the flush after a transactional test empty append-only tables too.

    For the whole session: a patch of one test is undone before that test's database is flushed.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations

    plain = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = plain(self, *args, **kwargs)
        # The queue's tables are not managed by Django, so its flush would leave jobs of rows that are gone.
        queue = "TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers CASCADE"
        return ["SET session_replication_role = replica", *statements, queue, "RESET session_replication_role"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture
def drain_jobs(db: None) -> Callable[[], int]:
    """Run every waiting job now, in this process; returns how many ran. A job that fails fails the test."""
    from tinhso.kernel.jobs import run_waiting

    return run_waiting


@pytest.fixture(autouse=True)
def _no_leftover_clock() -> Iterator[None]:
    yield
    from tinhso.kernel import clock

    assert clock._travelled.get() is None, "a test left the clock moved"
