"""What came of the load, over all clients; and what was asked while a fault lasted."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """One fault of the machine: for how long, and how much was asked and acknowledged meanwhile."""

    what: str
    seconds: float
    asked: int
    acknowledged: int


@dataclass
class Tally:
    """What was acknowledged, asked again, broken or wrong."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    acknowledged: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    retries: int = 0
    again: int = 0
    different: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    longest: tuple[float, str, int] = (0.0, "", 0)  # seconds, kind, and in how many tries
    longest_try: tuple[float, str] = (0.0, "")  # answered or given up; beyond it lies the client's own asking again
    broken: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.acknowledged.values())

    def begin(self, what: str) -> Event:
        """A fault that begins now."""
        return Event(what, time.monotonic(), self.asked, self.total)

    def end(self, begun: Event) -> Event:
        """The same until now: what it has lasted and met."""
        lasted = round(time.monotonic() - begun.seconds, 1)
        return Event(begun.what, lasted, self.asked - begun.asked, self.total - begun.acknowledged)
