"""Durations counted in boxes: sums of many hours cost nothing, and a percentile is right to the width of a box."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

# Upper bounds in microseconds; about four boxes to a factor of three, as fine as a drawing needs. The last box is open.
BOUNDS_US = tuple(
    milliseconds * 1_000
    for milliseconds in (
        1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 7_000,
        10_000, 15_000, 20_000, 30_000, 60_000,
    )
)  # fmt: skip
BOXES = len(BOUNDS_US) + 1


def empty() -> list[int]:
    """A histogram of nothing."""
    return [0] * BOXES


def box_of(duration_us: int) -> int:
    """The box of one duration; a bound belongs to the box above it, as PostgreSQL's `width_bucket` has it."""
    return bisect_right(BOUNDS_US, duration_us)


def added(*histograms: Sequence[int]) -> list[int]:
    """The sum, box by box."""
    return [sum(counts) for counts in zip(empty(), *histograms, strict=True)]


def counted(durations_us: Iterable[int]) -> list[int]:
    """The histogram of durations."""
    found = empty()
    for duration in durations_us:
        found[box_of(duration)] += 1
    return found


def percentile_ms(histogram: Sequence[int], share: float) -> float | None:
    """The duration in milliseconds that this share of calls (0 to 1) did not exceed; None without calls.

    Within a box the calls are taken to lie evenly; of the open last box its lower bound is told.
    """
    total = sum(histogram)
    if total == 0:
        return None
    wanted, before = share * total, 0
    for box, count in enumerate(histogram):
        if count and before + count >= wanted:
            low = BOUNDS_US[box - 1] if box else 0
            high = BOUNDS_US[box] if box < len(BOUNDS_US) else low
            return (low + (high - low) * max(0.0, wanted - before) / count) / 1_000
        before += count
    return BOUNDS_US[-1] / 1_000
