"""Keeps the processes of the product running: web, worker, simulators, gateway. Ctrl-C stops all of them cleanly.

Children die with the supervisor even when it is killed (parent-death signal), write to files of their own, and are
started again when they stop by themselves. What a dead one leaves behind is given a while to finish, and then ended:
a worker that stands still would keep the port, and who calls would be taken and never answered.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_RESTART_DELAY_S = 0.5
_STOP_PATIENCE_S = 15.0


@dataclass
class Service:
    """One process to keep running; `ready_url` answers 200 once it serves. `is_once` work ends by itself.

    What nobody waits for has no `ready_url`; it starts when the others serve, so that they have the machine until then.
    """

    name: str
    command: Sequence[str]
    ready_url: str = ""
    is_once: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    stopped_at: float = 0.0


class PortInUse(SystemExit):
    """A port the product needs is taken."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Cổng {port} đang có chương trình khác dùng. Đặt TINHSO_PORT sang cổng khác rồi chạy lại.")


def require_free(port: int) -> None:
    """Refuse to start when somebody listens on the port already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise SystemExit(
                f"Cổng {port} dành cho quản trị máy. Đặt TINHSO_PORT từ 1024 trở lên rồi chạy lại."
            ) from None
        except OSError:
            raise PortInUse(port) from None


def services(*, port: int, host: str = "127.0.0.1", web_workers: int = 2, simulators: bool) -> list[Service]:
    """The processes of one machine."""
    python = sys.executable
    web = [python, "-m", "tinhso.config.web", "--host", host, "--port", str(port), "--workers", str(web_workers)]
    found = [
        Service("web", web, ready_url=f"http://127.0.0.1:{port}/healthz"),
        Service("worker", [python, "-m", "tinhso.config.worker"]),
    ]
    if simulators:
        simulated = [
            python, "-m", "granian", "--host", host, "--port", str(port + 1), "--interface", "asgi", "--no-access-log",
            "--log-level", "warning", "tinhso.simulators.app:application",
        ]  # fmt: skip
        found.append(Service("simulators", simulated, ready_url=f"http://127.0.0.1:{port + 1}/healthz"))
    return found


def gateway(*, port: int, tls_port: int | None = None, host: str = "127.0.0.1", workers: int = 1) -> Service:
    """The data exchange's gateway. Nobody's first page waits for it, so it starts when the others serve."""
    command = [
        sys.executable,
        "-m",
        "tinhso.config.gateway",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        *(["--tls-port", str(tls_port)] if tls_port else []),
    ]
    return Service("gateway", command, ready_url=f"http://127.0.0.1:{port}/healthz")


def once(name: str, arguments: Sequence[str]) -> Service:
    """Work of the `tinhso` command that runs beside the services, at the lowest priority, until it is done."""
    return Service(name, ["nice", "-n", "19", sys.executable, "-m", "tinhso.config.cli", *arguments], is_once=True)


class Supervisor:
    """Starts services, waits until they serve, keeps them up, stops them."""

    def __init__(
        self, wanted: Sequence[Service], *, log_folder: Path, tell: Callable[[str], None],
        look_after: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """`look_after` is called every moment the services run: for the database, which is no service of this kind."""
        self._services = list(wanted)
        self._look_after = look_after
        self._logs = log_folder
        self._tell = tell
        self._stopping = False
        self._left: dict[int, float] = {}  # groups whose first process has died, and until when the rest may finish

    def start(self) -> None:
        """Start every service that people wait for; does not wait itself."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        for service in self._services:
            if service.ready_url:
                self._launch(service)

    def add(self, service: Service) -> None:
        """Start one more service beside those that run."""
        self._services.append(service)
        self._launch(service)

    def wait_ready(self, *, patience_s: float = 60.0) -> None:
        """Wait until every service answers, then start the rest; a service that dies first is told with its log."""
        deadline = time.monotonic() + patience_s
        for service in self._services:
            while service.ready_url and not _answers(service.ready_url):
                if self._stopping:
                    return
                process = service.process
                if process is None or process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise SystemExit(f"Tiến trình {service.name} không khởi động được; xem {self._log_of(service)}.")
                time.sleep(0.05)
        for service in self._services:
            if not service.ready_url and not self._stopping:
                self._launch(service)

    def run(self) -> None:
        """Keep the services up until asked to stop."""
        while not self._stopping:
            for service in self._services:
                if service.process is not None and service.process.poll() is not None and not service.is_once:
                    if not service.stopped_at:
                        service.stopped_at = time.monotonic()
                        self._left[service.process.pid] = service.stopped_at + _STOP_PATIENCE_S
                        self._tell(
                            f"Tiến trình {service.name} dừng (mã {service.process.returncode}), đang khởi động lại."
                        )
                    elif time.monotonic() - service.stopped_at > _RESTART_DELAY_S:
                        self._launch(service)
            self._end_what_is_left()
            if self._look_after is not None:
                self._look_after()
            time.sleep(0.1)
        self.stop()

    def stop(self) -> None:
        """Ask every service to finish, and end those that do not within a while."""
        self._stopping = True
        running = [s.process for s in self._services if s.process is not None and s.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + _STOP_PATIENCE_S
        for process in running:
            try:
                process.wait(timeout=max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # its children too, or they would keep the port
                process.wait()
        self._left = dict.fromkeys(self._left, 0.0)
        self._end_what_is_left()

    def _end_what_is_left(self) -> None:
        """Kill what outlives its first process for too long; a group's number is free again when nobody is left in it."""
        at = time.monotonic()
        for group, until in list(self._left.items()):
            try:
                os.killpg(group, signal.SIGKILL if at > until else 0)
            except ProcessLookupError:
                del self._left[group]

    def _launch(self, service: Service) -> None:
        with self._log_of(service).open("ab") as log:
            service.process = subprocess.Popen(
                list(service.command), stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )  # fmt: skip
        service.stopped_at = 0.0

    def _log_of(self, service: Service) -> Path:
        return self._logs / f"{service.name}.log"

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._stopping = True


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def die_with_parent(parent: int) -> None:
    """For `preexec_fn`: the new process ends when the one that started it does, whatever ends that."""
    ctypes.CDLL("libc.so.6").prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)
