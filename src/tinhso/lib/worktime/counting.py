"""The arithmetic of limits: one function per unit, instants in, instant out, no words.

All instants are local and whole minutes. Counts that come out between two minutes are rounded up: a limit is never
cut short.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from tinhso.lib.worktime.calendar import WorkingCalendar, minute_of_day
from tinhso.lib.worktime.limits import Limit, LimitUnit

LAST_HOUR_MINUTES = 60
# Counted on the civil calendar, days off included; only their last day looks at the office.
CIVIL_UNITS = frozenset({LimitUnit.CALENDAR_DAY, LimitUnit.MONTH, LimitUnit.YEAR})
# Units that a pause extends by the time on the wall clock; the others by the office time it took.
CLOCK_PAUSE_UNITS = frozenset({LimitUnit.CALENDAR_DAY, LimitUnit.CLOCK_HOUR})


def find_start(
    received: datetime, limit: Limit, calendar: WorkingCalendar, *, last_hour_tomorrow: bool
) -> tuple[datetime, bool]:
    """The instant from which the limit counts, and whether the last-hour policy moved it."""
    if limit.unit is LimitUnit.CLOCK_HOUR:
        return received, False
    start = calendar.next_open(received)
    index, offset = calendar.place(start)
    if last_hour_tomorrow and offset >= calendar.minutes_of(index) - LAST_HOUR_MINUTES:
        return calendar.next_open(calendar.closing(index)), True
    return start, False


def count(start: datetime, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """The instant the limit reaches; for civil units it may lie outside office hours (see `settle`)."""
    return _COUNTERS[limit.unit](start, limit.amount, calendar)


def settle(reached: datetime, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """Move the end of a civil unit into office time.

    An end on a day off goes to the closing of the next working day (BLDS 2015, Điều 148 khoản 5). An end at an hour
    when the office is shut, which happens where days differ in length, goes to the next closing for the same reason.
    """
    if limit.unit not in CIVIL_UNITS or calendar.is_open(reached):
        return reached
    return calendar.next_closing(reached)


def pause_minutes(start: datetime, end: datetime, limit: Limit, calendar: WorkingCalendar) -> int:
    """What a pause adds: the minutes between its ends, on the wall clock or in office time as the unit asks."""
    if limit.unit in CLOCK_PAUSE_UNITS:
        return (end - start) // timedelta(minutes=1)
    return calendar.between(start, end)


def extend(due: datetime, minutes: int, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """`due` moved by the minutes a pause adds; for `calendar_day` it may lie outside office hours (see `settle`)."""
    if limit.unit in CLOCK_PAUSE_UNITS:
        return due + timedelta(minutes=minutes)
    return calendar.add(due, minutes)


def _working_days(start: datetime, amount: Decimal, calendar: WorkingCalendar) -> datetime:
    """N office days later at the same office minute; offset zero is the closing of the day before.

    A target day too short to have that minute ends at its closing. A fraction takes that part of the day's office
    minutes; what does not fit into the day goes on as the same part of the next one, so that a later start can never
    end earlier where days differ in length.
    """
    days, fraction = divmod(Fraction(amount), 1)
    index, offset = calendar.place(start)
    index += days
    if days and offset == 0:
        index -= 1
        offset = calendar.minutes_of(index)
    length = calendar.minutes_of(index)
    end = min(offset, length) + fraction * length
    if end > length:
        index += 1
        end = (end - length) / length * calendar.minutes_of(index)
    return calendar.moment(calendar.opening_position(index) + ceil(end))


def _working_hours(start: datetime, amount: Decimal, calendar: WorkingCalendar) -> datetime:
    return calendar.add(start, ceil(Fraction(amount) * 60))


def _clock_hours(start: datetime, amount: Decimal, calendar: WorkingCalendar) -> datetime:
    return start + timedelta(minutes=ceil(Fraction(amount) * 60))


def _calendar_days(start: datetime, amount: Decimal, calendar: WorkingCalendar) -> datetime:
    return start + timedelta(days=int(amount))


def _months(start: datetime, amount: Decimal, calendar: WorkingCalendar) -> datetime:
    """The same day N months later, or the last day of a shorter month (BLDS 2015, Điều 148 khoản 3)."""
    years, month = divmod(start.month - 1 + int(amount), 12)
    year, month = start.year + years, month + 1
    if year > calendar.last.year:
        raise calendar.out_of_range()
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


def _years(start: datetime, amount: Decimal, calendar: WorkingCalendar) -> datetime:
    return _months(start, amount * 12, calendar)


def _same_day(start: datetime, amount: Decimal, calendar: WorkingCalendar) -> datetime:
    """The closing of that day; from the cut-off on, of the next working day."""
    index, _ = calendar.place(start)
    return calendar.closing(index + (minute_of_day(start) >= calendar.rules.same_day_cutoff))


_COUNTERS: Mapping[LimitUnit, Callable[[datetime, Decimal, WorkingCalendar], datetime]] = {
    LimitUnit.WORKING_DAY: _working_days,
    LimitUnit.WORKING_HOUR: _working_hours,
    LimitUnit.CLOCK_HOUR: _clock_hours,
    LimitUnit.CALENDAR_DAY: _calendar_days,
    LimitUnit.MONTH: _months,
    LimitUnit.YEAR: _years,
    LimitUnit.SAME_DAY: _same_day,
}
