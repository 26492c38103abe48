"""`python -m faults.upgrade`: a province at work is brought from an earlier version to this one, and nobody is turned away.

The earlier version is taken from the history, prepared with its own schema and content and put under load. Then, as an
operator does it: migrate while the old version serves (the schema of both), publish the content, start the new worker, the
new web and the new gateway beside the old, let callers in there, and end the old ones. Afterwards every acknowledged
operation is compared with what is stored, as after any other fault.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from faults.load import Load
from faults.oracle import Oracle
from faults.place import ROOT, Place, content_with_peer, die_with_parent, make
from faults.run import begin, end
from faults.verdict import drain, judge, latest_entry

_MIGRATIONS = "src/tinhso/apps/*/migrations/0*.py"
_DRAIN_S = 15.0


def earlier() -> str:
    """The last version before the newest migration: what a province has that has not been brought up to date."""
    newest = _git("log", "--diff-filter=A", "-1", "--format=%H", "--", _MIGRATIONS)
    return _git("rev-parse", f"{newest}^")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def checkout(version: str, folder: Path) -> Iterator[Path]:
    """The sources of a version, without a trace in the repository."""
    folder.mkdir()
    archive = subprocess.run(["git", "archive", version], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "xf", "-", "-C", str(folder)], input=archive, check=True)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    yield folder


class Door:
    """The front door: where callers come in, whichever version stands behind it. Who is inside is let finish."""

    def __init__(self, listen: int, target: int) -> None:
        self.listen, self.target = listen, target
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", listen, backlog=512), self._loop
        ).result()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pour(reader, onward[1]), _pour(onward[0], writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    with suppress(OSError):
        writer.close()


class Version:
    """The processes of one version, each started by itself, on ports of its own, over one database."""

    def __init__(self, place: Place, sources: Path, *, port: int) -> None:
        self.place, self.sources, self.port = place, sources, port
        self.environment = {**place.environment, "PYTHONPATH": str(sources / "src")}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def tinhso(self, *arguments: str) -> float:
        """Run a command of this version; seconds it took."""
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "tinhso.config.cli", *arguments], env=self.environment, cwd=self.sources,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"tinhso {' '.join(arguments)}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        return time.monotonic() - started

    def start(self, part: str, *arguments: str) -> None:
        """Start one part and wait until it serves, where it serves."""
        with self.place.log.open("ab") as log:
            self.running[part] = subprocess.Popen(
                [sys.executable, "-m", *arguments], env=self.environment, cwd=self.sources, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=partial(die_with_parent, os.getpid()),
            )  # fmt: skip

    def serve(self) -> None:
        """Worker, web and gateway, in the order in which each finds what it needs."""
        self.start("worker", "tinhso.config.worker")
        self.start("web", "tinhso.config.web", "--port", str(self.port))
        self.start("gateway", "tinhso.config.gateway", "--port", str(self.port + 1))
        for port in (self.port, self.port + 1):
            replace(self.place, process=None).wait_for(port)

    def end(self, part: str) -> None:
        """Ask it to finish what it has begun; it may take its time."""
        process = self.running.pop(part, None)
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_DRAIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def database_of(place: Place) -> Iterator[None]:
    """The installation's database by itself, so that it outlives the versions that use it."""
    postgres = next(one for one in place.family() if one.part == "postgres")
    command = Path(f"/proc/{postgres.pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
    data = place.folder / "postgres" / "data"
    account: dict[str, Any] = {"user": data.stat().st_uid, "group": data.stat().st_gid, "extra_groups": []}
    place.stop()
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd="/", start_new_session=True, **(account if os.geteuid() == 0 else {})
        )
    for _ in range(300):
        with suppress(Exception), place.database():
            break
        time.sleep(0.1)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def upgrade(place: Place, old_sources: Path, *, seconds: float, seed: int) -> dict[str, Any]:
    """The whole of it; times in seconds."""
    folder = place.folder.parent
    oracle, peer_log = Oracle(folder / "oracle.log"), folder / "peer.log"
    old = Version(place, old_sources, port=place.port + 10)
    new = Version(place, ROOT, port=place.port + 12)
    new.environment["TINHSO_CONTENT_DIR"] = str(
        content_with_peer(ROOT, folder / "new-content", peer_port=place.peer_port)
    )
    found: dict[str, Any] = {"seed": seed}
    with ExitStack() as stack:
        stack.enter_context(database_of(place))
        stack.callback(lambda: [one.end(part) for one in (old, new) for part in list(one.running)])
        peer = begin(["faults.peer", str(place.peer_port), str(peer_log)])
        stack.callback(end, peer)
        old.serve()
        granian = ("--port", str(place.port + 1), "--interface", "asgi", "tinhso.simulators.app:application")
        old.start("simulators", "granian", *granian)
        replace(place, process=None).wait_for(place.port + 1)
        web, gateway = Door(place.port, old.port), Door(place.gateway_port, old.port + 1)
        load = Load(place, oracle, web_port=place.port, gateway_port=place.gateway_port, seed=seed)
        load.sign_in(machines=4, exchangers=2, officers=1, citizens=2)
        load.one_call_a_connection()
        after = latest_entry(place)
        load.start()
        time.sleep(seconds / 3)
        found["before"] = load.tally.total
        began = time.monotonic()
        found["migrate_s"] = round(new.tinhso("migrate", "--verbosity", "0"), 1)
        found["publish_s"] = round(new.tinhso("static") + new.tinhso("content", "publish", "--all"), 1)
        time.sleep(seconds / 3)
        found["old_on_new_schema"] = load.tally.total - found["before"]
        new.serve()
        web.target, gateway.target = new.port, new.port + 1
        for part in ("web", "gateway", "worker"):
            old.end(part)
        found["swapped_s"] = round(time.monotonic() - began, 1)
        at_swap = load.tally.total
        time.sleep(seconds / 3)
        found["new"] = load.tally.total - at_swap
        found["stuck"] = load.finish(patience_s=60)
        found["drained_s"], found["left_in_queue"] = drain(place)
        verdict = judge(place, oracle.path, peer_log, after=after)
        found |= {
            "acknowledged": load.tally.total, "broken_tries": load.tally.retries,
            "broken": dict(load.tally.broken.most_common(5)), "wrong": load.tally.wrong,
            "answered_differently": load.tally.different,
            "p99_ms": round(sorted(load.tally.times)[int(len(load.tally.times) * 0.99)] * 1000),
            "longest_s": round(max(load.tally.times), 2), "lost": len(verdict.lost), "dup": len(verdict.dup),
            "orphan": len(verdict.orphan), "findings": verdict.sentences(),
        }  # fmt: skip
    oracle.close()
    return found


def main() -> None:
    """Prepare the earlier version, upgrade it under load, compare; ends with 1 when anything was lost or refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="version", default="", help="a commit; the one before the newest migration")
    parser.add_argument("--seconds", type=float, default=45.0, help="of load before, on the new schema, and after")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("stopped"))
    version = options.version or earlier()
    home = Path("/var/lib/tinhso") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="upgrade-", dir=home))
    folder.chmod(0o755)
    place = make(folder, seed=options.seed)
    place.peer_port = place.port + 9  # its content is its own, so it need not be the one of all other runs
    try:
        with checkout(version, folder / "old") as sources:
            place.environment["PYTHONPATH"] = str(sources / "src")
            place.environment["TINHSO_CONTENT_DIR"] = str(
                content_with_peer(sources, folder / "old-content", peer_port=place.peer_port)
            )
            place.sources = sources
            place.start()
            found = upgrade(place, sources, seconds=options.seconds, seed=options.seed)
    finally:
        place.stop()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"from": version, **found}, ensure_ascii=False, indent=1))
    bad = ("lost", "dup", "orphan", "wrong", "answered_differently", "stuck", "left_in_queue")
    if any(found[name] for name in bad):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
