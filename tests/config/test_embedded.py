"""The database that comes with the product, started again in the moment in which it ends."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinhso.config import embedded


@pytest.fixture
def cluster() -> Iterator[embedded.Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="tinhso-embedded-"))
    folder.chmod(0o755)  # the database's own user must get through
    made = embedded.Cluster(folder / "postgres", fast=True)
    yield made
    embedded.stop(made, immediate=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.sweep
def test_it_starts_again_at_once_when_who_ran_it_was_killed(cluster: embedded.Cluster) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        embedded.start(cluster)
        os.write(writing, b"!")
        signal.pause()
    assert os.read(reading, 1) == b"!"
    os.close(reading)
    os.close(writing)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    again = embedded.start(cluster)
    assert again is not None, "the one that was on its way out is taken for one that runs"
    assert embedded.start(cluster) is None, "now there is one"
    embedded.stop(cluster, immediate=True)
    again.wait()
