"""What keeps the processes of a machine running: a service is there again, whatever the one before has left."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.factories.mail_servers import free_port
from tinhso.config.supervisor import Service, Supervisor

# A parent that holds the port, and a child that tells its number to whoever calls.
_PROGRAM = """
import os, socket, sys
from tinhso.config.preforked import Keeper
port = socket.create_server(("127.0.0.1", int(sys.argv[1])))
def serve():
    while True:
        call, _ = port.accept()
        call.sendall(str(os.getpid()).encode())
        call.close()
sys.exit(Keeper(serve).run())
"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Service, int]]:
    """One service that is kept up, and its port."""
    monkeypatch.setattr("tinhso.config.supervisor._STOP_PATIENCE_S", 0.3)
    monkeypatch.setattr("tinhso.config.supervisor._RESTART_DELAY_S", 0.05)
    port = free_port()
    wanted = Service("one", [sys.executable, "-c", _PROGRAM, str(port)])
    keeper = Supervisor([], log_folder=tmp_path, tell=lambda _sentence: None)
    keeper.add(wanted)
    running = threading.Thread(target=keeper.run)
    running.start()
    yield wanted, port
    keeper._on_signal(signal.SIGTERM, None)
    running.join()


def test_a_worker_that_stands_still_does_not_keep_the_port_of_a_dead_parent(service: tuple[Service, int]) -> None:
    wanted, port = service
    first = _who_serves(port, other_than=0)
    assert wanted.process is not None
    os.kill(first, signal.SIGSTOP)
    try:
        os.kill(wanted.process.pid, signal.SIGKILL)
        second = _who_serves(port, other_than=first)
        assert second != first
        assert not _lives(first)
    finally:
        with suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)


def _who_serves(port: int, *, other_than: int) -> int:
    """The number of the process that answers; callers are taken by the kernel and left alone while none does."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError), socket.create_connection(("127.0.0.1", port), timeout=0.3) as call:
            call.settimeout(0.3)
            if (found := int(call.recv(20))) != other_than:
                return found
        time.sleep(0.02)
    raise AssertionError("nobody serves")


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    return False
