"""Fixtures every test may use; the database of the run is in `tests/database.py`."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Every run tries the same examples, so that what passed here passes elsewhere, and how fast a machine is is no finding.
# To look further: HYPOTHESIS_PROFILE=default.
settings.register_profile("suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

# Modules that take longest, the longest first, by the processor time of a whole run.
_LONGEST = (
    # Forks; threads that a served gateway leaves behind in the process would stop its children.
    "config/demo/test_province.py",
    "content/test_catalogue.py",
    "journeys/test_karaoke_in_one_go.py",
    "journeys/test_building_permit.py",
    "journeys/test_supplement_on_a_phone.py",
    "journeys/test_a_morning_in_the_hall.py",
    "journeys/test_petition_on_a_phone.py",
    "journeys/test_counter_by_keyboard.py",
    "journeys/test_home_page.py",
    "journeys/test_line_is_cut.py",
    "interfaces/portal/test_browser.py",
    "interfaces/workspace/test_browser.py",
    "interfaces/access/test_browser.py",
    "journeys/test_asked_for_once.py",
    "journeys/test_the_state_has_it.py",
    "journeys/test_leader_signs_forty.py",
    "journeys/test_scan_to_certified_copy.py",
    "journeys/test_outsider_checks_a_paper.py",
    "interfaces/ui/test_keys.py",
    "interfaces/ui/test_looking.py",
    "apps/cases/test_permission_table.py",
    "architecture/test_routes.py",
    "apps/cases/test_queries.py",
    "architecture/test_actions.py",
    "content/test_scenarios.py",
    "apps/signatures/test_verification.py",
    "content/test_linked_scenarios.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long modules first: parallel workers are handed whole modules, and a long one at the end would keep one of them alone."""
    here, place = Path(__file__).parent, {name: number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.relative_to(here).as_posix(), len(place)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """The collector is spared as in the product's own processes."""
    from tinhso.config.bootstrap import spare_collector

    spare_collector()


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
    """Let the flush after a transactional test empty append-only tables too, and only tables in which something is.

    What Django itself writes down about the models after migrating stays: no test changes it, and writing it anew was most
    of a flush. For the whole session: a patch of one test is undone before that test's database is flushed.
    """
    from django.core.management.commands import flush
    from django.db import connection
    from django.db.backends.postgresql.operations import DatabaseOperations

    def sql_flush(self: DatabaseOperations, style: Any, tables: list[str], **kwargs: Any) -> list[str]:
        # The queue's tables are not managed by Django, so its flush would leave jobs of rows that are gone.
        names = [*tables, "procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers"]
        names = [name for name in names if name not in {"django_content_type", "auth_permission"}]
        one = " UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in dict.fromkeys(names))  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(one)
            filled = [row[0] for row in cursor.fetchall()]
        # Truncating takes new files for every table; a few rows are gone sooner by themselves. References are not looked
        # at meanwhile: everything goes.
        emptied = [f'DELETE FROM "{name}"' for name in filled]  # noqa: S608 - tables of ours
        return ["SET session_replication_role = replica", *emptied, "RESET session_replication_role"] if filled else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *args, **kwargs: None)
        yield


@pytest.fixture
def drain_jobs(db: None) -> Callable[[], int]:
    """Run every waiting job now, in this process; returns how many ran. A job that fails fails the test."""
    from tinhso.kernel.jobs import run_waiting

    return run_waiting


@pytest.fixture(autouse=True)
def _no_leftover_clock() -> Iterator[None]:
    yield
    from tinhso.apps.directory.queries import end_request
    from tinhso.kernel import clock

    end_request()  # an answer that a test did not read to its end keeps what its request has read of the directory
    assert clock._travelled.get() is None, "a test left the clock moved"
