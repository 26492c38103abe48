"""The time bar: how much of the legal time is used, and where the clock stood still (thanh thời hạn)."""

from collections.abc import Sequence
from typing import Protocol

from tinhso.lib.timebar import TimeBar, build_time_bar

__all__ = ["Drawn", "TimeBar", "build_time_bar", "stretches"]


class Drawn(Protocol):
    """What the component draws: state, words, and stretches (kind, per cent of the bar) one after the other.

    Kinds: `ok`, `soon`, `late`, and `stop` for time in which the clock stood still. The words say the same as the
    colours, so nothing depends on seeing them. The bars of lists come from the cases app in this very shape.
    """

    @property
    def state(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def segments(self) -> Sequence[tuple[str, float]]: ...


def stretches(bar: Drawn) -> list[tuple[str, str, str]]:
    """Kind, start and width of every stretch, as percentages ready for the drawing."""
    drawn, cursor = [], 0.0
    for kind, share in bar.segments:
        width = max(0.0, min(100.0 - cursor, float(share)))
        if width:
            drawn.append((kind, f"{cursor:.2f}%", f"{width:.2f}%"))
        cursor += width
    return drawn
