"""A province of its own to break: prepared once, kept as a pattern, run in a process namespace, its processes by number."""

import ctypes
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from faults.client import BrokenError, Client

ROOT = Path(__file__).resolve().parents[1]
_PATTERNS = Path("/var/lib/tinhso") if os.geteuid() == 0 else ROOT / "var"
# What is prepared is this tree's own: another tree on the machine may be using its.
_MARK = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
_UP_S = 1800.0
_KEPT_S = 24 * 3600
_PR_SET_PDEATHSIG = 1
# Where the driver's own provider listens: it stands in the registry, so it is the same in every run.
PEER_PORT = 20_990
# The exchange's registry with one more provider: the driver itself, so that what was asked of it can be compared.
_ECHO = """
  - class: GOV
    code: FAULTS
    name: Bên cung cấp của phép thử
    valid_from: 2025-07-01
    subsystems:
      - code: peer
        name: Bên cung cấp của phép thử
        connection: network
        networks: [127.0.0.0/8]
        services:
          - code: echo
            name: Trả lại điều đã nhận
            kind: REST
            address: "http://127.0.0.1:{peer}"
            timeout_s: 10
            at_once: 64
            endpoints:
              - {{method: POST, path: "/**"}}
"""
_RIGHT = """
  - clients: agencies/mot-cua
    service: VN/GOV/FAULTS/peer/echo
    method: "*"
    path: /**
    document: thử
    purpose: Phép thử sự cố
    fields: []
    quota_per_day: 100000000
    valid_from: 2025-10-22
    assumed: [quota_per_day]
"""


@dataclass
class Place:
    """One installation: its folder, its ports, what runs of it."""

    folder: Path
    port: int
    peer_port: int
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    sources: Path = ROOT

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def gateway_port(self) -> int:
        return self.port + 2

    def accounts(self) -> dict[str, Any]:
        """Who may sign in, as the product tells it."""
        found: dict[str, Any] = json.loads((self.folder / "demo-accounts.json").read_text())
        return found

    def database(self) -> "psycopg.Connection[Any]":
        """A session as the superuser, for reading."""
        password = (self.folder / "postgres" / "secrets" / "postgres").read_text().strip()
        return psycopg.connect(
            host=str(self.folder / "postgres" / "run"), user="postgres", password=password, dbname="tinhso",
            autocommit=True, connect_timeout=5,
        )  # fmt: skip

    def tinhso(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run the product's command line beside it."""
        return subprocess.run(
            [sys.executable, "-m", "tinhso.config.cli", *arguments], env=self.environment, cwd=ROOT,
            check=check, capture_output=True, text=True,
        )  # fmt: skip

    def configure(self, lines: Iterable[str]) -> None:
        """Change the database's settings while it runs."""
        with self.database() as database:
            for line in lines:
                database.execute(f"ALTER SYSTEM SET {line}".encode())
            database.execute("SELECT pg_reload_conf()")

    def start(self) -> None:
        """The whole product, in a process namespace of its own where the machine allows one."""
        command = [sys.executable, "-m", "tinhso.config.cli", "demo", "run", "--cases", "0"]
        ends_by = signal.SIGTERM
        if _may_unshare():
            ends_by = signal.SIGKILL  # with it the kernel ends all that lives in the namespace
            command = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=self.sources, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True, preexec_fn=partial(die_with_parent, os.getpid(), ends_by),
            )  # fmt: skip
        for port in (self.port, self.port + 1, self.gateway_port):
            self.wait_for(port)

    def wait_for(self, port: int, path: str = "/healthz") -> float:
        """Wait until the server there answers 200; seconds it took."""
        started, client = time.monotonic(), Client(port, self.host)
        while time.monotonic() - started < _UP_S:
            if self.process is not None and self.process.poll() is not None:
                raise SystemExit(f"the product ended by itself ({self.process.returncode}); see {self.log}")
            with suppress(BrokenError):
                if client.ask("GET", path).status == 200:
                    client.close()
                    return time.monotonic() - started
            time.sleep(0.1)
        raise SystemExit(f"no answer on port {port} within {_UP_S:.0f} s; see {self.log}")

    def stop(self) -> None:
        """End everything that was started here, by number."""
        if self.process is None or self.process.poll() is not None:
            return
        inner = next(iter(self.family()), None)
        with suppress(ProcessLookupError):
            os.kill(inner.pid if inner is not None else self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            for one in self.family():
                with suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        self.process = None  # what is started here next is not waited for as if this were it

    def family(self) -> "list[Member]":
        """All processes below the one that was started, the eldest first."""
        if self.process is None:
            return []
        everybody = {one.pid: one for one in _everybody()}
        found, ring = [], {self.process.pid}
        while ring:
            younger = [one for one in everybody.values() if one.parent in ring]
            found += sorted(younger, key=lambda one: one.pid)
            ring = {one.pid for one in younger}
        return found


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the product."""

    pid: int
    parent: int
    command: str
    born: int = 0  # in the kernel's ticks: tells it from whoever is given its number later

    @property
    def part(self) -> str:
        """What it is of the product."""
        if self.command.startswith("postgres:"):
            return "backend" if "tinhso_app" in self.command else "postgres helper"
        for mark, name in (
            ("bin/postgres -D", "postgres"), ("tinhso.config.web", "web"), ("tinhso.config.worker", "worker"),
            ("tinhso.config.gateway", "gateway"), ("tinhso.simulators.app", "simulators"),
        ):  # fmt: skip
            if mark in self.command:
                return name
        return ""


def _everybody() -> Iterable[Member]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            parent, born = parent_and_birth(int(folder.name))
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            yield Member(int(folder.name), parent, command, born)


def parent_and_birth(pid: int) -> tuple[int, int]:
    """Who its parent is, and when it began."""
    facts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return int(facts[1]), int(facts[19])


def die_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """For `preexec_fn`: the new process ends when the driver does, whatever ends that."""
    ctypes.CDLL("libc.so.6").prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it died before the kernel was asked
        os.kill(os.getpid(), number)


def _may_unshare() -> bool:
    """Whether this machine lets us make a process namespace."""
    tried = ["unshare", "--pid", "--fork", "--mount-proc", "true"]
    try:
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make(folder: Path, *, seed: int) -> Place:
    """An installation that is to be prepared in this folder."""
    port = _free_ports(14, seed)
    place = Place(folder / "data", port, PEER_PORT, folder / "product.log")
    place.environment = {
        **bare_environment(),
        "TINHSO_DATA_DIR": str(place.folder), "TINHSO_PORT": str(port), "TINHSO_DEMO": "1",
        "TINHSO_CONTENT_DIR": str(_content()), "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }  # fmt: skip
    return place


def bare_environment() -> dict[str, str]:
    """What the shell says, without anything that decides how the product runs: a test that starts us has its own settings."""
    ours = ("TINHSO_", "DATABASE_", "DJANGO_", "PYTEST_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _content() -> Path:
    """The province's content with one more provider in the exchange. It stays, so that it need not be published anew."""
    folder = _PATTERNS / f"faults-content-{_MARK}-{_state_of_sources()}"
    if folder.exists():
        return folder
    _forget("content")
    partial = folder.with_name(f"{folder.name}.part{os.getpid()}")
    content_with_peer(ROOT, partial)
    partial.rename(folder)
    return folder


def content_with_peer(sources: Path, folder: Path, *, peer_port: int = PEER_PORT) -> Path:
    """The content of these sources, in this folder, with the driver as one more provider."""
    shutil.copytree(sources / "content", folder)
    registry = folder / "exchange" / "registry.yaml"
    members, mark, rights = registry.read_text(encoding="utf-8").partition("\nrights:\n")
    registry.write_text(members + _ECHO.format(peer=peer_port) + mark + _RIGHT.lstrip("\n") + rights, encoding="utf-8")
    return folder


def pattern_size() -> int:
    """Bytes that an installation takes at its start."""
    pattern = _PATTERNS / f"faults-pattern-{_MARK}-{_state_of_sources()}"
    return sum(one.stat().st_size for one in pattern.rglob("*") if one.is_file()) or 600_000_000


def prepare(place: Place) -> float:
    """Database, schema, content, people. What another run has prepared from the same sources is copied."""
    started = time.monotonic()
    pattern = _PATTERNS / f"faults-pattern-{_MARK}-{_state_of_sources()}"
    if pattern.exists():
        subprocess.run(["cp", "-aT", "--reflink=auto", str(pattern), str(place.folder)], check=True)
        return time.monotonic() - started
    place.start()
    place.stop()
    _forget("pattern")
    partial = pattern.with_name(f"{pattern.name}.part{os.getpid()}")
    pattern.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-aT", "--reflink=auto", str(place.folder), str(partial)], check=True)
    with suppress(OSError):
        partial.rename(pattern)
    shutil.rmtree(partial, ignore_errors=True)  # another run was first
    return time.monotonic() - started


def _forget(kind: str) -> None:
    """Clear away what this tree prepared from other sources long ago; a run of them may be using what is younger."""
    for one in _PATTERNS.glob(f"faults-{kind}-{_MARK}-*"):
        with suppress(OSError):
            if time.time() - one.stat().st_ctime > _KEPT_S:
                shutil.rmtree(one, ignore_errors=True)


def _state_of_sources() -> str:
    """A digest of what decides how a fresh installation looks."""
    found = hashlib.sha256()
    source = ROOT / "src" / "tinhso"
    files = [*source.glob("apps/*/migrations/*.py"), *source.glob("config/demo/*.py"), *(ROOT / "content").rglob("*")]
    for file in sorted(one for one in [*files, ROOT / "requirements.lock"] if one.is_file()):
        found.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def _free_ports(count: int, seed: int) -> int:
    """The first of so many free ports in a row, below the range the system hands out by itself."""
    for port in range(22_000 + seed % 997, 31_000, 11):
        with suppress(OSError):
            for number in range(port, port + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
            return port
    raise SystemExit("no free ports between 22000 and 31000")
