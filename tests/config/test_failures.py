"""What the machine or the database refuses is one sentence; a mistake of the program is not hidden."""

import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from bench.province import free_port

from tinhso.config import embedded, env, failures, supervisor
from tinhso.config.installation import Installation, Step

SOURCE = Path(__file__).resolve().parents[2] / "src"


def test_a_full_disk_is_told_also_from_deep_below() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/du-lieu/tep")
    outer = RuntimeError("while writing")
    outer.__cause__ = full
    assert "Đĩa đã đầy" in str(failures.sentence_of(full))
    assert "Đĩa đã đầy" in str(failures.sentence_of(outer))
    assert "Đĩa đã đầy" in str(failures.sentence_of(psycopg.errors.DiskFull("could not extend file")))


def test_a_folder_that_may_not_be_written_is_named() -> None:
    told = str(failures.sentence_of(OSError(errno.EROFS, "Read-only file system", "/du-lieu")))
    assert "/du-lieu" in told
    assert "chỉ cho đọc" in told


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('connection failed: FATAL:  password authentication failed for user "a"', "sai tên hoặc mật khẩu"),
        ('connection failed: FATAL:  database "x" does not exist', "Không có cơ sở dữ liệu"),
        (
            "connection failed: Connection refused\n\tIs the server running on that host?",
            "không có PostgreSQL nào trả lời",
        ),
        ("failed to resolve host 'khong-co': Name or service not known", "Không tìm thấy máy chủ"),
        ("something the table does not know", "something the table does not know"),
    ],
)
def test_a_database_that_cannot_be_reached(words: str, expected: str) -> None:
    assert expected in str(failures.sentence_of(psycopg.OperationalError(words)))


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), FileNotFoundError(errno.ENOENT, "no", "/x")])
def test_a_mistake_of_the_program_keeps_its_trace(error: Exception) -> None:
    assert failures.sentence_of(error) is None


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(supervisor.PortInUse, match=str(port)):
            supervisor.require_free(port)
    supervisor.require_free(port)


def test_what_nobody_waits_for_starts_when_the_others_serve(tmp_path: Path) -> None:
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        port = first.getsockname()[1]
    serves = supervisor.Service(
        "web",
        [sys.executable, "-m", "http.server", str(port), "-b", "127.0.0.1"],
        ready_url=f"http://127.0.0.1:{port}/",
    )
    works = supervisor.Service("worker", ["sleep", "60"])
    keeper = supervisor.Supervisor([works, serves], log_folder=tmp_path, tell=print)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        keeper.start()
        assert works.process is None
        keeper.wait_ready()
        assert works.process is not None
        assert works.process.poll() is None
    finally:
        keeper.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert serves.process is not None
    assert serves.process.poll() is not None
    assert works.process.poll() is not None


def test_a_port_that_is_no_number() -> None:
    with pytest.raises(SystemExit, match="DATABASE_URL"):
        env.database("postgresql://a:b@may:abc/x")


def test_two_supervisors_of_one_folder(tmp_path: Path) -> None:
    cluster = embedded.Cluster(tmp_path / "c")
    with embedded.exclusive(cluster), pytest.raises(SystemExit, match="cửa sổ khác"), embedded.exclusive(cluster):
        pass


def test_what_was_done_to_one_database_is_due_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINHSO_DATA_DIR", str(tmp_path))
    step = Step("không làm gì", ("--version",), "1")
    told: list[str] = []
    monkeypatch.setattr("click.echo", told.append)
    for address, runs in (
        ("postgresql://a@may/x", True),
        ("postgresql://a@may/x", False),
        ("postgresql://a@may/y", True),
    ):
        monkeypatch.setenv("DATABASE_URL", address)
        told.clear()
        Installation().prepare(Installation().due([step]))
        assert bool(told) == runs


def test_an_unreachable_database_stops_the_demo_in_one_sentence(tmp_path: Path) -> None:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "DJANGO_", "TINHSO_"))
    }
    free = free_port(24_500, together=4)  # a demo takes as many in a row
    environment = {
        **kept, "TINHSO_DATA_DIR": str(tmp_path), "PYTHONPATH": str(SOURCE), "TINHSO_PORT": str(free),
        "DATABASE_URL": "postgresql://ai:gi@127.0.0.1:1/khong",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tinhso.config.cli", "demo", "run"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [failures.sentence_of(psycopg.OperationalError("Is the server running"))]
