"""Budgets of public questions that could be guessed at: by source and for everybody together.

Kept in the memory of each process: a public question must not cost a write, and a code of 100 bits is not found by guessing
anyway. With several processes the budget is as many times as large.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from tinhso.kernel.errors import TooMany

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
            used = self._by_source.get(source, deque())
            if self._left(used, now, self.each) <= 0 or self._left(self._everybody, now, self.all_together) <= 0:
                raise TooMany("Có quá nhiều lượt kiểm tra trong ít phút. Mời chờ mười phút rồi thử lại.")

    def spend(self, source: str, *, at: datetime) -> None:
        """Count one against the source and against everybody."""
        now = at.timestamp()
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


WRONG_CODES = Budget(each=40, all_together=4_000, seconds=600)
FILES = Budget(each=60, all_together=1_200, seconds=600)
