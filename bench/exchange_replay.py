"""Months of messages through the gateway: `python -m bench.exchange_replay --messages 220050 [--kill]`.

An outside counter remembers which calls were answered; at the end each must be in the log, once, every seal whole. With
`--folder` the database and the counter's book stay there: what `--minutes`, Ctrl-C or a kill leaves undone is taken up by the
next run with the same folder, and everything is checked when all is answered. With
`--kill` the database is killed (SIGKILL, all its processes) at a third of the way and the gateway at two thirds, and both
are started again.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

from bench.exchange import CLIENT, GATEWAY, PROVIDER, SERVICE, _processor_s, installation, running

_CHANCES = 200  # a caller gives up after so many failures in a row
_SIZE = 1_000


class Run:
    """What has been asked, and what was answered. `book`: where answered calls are written down for the next run."""

    def __init__(self, messages: int, book: Path | None = None) -> None:
        self.messages, self.until, self.spent_before = messages, float("inf"), 0.0
        self.answered: list[str] = book.read_text().split() if book is not None and book.exists() else []
        self.before = len(self.answered)
        # A call that was under way when a run was killed may be in the log: the next run asks under another name.
        self.turn = max((int(name.split("-")[1]) for name in self.answered), default=0) + 1
        done = {int(name.split("-")[2]) for name in self.answered}
        self.numbers = iter([number for number in range(messages) if number not in done])
        self._book = book.open("a", buffering=1) if book is not None else None
        self.refused = self.broken = 0

    def heard(self, name: str) -> None:
        """An answer has come."""
        self.answered.append(name)
        if self._book is not None:
            self._book.write(f"{name}\n")

    async def caller(self) -> None:
        """Ask until all numbers are used up, on one connection at a time."""
        failures, streams = 0, None
        for number in self.numbers:
            if time.perf_counter() > self.until:
                return
            name = f"replay-{self.turn}-{number}"
            try:
                if streams is None:
                    streams = await asyncio.open_connection("127.0.0.1", GATEWAY)
                status = await asyncio.wait_for(_ask(*streams, name), 60)
            except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError):
                self.broken += 1
                streams, failures = None, failures + 1
                if failures > _CHANCES:
                    raise SystemExit("the gateway did not come back") from None
                await asyncio.sleep(0.1)
                continue
            failures = 0
            if status == 200:
                self.heard(name)
            else:
                self.refused += 1

    async def go(self, connections: int) -> float:
        """All of it; seconds it took."""
        started = time.perf_counter()
        telling = asyncio.create_task(self._tell(started))
        await asyncio.gather(*[self.caller() for _ in range(connections)])
        telling.cancel()
        return time.perf_counter() - started

    async def _tell(self, started: float) -> None:
        while True:
            await asyncio.sleep(5)
            rate = (len(self.answered) - self.before) / (time.perf_counter() - started)
            print(f"{len(self.answered):>8,} of {self.messages:,}, {rate:,.0f}/s", flush=True)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> int:
    head = (
        f"POST /r1/{SERVICE}/echo HTTP/1.1\r\nHost: x\r\nX-Road-Client: {CLIENT}\r\nX-Road-Id: {name}\r\n"
        f"X-Road-UserId: VN051090000001\r\nX-Road-Issue: H48.12-261001-0007\r\nContent-Length: {_SIZE}\r\n\r\n"
    )
    writer.write(head.encode() + b"x" * _SIZE)
    told = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(told.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    return int(told[9:12])


def _gateway() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tinhso.config.gateway", "--port", str(GATEWAY)], start_new_session=True
    )


async def _disturb(run: Run, gateways: "list[subprocess.Popen[bytes]]") -> None:
    from tinhso.config import embedded, paths

    while len(run.answered) < run.messages / 3:
        await asyncio.sleep(0.05)
    cluster = embedded.Cluster(paths.data_dir() / "postgres")
    pid = int((cluster.data / "postmaster.pid").read_text().split("\n")[0])
    for child in _children(pid):
        os.kill(child, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)  # a child of ours: until it is waited for, its lock file is believed
    print("database killed", flush=True)
    await asyncio.sleep(1)
    embedded.start(cluster)  # it lives as long as the thread that started it, so not in one of a pool
    print("database started again", flush=True)
    while len(run.answered) < run.messages * 2 / 3:
        await asyncio.sleep(0.05)
    os.killpg(gateways[0].pid, signal.SIGKILL)
    print("gateway killed", flush=True)
    gateways.append(_gateway())


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _checked(run: Run) -> dict[str, Any]:
    from django.db import connection

    from tinhso.apps.exchange import actions, queries
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id, count(*) FROM exchange_message WHERE kind = 'response' AND error = '' GROUP BY 1"
        )
        logged = dict(cursor.fetchall())
    while actions.seal_messages(actor=SYSTEM, at=now()):
        pass
    report = queries.verify_messages()
    return {
        "answered": len(run.answered), "refused": run.refused, "broken": run.broken,
        "answered but not in the log once": sum(logged.get(name, 0) != 1 for name in run.answered),
        "in the log, answer not heard": len(logged.keys() - set(run.answered)),
        "lines": report.messages, "seals": report.seals, "breaches": len(report.problems),
    }  # fmt: skip


def main() -> None:
    """Replay, count, check."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--messages", type=int, default=220_050)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--folder", type=Path, help="keep the database and the counter's book here; go on from there")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long; --folder goes on")
    options = parser.parse_args()
    provider = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "error", "--port"]
    kept: Path | None = options.folder
    with installation(kept), running([*provider, str(PROVIDER), "bench.exchange:provider"], port=PROVIDER):
        run, gateways = Run(options.messages, kept and kept / "answered.txt"), [_gateway()]
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                took = runner.run(_go(run, gateways, options))
            spent = _processor_s(gateways[-1].pid) - (run.spent_before if len(gateways) == 1 else 0)
        finally:
            os.killpg(gateways[-1].pid, signal.SIGTERM)
            gateways[-1].wait()
        now_answered = len(run.answered) - run.before
        print(
            f"{took:.0f} s, {now_answered / took:,.0f} exchanges/s, {spent * 1000 / max(now_answered, 1):.2f} ms of the "
            f"gateway's processor time each; {len(run.answered):,} of {options.messages:,} in all"
        )
        if kept is not None and len(run.answered) + run.refused < options.messages:
            print(f"not all yet: run again with --folder {kept}")
            return
        found = _checked(run)
        print("\n".join(f"{name}: {value:,}" for name, value in found.items()))
        if found["answered but not in the log once"] or found["breaches"]:
            sys.exit(1)


async def _go(run: Run, gateways: "list[subprocess.Popen[bytes]]", options: argparse.Namespace) -> float:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", GATEWAY)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            break
    run.until = time.perf_counter() + options.minutes * 60  # from when it serves
    run.spent_before = _processor_s(gateways[-1].pid)
    disturbing = [asyncio.create_task(_disturb(run, gateways))] if options.kill else []
    took = await run.go(options.connections)
    for task in disturbing:
        task.cancel()
    return took


if __name__ == "__main__":
    main()
