"""A share of a replay with a province of its own: killed half way it goes on, and the recount finds nothing."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.mail_servers import free_port
from tinhso.config import embedded

_SHARE = "0.0001"  # 16 cases, 22 exchanges


@pytest.fixture
def folder() -> Iterator[Path]:
    found = Path(tempfile.mkdtemp(prefix="tinhso-replay-"))
    found.chmod(0o755)  # the database's own user must get through
    try:
        yield found
    finally:
        embedded.stop(embedded.Cluster(found / "postgres"))
        shutil.rmtree(found)


def _replay(folder: Path, port: int) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-m",
        "tinhso.config.cli",
        "replay",
        "kon-tum-2023",
        "--share",
        _SHARE,
        "--processes",
        "2",
    ]
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {
        "TINHSO_PORT": str(port)
    }
    return subprocess.Popen(
        [*command, "--folder", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


@pytest.mark.sweep
def test_killed_half_way_it_goes_on_and_nothing_is_lost(folder: Path) -> None:
    port = free_port()
    with _replay(folder, port) as first:
        assert first.stdout is not None
        for line in first.stdout:
            if "hồ sơ/giây" in line and " 0/16" not in line:
                break
        first.send_signal(signal.SIGKILL)
        first.stdout.read()  # until its own processes have noticed
        assert first.wait() == -signal.SIGKILL
    with _replay(folder, port) as second:
        told, _ = second.communicate()
        assert second.returncode == 0, told
    assert "Mọi thứ khớp" in told
    assert re.search(r"^ +16  hồ sơ$", told, re.MULTILINE), told
    assert re.search(r"^ +22  giao dịch trao đổi$", told, re.MULTILINE), told
