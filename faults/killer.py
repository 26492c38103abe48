"""Kills: SIGKILL, at random, to one part or to the whole database, each time by number."""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from faults.oracle import Oracle
from faults.place import Member, Place

# How often what is killed. A worker is a child of the process that loaded the program; the master is that process.
WEIGHTS = {
    "web worker": 34, "job worker": 18, "gateway worker": 18, "backend": 10, "whole database": 6, "web master": 4,
    "job master": 3, "gateway master": 3, "simulators": 4,
}  # fmt: skip


class Killer:
    """Kills so many times within so many seconds, at moments nobody chose."""

    def __init__(
        self, place: Place, oracle: Oracle, *, kills: int, seconds: float, seed: int, weights: dict[str, int]
    ) -> None:
        self.place, self.oracle, self.kills, self.seconds = place, oracle, kills, seconds
        self.dice, self.weights = random.Random(seed), weights
        self.done: Counter[str] = Counter()
        self.back_s: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    @property
    def total(self) -> int:
        return sum(self.done.values())

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No more kills; waits for the one under way."""
        self._stop.set()
        self._thread.join()

    def _live(self) -> None:
        started, pace = time.monotonic(), self.seconds / max(self.kills, 1)
        due = started
        while self.total < self.kills and not self._stop.is_set():
            due += pace * self.dice.uniform(0.3, 1.7)
            self._stop.wait(max(due - time.monotonic(), 0.05))
            if not self._stop.is_set():
                self._kill_one()

    def _kill_one(self) -> None:
        name = self.dice.choices(list(self.weights), list(self.weights.values()))[0]
        victims = self._victims(name, self.place.family())
        if not victims:
            return
        if name != "whole database":
            victims = [self.dice.choice(victims)]
        self.oracle.note("kill", {"what": name, "count": len(victims)})
        for victim in victims:
            _kill(victim)
        self.done[name] += 1

    def _victims(self, name: str, family: list[Member]) -> list[Member]:
        part = {
            "web worker": "web", "web master": "web", "job worker": "worker", "job master": "worker",
            "gateway worker": "gateway", "gateway master": "gateway", "simulators": "simulators", "backend": "backend",
        }  # fmt: skip
        if name == "whole database":
            return [one for one in family if one.part in {"postgres", "postgres helper", "backend"}]
        chosen = [one for one in family if one.part == part[name]]
        numbers = {one.pid for one in chosen}
        if name.endswith("master"):
            return [one for one in chosen if one.parent not in numbers]
        if name.endswith("worker"):
            return [one for one in chosen if one.parent in numbers]
        return chosen


def _kill(victim: Member) -> None:
    """By a handle on the process itself, so that a number given to somebody else meanwhile is never hit."""
    with suppress(OSError):
        handle = os.pidfd_open(victim.pid)
        try:
            stat = Path(f"/proc/{victim.pid}/stat").read_text(encoding="utf-8")
            if int(stat.rsplit(")", 1)[1].split()[1]) == victim.parent:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)
