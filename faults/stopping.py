"""Processes that stop and do not die (SIGSTOP, as a debugger, a swapping machine or a frozen container does it).

Whoever waits for them must not wait for ever: the database ends a session that stands idle in a transaction, other
workers take the callers, and what wakes up late finds that it has no say any more.
"""

import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from faults.killer import members, send
from faults.oracle import Oracle
from faults.place import Member, Place

_STOPPED = ("web worker", "job worker", "gateway worker")
# Longer than the product bears a process that is silent (20 s, kernel and database alike); most stops are short.
LONG_S = 26.0
_SECONDS = (2.0, 5.0, LONG_S)


@dataclass
class Stopped:
    """One stop: what, for how long, and how many operations were acknowledged meanwhile."""

    what: str
    seconds: float
    acknowledged: int


class Stopper:
    """Stops one process for a while, in a thread of its own, and lets it go on."""

    def __init__(self, place: Place, oracle: Oracle, acknowledged: Callable[[], int], *, seed: int) -> None:
        self.place, self.oracle, self._acknowledged = place, oracle, acknowledged
        self.dice, self.done = random.Random(seed), list[Stopped]()
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    def stop_one(self) -> None:
        """Choose one and stop it; comes back at once. Never two of a kind at the same time."""
        turn = len(self._threads)
        what, seconds = _STOPPED[turn % len(_STOPPED)], _SECONDS[(turn + turn // len(_SECONDS)) % len(_SECONDS)]
        found = members(what, self.place.family())
        if not found:
            return
        thread = threading.Thread(target=self._hold, args=(what, self.dice.choice(found), seconds), daemon=True)
        self._threads.append(thread)
        thread.start()

    def finish(self) -> None:
        """Everybody goes on."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _hold(self, what: str, victim: Member, seconds: float) -> None:
        self.oracle.note("stop", {"what": what, "seconds": seconds})
        before, began = self._acknowledged(), time.monotonic()
        send(victim, signal.SIGSTOP)
        self._end.wait(seconds)
        self.done.append(Stopped(what, round(time.monotonic() - began, 1), self._acknowledged() - before))
        send(victim, signal.SIGCONT)
        self.oracle.note("goes on", {"what": what})
