"""The time bar: how much of the legal time is used, and where the clock stood still (thanh thời hạn).

Values in, shares and words out; what draws it and what reads the case stand elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

MINUTES_PER_DAY = 480
"""Office minutes of the usual working day; only the words use it, never a deadline."""

MinutesBetween = Callable[[datetime, datetime], int]
"""Office minutes between two instants, e.g. `partial(working_minutes_between, calendar)`."""


@dataclass(frozen=True, slots=True)
class TimeBar:
    """The full bar of one case, every stop in its place."""

    state: str  # ok | soon | late | paused | done
    text: str
    segments: tuple[tuple[str, float], ...]
    left_minutes: int | None = None
    stopped_minutes: int = 0


def working_time(minutes: int, *, per_day: int = MINUTES_PER_DAY) -> str:
    """Office minutes in words: `45 phút`, `5 giờ`, `1 ngày 3 giờ`, `6 ngày`.

    Rounded down to what a person plans with: hours are dropped from the third day on, minutes after the first hour.
    """
    minutes = abs(int(minutes))
    if minutes < 60:
        return f"{minutes} phút"
    days, rest = divmod(minutes, per_day)
    hours = rest // 60
    if not days:
        return f"{hours} giờ"
    if hours and days < 3:
        return f"{days} ngày {hours} giờ"
    return f"{days} ngày"


def time_left(minutes: int, *, per_day: int = MINUTES_PER_DAY) -> str:
    """`còn 5 giờ làm việc`, or `quá hạn 4 giờ làm việc` when negative, `đến hạn` at zero."""
    if minutes == 0:
        return "đến hạn ngay bây giờ"
    words = working_time(minutes, per_day=per_day)
    return f"{'còn' if minutes > 0 else 'quá hạn'} {words} làm việc"


def _tone(left: int, counted: int, *, finished: bool, late: bool) -> str:
    """Amber in the last quarter of the time, and never earlier than two days before its end."""
    if late:
        return "late"
    if finished:
        return "ok"
    return "soon" if left <= min(counted // 4, 2 * MINUTES_PER_DAY) else "ok"


def _label(left: int, stopped: int, *, paused: bool, finished: bool, late: bool) -> str:
    if late and left == 0:  # the due minute has passed, and no office minute since
        return "Xong trễ hạn, ngoài giờ làm việc" if finished else "Vừa quá hạn"
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
    late = left < 0 or (due is not None and until.replace(second=0, microsecond=0) > due)
    tone = _tone(left, axis - stopped, finished=finished_at is not None, late=late)
    state = "paused" if paused and tone != "late" else "done" if finished_at and tone != "late" else tone
    text = _label(left, stopped, paused=paused, finished=finished_at is not None, late=late)
    segments = _segments(here=here, axis=axis, stops=stops, tone=tone)
    return TimeBar(state=state, text=text, segments=segments, left_minutes=left, stopped_minutes=stopped)


def _segments(*, here: int, axis: int, stops: list[tuple[int, int]], tone: str) -> tuple[tuple[str, float], ...]:
    """Used stretches in the tone's colour (what came before the latest stop stays green), stopped ones as `stop`."""
    if tone == "late":
        return (("late", 100.0),)
    segments, cursor = [], 0
    for begin, end in sorted(stops):
        segments.append(("ok", 100 * (begin - cursor) / axis))
        segments.append(("stop", 100 * (end - begin) / axis))
        cursor = max(cursor, end)
    segments.append((tone, 100 * (here - cursor) / axis))
    return tuple((kind, share) for kind, share in segments if share > 0)
