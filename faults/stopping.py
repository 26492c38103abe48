"""Processes that stop and do not die (SIGSTOP, as a debugger, a swapping machine or a frozen container does it).

Whoever waits for them must not wait for ever: the database ends a session that stands idle in a transaction, other
workers take the callers, and what wakes up late finds that it has no say any more.
"""

import random
import signal
import threading
from dataclasses import dataclass

from faults.killer import members, send
from faults.oracle import Oracle
from faults.place import Member, Place
from faults.tally import Event, Tally

_STOPPED = ("web worker", "job worker", "gateway worker")
# Longer than the product bears a process that is silent (20 s, kernel and database alike); most stops are short.
LONG_S = 26.0
_SECONDS = (2.0, 5.0, LONG_S)


@dataclass(frozen=True)
class Stopped(Event):
    """One stop, and of which process."""

    process: str


class Stopper:
    """Stops one process for a while, in a thread of its own, and lets it go on."""

    def __init__(self, place: Place, oracle: Oracle, tally: Tally, *, seed: int) -> None:
        self.place, self.oracle, self.tally = place, oracle, tally
        self.dice, self.done = random.Random(seed), list[Stopped]()
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    def stop_one(self) -> bool:
        """Choose one and stop it; comes back at once, False when none is there to be stopped."""
        turn = len(self._threads)
        what, seconds = _STOPPED[turn % len(_STOPPED)], _SECONDS[(turn + turn // len(_SECONDS)) % len(_SECONDS)]
        found = members(what, self.place.family())
        if not found:
            return False
        thread = threading.Thread(target=self._hold, args=(what, self.dice.choice(found), seconds), daemon=True)
        self._threads.append(thread)
        thread.start()
        return True

    def finish(self) -> None:
        """Everybody goes on."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _hold(self, what: str, victim: Member, seconds: float) -> None:
        self.oracle.note("stop", {"what": what, "seconds": seconds})
        met = self.tally.begin("stopped process")
        send(victim, signal.SIGSTOP)
        self._end.wait(seconds)
        self.done.append(Stopped(**vars(self.tally.end(met)), process=what))
        send(victim, signal.SIGCONT)
        self.oracle.note("goes on", {"what": what})
