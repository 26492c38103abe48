"""The throw-away PostgreSQL and data folder of a test run.

A plugin of its own (`-p tests.database`), because the settings read the database's address before any conftest is loaded.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

_cluster: Any = None
_server: Any = None
_folders: list[Path] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the database of this run once; parallel workers inherit its address and use databases of their own."""
    global _cluster, _server
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return
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
    os.environ["TINHSO_TEST_APPLICATION_URL"] = _cluster.url(embedded.APPLICATION)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop and forget the database and the files of this run."""
    if _cluster is not None:
        from tinhso.config import embedded

        embedded.stop(_cluster, immediate=True)
        _server.wait()
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder(prefix: str) -> Path:
    _folders.append(Path(tempfile.mkdtemp(prefix=prefix)))
    return _folders[-1]


def address_of(settings: dict[str, object]) -> str:
    """The address of the database that Django's settings describe, for another process of the same test."""
    from urllib.parse import quote, urlencode

    user, password = quote(str(settings["USER"])), quote(str(settings["PASSWORD"] or ""))
    host = {"host": settings["HOST"], "port": settings["PORT"]}
    query = urlencode({key: value for key, value in host.items() if value})
    return f"postgresql://{user}:{password}@/{settings['NAME']}?{query}"
