"""The throw-away PostgreSQL and data folder of a test run.

A plugin of its own (`-p tests.database`), because the settings read the database's address before any conftest is loaded.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

_cluster: Any = None
_server: Any = None
_folders: list[Path] = []
_ROOT = Path(__file__).resolve().parents[1]
_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of its own are made in it
_PATTERN = "tinhso_pattern"
_PATTERNS = "TINHSO_TEST_PATTERNS"  # set where the database is of this run alone, so nothing in it is of an older tree
_PROGRAMS = "TINHSO_TEST_PROGRAMS"  # where psql and pg_dump of that database lie
_ROOM = 4_000_000_000  # bytes free in memory below which a run goes to the disk


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the database of this run once; parallel workers inherit its address and use databases of their own."""
    global _cluster, _server
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return
    _forget_killed_runs()
    if not os.environ.get("TINHSO_DATA_DIR"):
        os.environ["TINHSO_DATA_DIR"] = str(_new_folder("tinhso-test-"))
    if os.environ.get("DATABASE_URL"):
        return
    from tinhso.config import embedded

    folder = _new_folder("tinhso-pg-")
    folder.chmod(0o755)
    _cluster = embedded.Cluster(folder / "c", fast=True)
    _server = embedded.start(_cluster)
    # The superuser: flushing between transactional tests must pass the triggers of append-only tables.
    os.environ["DATABASE_URL"] = _cluster.url(embedded.SUPERUSER)
    os.environ[_PATTERNS], os.environ[_PROGRAMS] = str(folder), str(Path(_server.args[0]).parent)
    os.environ["TINHSO_TEST_APPLICATION_URL"] = _cluster.url(embedded.APPLICATION)


def use_pattern() -> None:
    """Of parallel workers the first to come migrates a database; each begins with a copy of it, made in no time."""
    from django.db import connection

    folder = os.environ.get(_PATTERNS)
    if not folder:
        return
    with (Path(folder) / "pattern.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = Path(folder) / "pattern.made"
        if not made.exists():
            _make(_PATTERN)
            made.touch()
    connection.settings_dict["TEST"]["TEMPLATE"] = _PATTERN


def _make(name: str) -> None:
    """Make a database with every migration applied, from which others are copied.

    What the migrations came to is kept as SQL under `var/` until one of them, or a model, changes: migrating takes longer
    than anything else before the first test.
    """
    from django.db import connection

    from tinhso.config import embedded

    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    cluster = embedded.Cluster(Path(os.environ[_PATTERNS]) / "c", fast=True)
    address, kept = (
        cluster.url(embedded.SUPERUSER, name),
        _ROOT / "var" / "tests" / f"migrated-{_state_of_schema()}.sql",
    )
    programs = Path(os.environ[_PROGRAMS])
    if kept.exists():
        command: list[str | Path] = [
            programs / "psql",
            "-qX",
            "-v",
            "ON_ERROR_STOP=1",
            "-1",
            "-o",
            os.devnull,
            "-f",
            kept,
            address,
        ]
        subprocess.run(command, check=True)
        return
    _migrate(name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_name(f"{os.getpid()}.part")
    subprocess.run([programs / "pg_dump", "-f", partial, address], check=True)
    for older in kept.parent.glob("migrated-*.sql"):
        older.unlink(missing_ok=True)
    partial.rename(kept)


def _state_of_schema() -> str:
    """A digest of all that decides what an empty database looks like."""
    source = _ROOT / "src" / "tinhso"
    parts = {*source.glob("**/migrations/*.py"), *source.glob("**/models.py"), *source.glob("**/models/**/*.py")}
    digest = hashlib.sha256()
    for part in [*sorted(parts), source / "config" / "embedded.py", _ROOT / "requirements.lock"]:
        digest.update(f"{part.relative_to(_ROOT)}\0{part.stat().st_size}\0".encode())
        digest.update(part.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(name: str) -> None:
    from django.db import connection

    from tinhso.config.database import apply_migrations

    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        apply_migrations()
    finally:
        connection.close()  # what is copied must have no visitors
        connection.settings_dict["NAME"] = own


_SWEPT_EVERY = 100  # tests
_SWOLLEN = 300_000  # bytes of a table that holds nothing but what tests took back
_finished = 0


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish() -> None:
    """Let the database forget now and then what tests took back.

    It keeps every row that was ever written until it is swept: after a thousand tests even an empty table takes long to
    read through.
    """
    global _finished
    _finished += 1
    if _finished % _SWEPT_EVERY or (_PATTERNS not in os.environ):
        return
    import psycopg
    from django.db import connection
    from psycopg import sql

    from tests.factories.snapshots import database_address

    settings = connection.settings_dict
    if not str(settings["NAME"]).startswith("test_"):
        return  # no test of this process has asked for the database yet
    with psycopg.connect(**database_address(), autocommit=True) as beside:
        swollen = beside.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND pg_relation_size(oid) > %s",
            [_SWOLLEN],
        ).fetchall()
        for (name,) in swollen:
            beside.execute(sql.SQL("VACUUM (INDEX_CLEANUP ON, TRUNCATE ON) {}").format(sql.Identifier(name)))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop and forget the database and the files of this run."""
    if _cluster is not None:
        from tinhso.config import embedded

        embedded.stop(_cluster, immediate=True)
        _server.wait()
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder(prefix: str) -> Path:
    # In memory where there is plenty of it: every stored file is flushed to the disk, which tests need not wait for.
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    _folders.append(Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=_MEMORY if roomy else None)))
    return _folders[-1]


def _forget_killed_runs() -> None:
    """Give back the memory of runs that were killed: their folders carry the number of a process that is no more."""
    for folder in _MEMORY.glob("tinhso-*-*-*"):
        pid = folder.name.split("-")[2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists() and not _database_runs(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _database_runs(folder: Path) -> bool:
    """Whether a database outlived the run that was killed; it ends by itself once its files are closed, not before."""
    for lock in folder.glob("c/**/postmaster.pid"):
        number = lock.read_text(encoding="utf-8").split("\n", 1)[0]
        if number.isdecimal() and Path(f"/proc/{number}").exists():
            return True
    return False
