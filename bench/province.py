"""A throw-away province to measure: its own folder, its own PostgreSQL, its own ports; gone afterwards."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.traffic import TrafficError, ask_once, render

if TYPE_CHECKING:
    from tinhso.config.installation import Installation

ROOT = Path(__file__).resolve().parents[1]
NATIONAL_SET = ROOT.parent / "shared" / "data" / "procedures" / "procedures.jsonl.xz"
_PATIENCE_S = 180.0


class Province:
    """A prepared installation with officers and demo cases."""

    def __init__(self, folder: Path, port: int, installation: "Installation") -> None:
        self.folder, self.port, self.installation = folder, port, installation
        self.timings: dict[str, float] = {}

    def accounts(self) -> dict[str, Any]:
        """What `tinhso demo people` made."""
        found: dict[str, Any] = json.loads((self.folder / "demo-accounts.json").read_text())
        return found

    def tinhso(self, *arguments: str) -> None:
        """Run the command line; its time is kept under its first words."""
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "tinhso.config.cli", *arguments], check=False, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise SystemExit(f"tinhso {' '.join(arguments)}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        self.timings[" ".join(arguments[:2])] = time.monotonic() - started

    def address(self, role: str) -> str:
        """The database's address for a role."""
        from tinhso.config import embedded

        return embedded.Cluster(self.folder / "postgres").url(role)


def free_port(first: int = 21_000, *, together: int = 2) -> int:
    """The first of so many free ports in a row, below the range the system hands out by itself."""
    for port in range(first, 30_000, 7):
        try:
            for number in range(port, port + together):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port
    raise SystemExit(f"no free ports between {first} and 30000")


@contextmanager
def prepared(*, templates: int, keep: bool, reuse: Path | None = None) -> Iterator[Province]:
    """Database, schema, content, officers and `templates` cases lived through the real actions.

    `reuse` names a folder that an earlier run kept.
    """
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("stopped"))  # so that all is put away below
    folder = reuse or Path(tempfile.mkdtemp(prefix="tinhso-bench-"))
    folder.chmod(0o755)  # the database's system user must get through
    port = free_port()
    os.environ.pop("DATABASE_URL", None)  # never anybody's own database
    os.environ |= {
        "TINHSO_DATA_DIR": str(folder), "TINHSO_PORT": str(port), "TINHSO_DEMO": "1",
        "TINHSO_DATABASE_POOL": "0", "DJANGO_SETTINGS_MODULE": "tinhso.config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }  # fmt: skip
    from tinhso.config.installation import Installation, Step, mark_of, standard_steps

    installation = Installation()
    province = Province(folder, port, installation)
    steps = standard_steps()
    # Under the name it has in `tinhso demo run`, which so finds it done when its start is measured.
    people = Step("khóa ký số và tài khoản mẫu", ("demo", "people"), mark_of(steps[1].mark, "1"))
    load = Step(f"{templates} hồ sơ mẫu", ("demo", "load", "--cases", str(templates)), "1")
    try:
        installation.start_database()
        started, before = time.monotonic(), _children_s()
        installation.prepare(steps[:1] if reuse else [*steps, people, load])  # the schema may have moved on since
        province.timings["prepare"] = time.monotonic() - started
        province.timings["prepare cpu"] = _children_s() - before
        yield province
    finally:
        installation.stop_database()
        if keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _children_s() -> float:
    """Processor time of the commands that have ended; the database's is not counted."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


@contextmanager
def web(port: int, *, application: str = "", pool: bool = True) -> Iterator[None]:
    """The product's own web process (2 workers of 4 threads), or another application on the same server.

    Ends with the process group it made.
    """
    own = ["-m", "tinhso.config.web", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    other = [
        "-m", "granian", "--host", "127.0.0.1", "--no-access-log", "--log-level", "warning", "--interface", "wsgi",
        "--port", str(port), "--workers", "2", "--blocking-threads", "4", "--backpressure", "64", application,
    ]  # fmt: skip
    command = [sys.executable, *(other if application else own)]
    environment = {**os.environ, "TINHSO_DATABASE_POOL": "1" if pool else "0"}
    log = Path(os.environ["TINHSO_DATA_DIR"]) / "bench-web.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until_up(port, process)
        yield
    finally:
        stop(process)


def wait_until_up(port: int, process: subprocess.Popen[bytes], path: str = "/healthz") -> None:
    """Wait until the server answers 200."""
    deadline = time.monotonic() + _PATIENCE_S
    request = render("GET", path, port=port, headers={})
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        try:
            if ask_once(port, request).status == 200:
                return
        except (OSError, TrafficError):
            pass
        time.sleep(0.05)
    raise SystemExit(f"no answer on port {port} within {_PATIENCE_S:.0f} s")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and end it and what it started when it does not. It leads a session of its own."""
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):  # workers of a server that was killed
        os.killpg(process.pid, signal.SIGKILL)


def command_output(command: Sequence[str]) -> str:
    """What a command prints, or nothing where it is not there."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
