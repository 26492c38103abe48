"""Budgets of public questions that could be guessed at: by source and for everybody together.

Kept in the memory of each process: a public question must not cost a write, and a code of 100 bits is not found by guessing
anyway. With several processes the budget is as many times as large. Addresses of one network of IPv6 are one source.
"""

import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from tinhso.kernel.errors import TooMany
from tinhso.lib.addresses import network_of

_MOST_SOURCES = 20_000


@dataclass
class Budget:
    """At most `each` in `seconds` from one source and `all_together` from everybody."""

    each: int
    all_together: int
    seconds: int
    _by_source: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _everybody: deque[float] = field(default_factory=deque)
    _lock: Any = field(default_factory=Lock)

    def require(self, source: str, *, at: datetime) -> None:
        """Refuse where the budget is used up; asking costs nothing.

        Raises:
            TooMany: the same sentence whatever was asked and whoever used the budget up.
        """
        now = at.timestamp()
        with self._lock:
            used = self._by_source.get(network_of(source), deque())
            if self._left(used, now, self.each) <= 0 or self._left(self._everybody, now, self.all_together) <= 0:
                raise TooMany("Có quá nhiều lượt tra cứu, kiểm tra trong ít phút. Mời chờ mười phút rồi thử lại.")

    def spend(self, source: str, *, at: datetime) -> None:
        """Count one against the source and against everybody."""
        now, source = at.timestamp(), network_of(source)
        with self._lock:
            used = self._by_source.setdefault(source, deque(maxlen=self.each))
            used.append(now)
            self._by_source.move_to_end(source)
            self._everybody.append(now)
            while len(self._everybody) > self.all_together:
                self._everybody.popleft()
            while len(self._by_source) > _MOST_SOURCES:
                self._by_source.popitem(last=False)

    def forget(self) -> None:
        """Begin anew (tests)."""
        with self._lock:
            self._by_source.clear()
            self._everybody.clear()

    def _left(self, used: deque[float], now: float, most: int) -> int:
        return most - sum(1 for moment in used if now - moment < self.seconds)


@dataclass
class Pace:
    """At most `each` in a minute from one source, in bursts of as many; says how long to wait, and costs the same however
    large the budget is (a bucket that refills by itself, RFC 2697 in one colour)."""

    each: int
    _due: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _lock: Any = field(default_factory=Lock)

    def take(self, source: str) -> float:
        """Zero, and one is counted; else the seconds until the next is let through."""
        step, source = 60 / self.each, network_of(source)
        with self._lock:
            now = time.monotonic()
            due = max(self._due.get(source, now), now)
            if due - now > 60 - step:
                return due - now - (60 - step)
            self._due[source] = due + step
            self._due.move_to_end(source)
            while len(self._due) > _MOST_SOURCES:
                self._due.popitem(last=False)
        return 0.0

    def forget(self) -> None:
        """Begin anew (tests)."""
        with self._lock:
            self._due.clear()


WRONG_CODES = Budget(each=40, all_together=4_000, seconds=600)
# A bill is found by a code and one fact that others may know or guess: few wrong tries from one place, and for one code.
BILLS = Budget(each=10, all_together=2_000, seconds=600)
BILLS_OF_CODE = Budget(each=10, all_together=4_000, seconds=3_600)
FILES = Budget(each=60, all_together=1_200, seconds=600)
# Codes of cases follow each other, so every look-up counts, found or not: somebody who tries them in turn sees few. Behind
# one address of a mobile network there are many people.
FOLLOWED = Budget(each=150, all_together=30_000, seconds=600)
