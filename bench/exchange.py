"""The exchange beside the direct call and a plain reverse proxy: `python -m bench.exchange`.

One run, one machine: a provider that echoes, nginx in front of it (where installed), our gateway in front of it with
signatures and the durable log on. The load comes from a process of its own over connections that stay open.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.province import free_port

Figures = dict[str, dict[str, dict[str, float]]]
PROVIDER = free_port(28_101, together=3)  # another measurement may be under way
NGINX, GATEWAY = PROVIDER + 1, PROVIDER + 2
SIZES = {"1 kB": 1_000, "10 kB": 10_000, "1 MB": 1_000_000}
SERVICE = "BENCH/GOV/P/data/echo"
CLIENT = "BENCH/GOV/C/ask"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


async def provider(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers with what it was sent."""
    if scope["type"] != "http":
        return
    body, more = [], True
    while more:
        message = await receive()
        body.append(message.get("body", b""))
        more = message.get("more_body", False)
    content = b"".join(body)
    headers = [(b"content-type", b"application/octet-stream"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


class Caller(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, request: bytes, until: float, times: list[float], done: "asyncio.Future[None]") -> None:
        self.request, self.until, self.times, self.done = request, until, times, done
        self.need, self.got, self.head, self.bad = -1, 0, b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self.need, self.got, self.head, self.sent = -1, 0, b"", time.perf_counter()
        self.transport.write(self.request)  # type: ignore[attr-defined]  # a stream connection

    def data_received(self, data: bytes) -> None:
        self.got += len(data)
        if self.need < 0:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            found = _LENGTH.search(self.head[:end])
            self.need = end + 4 + int(found[1] if found else 0)
            self.bad += not self.head.startswith(b"HTTP/1.1 200")
        if self.got >= self.need:
            now = time.perf_counter()
            self.times.append(now - self.sent)
            if now < self.until:
                self._ask()
            else:
                self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, path: str, size: int, *, connections: int, seconds: float) -> dict[str, float]:
    """Requests per second and milliseconds at p50 and p99."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Road-Client: {CLIENT}\r\nX-Road-UserId: VN051090000001\r\n"
        f"X-Road-Issue: H48.12-261001-0007\r\nContent-Type: application/octet-stream\r\nContent-Length: {size}\r\n\r\n"
    )
    request, loop, times = head.encode() + b"x" * size, asyncio.get_running_loop(), [0.0]
    times.clear()
    started = time.perf_counter()
    callers = []
    for _ in range(connections):
        done = loop.create_future()
        made = Caller(request, started + seconds, times, done)
        await loop.create_connection(lambda made=made: made, "127.0.0.1", port)  # type: ignore[misc]  # bound early
        callers.append((made, done))
    await asyncio.gather(*[done for _, done in callers])
    took = time.perf_counter() - started
    times.sort()
    bad = sum(made.bad for made, _ in callers)
    if bad or not times:
        raise SystemExit(f"{bad} bad answers on port {port}")
    return {
        "calls": len(times), "rps": round(len(times) / took, 1), "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p99_ms": round(times[min(int(len(times) * 0.99), len(times) - 1)] * 1000, 2),
    }  # fmt: skip


@contextmanager
def running(command: list[str], *, port: int, **environ: str) -> Iterator[int]:
    """A server, until it answers and until the block ends; its process number."""
    import socket

    process = subprocess.Popen(command, env={**os.environ, **environ}, start_new_session=True)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise SystemExit(f"{command} ended")
            time.sleep(0.05)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _registry() -> dict[str, Any]:
    service = {
        "code": "echo", "name": "echo", "kind": "REST", "address": f"http://127.0.0.1:{PROVIDER}", "timeout_s": 60,
        "at_once": 512, "endpoints": [{"method": "*", "path": "/**"}],
    }  # fmt: skip

    def member(code: str, subsystem: dict[str, Any]) -> dict[str, Any]:
        return {"class": "GOV", "code": code, "name": code, "valid_from": "2025-01-01", "subsystems": [subsystem]}

    near = {"connection": "network", "networks": ["127.0.0.0/8"]}
    right = {
        "clients": [CLIENT], "service": SERVICE, "document": "bench", "purpose": "bench", "fields": [],
        "valid_from": "2025-01-01", "quota_per_day": 1_000_000_000,
    }  # fmt: skip
    members = [
        member("C", {"code": "ask", "name": "ask", **near}),
        member("P", {"code": "data", "name": "data", **near, "services": [service]}),
    ]
    return {"instance": "BENCH", "members": members, "rights": [right]}


def enrol() -> None:
    """Publish a registry of one asker and one answerer, with their keys, in the installation at hand."""
    from tinhso.apps.exchange import actions
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    actions.publish_registry(value=_registry(), actor=SYSTEM, at=now())
    actions.make_missing_keys(actor=SYSTEM, at=now())


@contextmanager
def installation(kept: Path | None = None) -> Iterator[None]:
    """A database on disk, migrated, with a registry and keys; `kept`: in this folder, which stays and is taken up again."""
    folder = kept or Path(tempfile.mkdtemp(prefix="tinhso-bench-", dir="/var/lib" if os.geteuid() == 0 else None))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    os.environ["TINHSO_DATA_DIR"] = str(folder)
    from tinhso.config import embedded

    cluster = embedded.Cluster(folder / "postgres")
    server = embedded.start(cluster)
    try:
        subprocess.run([sys.executable, "-m", "tinhso.config.cli", "migrate"], check=True, stdout=subprocess.DEVNULL)
        from tinhso.config.bootstrap import setup

        setup()
        enrol()
        yield
    finally:
        embedded.stop(cluster)
        if server is not None:  # None: it was running already
            server.wait()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _nginx(folder: Path) -> list[str] | None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return None
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    lines = [
        "user root;" if os.geteuid() == 0 else "",
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;",
        "events { worker_connections 1024; }",
        f"http {{ access_log off; client_max_body_size 0; {temporary}",
        f"upstream it {{ server 127.0.0.1:{PROVIDER}; keepalive 64; keepalive_requests 1000000000; }}",
        f"server {{ listen 127.0.0.1:{NGINX}; keepalive_requests 1000000000;",
        "location / { proxy_pass http://it; proxy_http_version 1.1;",
        'proxy_set_header Connection ""; } } }',
    ]
    (folder / "nginx.conf").write_text("\n".join(lines))
    return [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def main() -> None:
    """Measure, print a table, and write the figures as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    parser.add_argument(
        "--ways", nargs="+", choices=["direct", "nginx", "gateway"], default=["direct", "nginx", "gateway"]
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--load", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        port, path, size, connections, seconds = options.load
        found = asyncio.run(load(int(port), path, int(size), connections=int(connections), seconds=float(seconds)))
        print(json.dumps(found))
        return
    with installation():
        figures = compare(
            sizes=options.sizes, ways=options.ways, connections=(1, options.connections), seconds=options.seconds,
            workers=options.workers, tell=_print,
        )  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def compare(
    *, sizes: Sequence[str], ways: Sequence[str], connections: Sequence[int], seconds: float, workers: int = 1,
    tell: Callable[[Figures], None] = lambda _: None,
) -> Figures:  # fmt: skip
    """Every way asked for at every size, with so many connections, so long; nginx is left out where it is not installed."""
    figures: Figures = {}
    granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning", "--port"]
    gateway = [sys.executable, "-m", "tinhso.config.gateway", "--port", str(GATEWAY), "--workers", str(workers)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(running([*granian, str(PROVIDER), "bench.exchange:provider"], port=PROVIDER))
        known = {"direct": (PROVIDER, "/echo")}
        nginx = _nginx(folder)
        if nginx is not None:
            stack.enter_context(running(nginx, port=NGINX))
            known["nginx"] = (NGINX, "/echo")
        gateway_pid = stack.enter_context(running(gateway, port=GATEWAY))
        known["gateway"] = (GATEWAY, f"/r1/{SERVICE}/echo")
        for name in sizes:
            for way, (port, path) in ((way, known[way]) for way in ways if way in known):
                for at_once in connections:
                    before = _processor_s(gateway_pid)
                    found = _load(port, path, SIZES[name], at_once, seconds)
                    if way == "gateway":  # tells the same on a busy machine and on an idle one
                        found["cpu_ms"] = round((_processor_s(gateway_pid) - before) * 1000 / found["calls"], 3)
                    figures.setdefault(name, {})[f"{way}, {at_once} at once"] = found
                    tell({name: {f"{way}, {at_once} at once": found}})
            figures[name]["gateway memory"] = {"MB": _memory(gateway_pid)}
            tell({name: {"gateway memory": figures[name]["gateway memory"]}})
    return figures


def _load(port: int, path: str, size: int, connections: int, seconds: float) -> dict[str, float]:
    given = [str(port), path, str(size), str(connections), str(seconds)]
    command = [sys.executable, "-m", "bench.exchange", "--load", *given]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _processor_s(pid: int) -> float:
    """Seconds of processor time of a process and those below."""
    return sum(int(stat[11]) + int(stat[12]) for stat in _stats(pid)) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Resident megabytes of the largest process below."""
    return round(max(int(stat[21]) * 4_096 / 1e6 for stat in _stats(pid)), 1)


def _stats(pid: int) -> Iterator[list[str]]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            stat = (process / "stat").read_text().rsplit(")", 1)[1].split()
            if int(stat[1]) == pid or int(process.name) == pid:
                yield stat
        except (OSError, IndexError):
            continue


def _print(figures: Figures) -> None:
    for size, ways in figures.items():
        for way, found in ways.items():
            print(
                f"{size:>6}  {way:<24}" + "  ".join(f"{name} {value:>10,}" for name, value in found.items()), flush=True
            )


if __name__ == "__main__":
    main()
