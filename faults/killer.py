"""Kills: SIGKILL, at random, to one part or to the whole database, each time by number."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from faults.oracle import Oracle
from faults.place import Member, Place, parent_and_birth

# How often what is killed. A worker is a child of the process that loaded the program; the master is that process.
WEIGHTS = {
    "web worker": 34, "job worker": 18, "gateway worker": 18, "backend": 10, "whole database": 6, "web master": 4,
    "job master": 3, "gateway master": 3, "simulators": 4,
}  # fmt: skip
# What was killed needs a moment to be there again, or the next kill hits nothing that works.
_LEAST_BETWEEN_S = 0.25


class Killer:
    """Kills so many times while the run goes from its beginning to its end, at moments nobody chose.

    What is killed is a shuffled deck in which each kind has its share: whether a kind comes at all is not left to chance.
    `progress` tells how far the run is, 0 to 1: on a slow machine the kills come more slowly, so that the work between two
    of them stays the same.
    """

    def __init__(
        self, place: Place, oracle: Oracle, *, kills: int, progress: Callable[[], float], seed: int,
        weights: dict[str, int],
    ) -> None:  # fmt: skip
        self.place, self.oracle, self.kills, self.progress = place, oracle, kills, progress
        self.dice = random.Random(seed)
        self._deck = deck(kills, weights, self.dice)
        self.done: Counter[str] = Counter()
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
        pace = 1 / (self.kills + 1)
        due = 0.0
        while self.total < self.kills and not self._stop.is_set():
            due += pace * self.dice.uniform(0.3, 1.7)
            self._stop.wait(_LEAST_BETWEEN_S)
            while self.progress() < min(due, 1.0) and not self._stop.is_set():
                self._stop.wait(0.02)
            while not self._stop.is_set() and not self._kill_one(self._deck[-1]):
                self._stop.wait(_LEAST_BETWEEN_S)  # it is dead or not up yet
            if not self._stop.is_set():
                self._deck.pop()

    def _kill_one(self, name: str) -> bool:
        victims = members(name, self.place.family())
        if not victims:
            return False
        if name != "whole database":
            victims = [self.dice.choice(victims)]
        self.oracle.note("kill", {"what": name, "count": len(victims)})
        for victim in victims:
            send(victim, signal.SIGKILL)
        self.done[name] += 1
        return True


def deck(kills: int, weights: dict[str, int], dice: random.Random) -> list[str]:
    """So many names, each as often as its weight says, in an order that nobody chose."""
    whole = sum(weights.values())
    names = [name for name, weight in weights.items() for _ in range(kills * weight // whole)]
    names += dice.choices(list(weights), list(weights.values()), k=kills - len(names))
    dice.shuffle(names)
    return names


def members(name: str, family: list[Member]) -> list[Member]:
    """Those of the product's processes that go by this name."""
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


def send(victim: Member, number: signal.Signals) -> None:
    """By a handle on the process itself, so that a number given to somebody else meanwhile is never hit.

    It is known by its birth: its parent is another one when the parent was killed, and who was stopped must go on then too.
    """
    with suppress(OSError):
        handle = os.pidfd_open(victim.pid)
        try:
            if parent_and_birth(victim.pid)[1] == victim.born:
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)
