"""The one place that reads the clock.

Domain code takes the time as an argument (`at`); only interfaces, jobs and commands ask here. The demo loader and the
replay move the clock with `travel`, which holds for the current thread or task only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

_Day = TypeVar("_Day", bound=date)  # a moment is a day, too
PROVINCE_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

_travelled: ContextVar[datetime | None] = ContextVar("travelled", default=None)


def now() -> datetime:
    """The present instant, aware, UTC."""
    return _travelled.get() or datetime.now(UTC)  # noqa: TID251 - the one reader of the clock


def today() -> date:
    """The present civil date in the province."""
    return now().astimezone(PROVINCE_TIME).date()


def of_our_time(day: _Day) -> _Day:
    """A day or moment that was typed, if an office can mean it.

    A month before the first year there is, or a zone after the last one, ends arithmetic in an error.

    Raises:
        ValueError: of another age.
    """
    if not 1800 <= day.year < 2200:
        raise ValueError("of another age")
    return day


@contextmanager
def travel(at: datetime) -> Iterator[None]:
    """Make `now()` answer `at` inside the block."""
    token = _travelled.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _travelled.reset(token)
