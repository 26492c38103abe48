"""The bar of a case, in full and in lists, and office minutes in words."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from tinhso.apps.cases.data import TimeBar
from tinhso.lib import timebar
from tinhso.lib.worktime import Limit, WorkingCalendar, compute_deadline, working_minutes_between

Stop = tuple[datetime, datetime | None]
"""From when to when the clock stood still; None while it still does."""


def full_time_bar(
    *,
    received_at: datetime,
    due_at: datetime | None,
    ended_at: datetime | None,
    time_limit: str,
    stops: Sequence[Stop],
    now: datetime,
    calendar: WorkingCalendar,
) -> timebar.TimeBar:
    """The bar of a received case, every stop in its place, in office minutes.

    While the clock stands still there is no due date; the axis is then the limit as it runs without a stop.
    """
    minutes = partial(working_minutes_between, calendar)
    limit_minutes = None
    if due_at is None:
        plain = compute_deadline(received_at=received_at, limit=Limit.parse(time_limit), calendar=calendar)
        assert plain.due_at is not None  # noqa: S101 - nothing is open in it
        limit_minutes = minutes(received_at, plain.due_at)
    return timebar.build_time_bar(
        start=received_at, now=now, due=due_at, limit_minutes=limit_minutes, pauses=_merged(stops),
        finished_at=ended_at, minutes_between=minutes,
    )  # fmt: skip


def _merged(stops: Sequence[Stop]) -> list[Stop]:
    """Stops in order, those that overlap as one: the clock stands still once, whatever the reasons."""
    found: list[Stop] = []
    for begin, end in sorted(stops, key=lambda stop: stop[0]):
        if found and (found[-1][1] is None or begin <= found[-1][1]):
            latest = found[-1][1]
            found[-1] = (found[-1][0], None if latest is None or end is None else max(latest, end))
        else:
            found.append((begin, end))
    return found


def time_bar(
    *,
    received_at: datetime | None,
    due_at: datetime | None,
    ended_at: datetime | None,
    time_limit: str,
    lateness: str,
    stops: Sequence[Stop],
    now: datetime,
    calendar: WorkingCalendar,
) -> TimeBar:
    """The bar of a case in a list: the shares of `full_time_bar`, and the few words a row has room for."""
    if received_at is None:
        return TimeBar("none", "Chưa tính thời hạn")
    if ended_at is not None:
        words = {"early": "Xong trước hạn", "on_time": "Xong đúng hạn", "late": "Xong quá hạn"}
        return TimeBar("late" if lateness == "late" else "done", words.get(lateness, "Đã kết thúc"), (("ok", 100),))
    whole = full_time_bar(
        received_at=received_at, due_at=due_at, ended_at=None, time_limit=time_limit, stops=stops, now=now,
        calendar=calendar,
    )  # fmt: skip
    left = whole.left_minutes or 0
    if due_at is None:
        since = next((begin for begin, end in _merged(stops) if end is None), now)
        waited = working_minutes_between(calendar, since, max(since, now))
        return TimeBar("paused", f"Đang dừng {duration_label(waited)}" if waited else "Vừa dừng", whole.segments)
    if now > due_at:
        return TimeBar("late", f"Quá hạn {duration_label(-left)}" if left else "Vừa quá hạn", whole.segments)
    return TimeBar(whole.state, f"Còn {duration_label(left)}", whole.segments)


def duration_label(minutes: int, *, day_minutes: int = 480) -> str:
    """Office minutes in words: `2 ngày`, `5 giờ`, `20 phút`. A day is 480 office minutes."""
    if minutes >= day_minutes:
        return f"{minutes // day_minutes} ngày"
    if minutes >= 60:
        return f"{minutes // 60} giờ"
    return f"{minutes} phút"
