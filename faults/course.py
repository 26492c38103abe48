"""How much a run is: how often each fault comes, how much of each kind of work is done, and when that is reached."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from faults.killer import WEIGHTS

# What people and machines ask for, as shares of all that is acknowledged. Exchanges are cheap and would be nearly all of it.
SHARES = {
    "exchange": 0.65, "bank": 0.1, "draft": 0.06, "message": 0.052, "submit": 0.05, "upload": 0.03, "move": 0.029,
    "payment": 0.029,
}  # fmt: skip
# A run in which a kind has less than so much of its share has not tried that kind.
_LEAST_OF_SHARE = 0.9
# By how many a kind may be ahead of its share before its clients slow down.
_AHEAD = 20
FAULTS = ("full disk", "moved clock", "stopped process")
LINE_FAULTS = ("cut before", "cut after", "cut within", "slow")
# Of the turns of the weather, so many must have met somebody who asked; of the faults of lines, so many of each kind.
_LEAST_OF_TURNS = 0.75
# Who is so much slower than a quiet machine, or does nothing for so long, is not slow but broken.
_SLOWEST = 10
_STANDS_STILL_S = 90.0


@dataclass(frozen=True)
class Profile:
    """How much: kills, acknowledged operations, and the share of pieces that meet a broken line.

    The run ends when all of it is reached. `seconds` is what that takes at most on a quiet machine of two processors;
    a slower or busier one is given the time it needs, as long as it gets on. Without a number of operations it is the time
    that counts (the negative controls, the drill). `turns` is how often each fault of the machine comes (`FAULTS`).
    """

    kills: int
    operations: int | None
    seconds: float
    broken: float = 0.002
    turns: int = 0
    each_line_fault: int = 0
    without: tuple[str, ...] = ()
    sabotage: str = ""
    weights: dict[str, int] = field(default_factory=lambda: WEIGHTS)
    machines: int = 8
    exchangers: int = 4
    officers: int = 2
    citizens: int = 2

    @property
    def floors(self) -> dict[str, int]:
        """How many of each kind must have been acknowledged; none where the time counts."""
        return {kind: int(share * _LEAST_OF_SHARE * (self.operations or 0)) for kind, share in SHARES.items()}

    @property
    def least(self) -> dict[str, int]:
        """How often each fault must have met somebody who asked; those left out by choice need not."""
        turns = -(-self.turns * _LEAST_OF_TURNS // 1)
        wanted = {**dict.fromkeys(FAULTS, int(turns)), **dict.fromkeys(LINE_FAULTS, self.each_line_fault)}
        return {what: number for what, number in wanted.items() if number and what not in self.without}


PROFILES = {
    "small": Profile(kills=12, operations=600, seconds=40),
    "ci": Profile(kills=200, operations=20_000, seconds=360, turns=8, each_line_fault=3),
    "long": Profile(kills=5_000, operations=1_000_000, seconds=6 * 3600, turns=200, each_line_fault=100),
}


class Counted(Protocol):
    """What a course reads of the tally."""

    acknowledged: Counter[str]

    @property
    def total(self) -> int:
        """All that was acknowledged."""
        ...


class Course:
    """How far a run is, whether it goes on, and which kinds of work are ahead of the others."""

    def __init__(self, profile: Profile, tally: Counted) -> None:
        self._profile, self._tally = profile, tally
        self._began = self._moved = time.monotonic()
        self._last = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def progress(self) -> float:
        """0 to 1: by what is acknowledged where that is counted, otherwise by the time.

        What is done of a kind beyond its floor counts towards the whole and not towards the other kinds.
        """
        if self._profile.operations is None:
            return self.seconds / self._profile.seconds / 0.9
        wanted = self._profile.operations + sum(self._profile.floors.values())
        return self._done() / wanted

    def lead(self, kind: str) -> float:
        """How far this kind is beside its share: beyond 1 its clients had better leave the machine to the others."""
        if self._profile.operations is None:
            return 0.0
        return self._tally.acknowledged[kind] / (SHARES[kind] * self._tally.total + _AHEAD)

    def short(self) -> dict[str, list[int]]:
        """The kinds of which too little was acknowledged: how many, and how many there must be."""
        done = self._tally.acknowledged
        return {kind: [done[kind], least] for kind, least in self._profile.floors.items() if done[kind] < least}

    def is_reached(self, kills: int) -> bool:
        """Whether it has killed as often, and been answered as often, in every kind, as it was to."""
        enough = self._tally.total >= (self._profile.operations or 0) and not self.short()
        return kills >= self._profile.kills and enough

    def goes_on(self, kills: int, *, is_fair: bool = True) -> bool:
        """Until all is reached and the weather over (`is_fair`), the time is up where it counts, or nothing moves any more."""
        now = time.monotonic()
        if (done := self._done() + kills) > self._last:
            self._last, self._moved = done, now
        if self._profile.operations is None:
            return self.seconds < self._profile.seconds
        slowest = self._profile.seconds * _SLOWEST
        is_over = self.is_reached(kills) and is_fair
        return not is_over and self.seconds < slowest and now - self._moved < _STANDS_STILL_S

    def _done(self) -> int:
        """What was acknowledged of what is still wanted."""
        done = self._tally.acknowledged
        of_floors = sum(min(done[kind], least) for kind, least in self._profile.floors.items())
        return min(self._tally.total, self._profile.operations or 0) + of_floors
