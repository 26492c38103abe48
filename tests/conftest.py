"""Fixtures every test may use. A throw-away PostgreSQL is started for the run; sockets beyond this machine are closed."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_cluster = None


def pytest_configure(config: pytest.Config) -> None:
    """Start the database of this run once; parallel workers inherit its address and use databases of their own."""
    global _cluster  # noqa: PLW0603 - one cluster a run, stopped in pytest_unconfigure
    if os.environ.get("PYTEST_XDIST_WORKER") or os.environ.get("DATABASE_URL"):
        return
    from tinhso.config import embedded

    folder = Path(tempfile.mkdtemp(prefix="tinhso-pg-"))
    folder.chmod(0o755)
    _cluster = embedded.Cluster(folder / "c", fast=True)
    embedded.start(_cluster)
    os.environ["DATABASE_URL"] = _cluster.url(embedded.OWNER)
    os.environ["TINHSO_TEST_APPLICATION_URL"] = _cluster.url(embedded.APPLICATION)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop and forget the database of this run."""
    if _cluster is None:
        return
    from tinhso.config import embedded

    embedded.stop(_cluster, immediate=True)
    shutil.rmtree(_cluster.folder.parent, ignore_errors=True)


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


@pytest.fixture
def drain_jobs(db: None) -> Callable[[], int]:
    """Run every waiting job now, in this process; returns how many ran. A job that fails fails the test."""
    from tests.support import drain

    return drain


@pytest.fixture(autouse=True)
def _no_leftover_clock() -> Iterator[None]:
    yield
    from tinhso.kernel import clock

    assert clock._travelled.get() is None, "a test left the clock moved"
