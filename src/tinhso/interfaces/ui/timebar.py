"""The time bar: how much of the legal time is used, and where the clock stood still (thanh thời hạn)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .formats import MINUTES_PER_DAY, time_left, working_time

MinutesBetween = Callable[[datetime, datetime], int]
"""Office minutes between two instants, e.g. `partial(working_minutes_between, calendar)`."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of the bar; `start` and `width` are percentages ready for the drawing."""

    kind: str  # ok | soon | late | stop
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class TimeBar:
    """What the component draws; `label` says the same in words, so nothing depends on colour."""

    segments: tuple[Segment, ...]
    tone: str
    label: str
    left_minutes: int | None = None
    stopped_minutes: int = 0


def _percent(part: float, whole: float) -> str:
    return f"{max(0.0, min(100.0, 100 * part / whole)):.2f}%"


def _tone(left: int, counted: int, *, finished: bool) -> str:
    """Amber in the last quarter of the time, and never earlier than two days before its end."""
    if left < 0:
        return "late"
    if finished:
        return "ok"
    return "soon" if left <= min(counted // 4, 2 * MINUTES_PER_DAY) else "ok"


def _label(left: int, stopped: int, *, paused: bool, finished: bool) -> str:
    if finished:
        if left == 0:
            return "Xong đúng hạn"
        return f"Xong {'trước hạn' if left > 0 else 'trễ hạn'} {working_time(left)} làm việc"
    if paused:
        return f"Đang dừng, đã {working_time(stopped)} · {time_left(left)}"
    words = time_left(left)
    if stopped:
        return f"Đã dừng {working_time(stopped)} · {words}"
    return words[0].upper() + words[1:]


def build_time_bar(
    *,
    start: datetime,
    now: datetime,
    minutes_between: MinutesBetween,
    due: datetime | None = None,
    limit_minutes: int | None = None,
    pauses: Sequence[tuple[datetime, datetime | None]] = (),
    finished_at: datetime | None = None,
) -> TimeBar:
    """The bar of one running or finished case (thanh thời hạn của một hồ sơ).

    The axis is office time from `start` to `due`, stopped stretches included. While a pause is open there is no `due`;
    then `limit_minutes` (office minutes of the whole limit) says what remains. All instants aware.

    Raises:
        ValueError: neither `due` nor `limit_minutes` is given.
    """
    until = finished_at or now
    here = minutes_between(start, max(start, until))
    stops = [
        (minutes_between(start, max(start, begin)), minutes_between(start, max(start, end or until)))
        for begin, end in pauses
        if begin < until
    ]
    stopped = sum(end - begin for begin, end in stops)
    paused = any(end is None for _, end in pauses) and finished_at is None
    if due is not None:
        axis = max(1, minutes_between(start, due))
        left = minutes_between(until, due) if until <= due else -minutes_between(due, until)
    elif limit_minutes is not None:
        left = limit_minutes - (here - stopped)
        axis = max(1, here + max(left, 0))
    else:
        raise ValueError("Cần hạn trả hoặc tổng thời hạn để vẽ thanh thời hạn")
    tone = _tone(left, axis - stopped, finished=finished_at is not None)
    segments = _segments(here=here, axis=axis, stops=stops, tone=tone)
    label = _label(left, stopped, paused=paused, finished=finished_at is not None)
    return TimeBar(segments=segments, tone=tone, label=label, left_minutes=left, stopped_minutes=stopped)


def _segments(*, here: int, axis: int, stops: list[tuple[int, int]], tone: str) -> tuple[Segment, ...]:
    """Used stretches in the tone's colour (what came before the first stop stays green), stopped ones hatched."""
    if tone == "late":
        return (Segment("late", "0.00%", "100.00%"),)
    segments, cursor = [], 0
    for begin, end in sorted(stops):
        if begin > cursor:
            segments.append(Segment("ok", _percent(cursor, axis), _percent(begin - cursor, axis)))
        if end > begin:
            segments.append(Segment("stop", _percent(begin, axis), _percent(end - begin, axis)))
        cursor = max(cursor, end)
    if here > cursor:
        segments.append(Segment(tone, _percent(cursor, axis), _percent(here - cursor, axis)))
    return tuple(segments)
