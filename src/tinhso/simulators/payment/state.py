"""What the simulated platform and bank remember, and how they are to misbehave."""

import itertools
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The time in the province."""
    return datetime.fromtimestamp(time.time(), ZONE)


class Fault(StrEnum):
    """What a tester may ask of the platform and of the bank's messages."""

    NORMAL = ""
    EARLY = "early"  # told before the payer's own page answers, and again after
    LATE = "late"  # told only when the tester says so
    TWICE = "twice"
    NEVER = "never"
    WRONG_SUM = "wrong_sum"  # the message says another sum than was paid
    DOWN = "down"
    SLOW = "slow"


@dataclass
class Deal:
    """One INIT."""

    reference: str
    amount: int
    message: dict[str, Any]
    return_url: str
    number: str = ""
    state: str = "3"  # 1 paid, 3 pending, 4 failed
    paid_at: datetime | None = None


@dataclass
class Transfer:
    """Money that came to the account."""

    number: str
    account: str
    amount: int
    text: str
    payer: str
    at: datetime


@dataclass
class State:
    """Everything, in memory."""

    secret: str
    home: str
    fault: Fault = Fault.NORMAL
    deals: dict[str, Deal] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    told: list[tuple[str, int]] = field(default_factory=list)
    log: Path | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def note(self, kind: str, **facts: Any) -> None:
        """A line in the log of what really happened here, where one is kept; whoever judges a test reads it."""
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"kind": kind, **facts}, ensure_ascii=False) + "\n")

    def number(self, prefix: str) -> str:
        """The next number of a transaction."""
        return f"{prefix}{now():%y%m%d%H%M%S}{next(self._numbers):04d}"
