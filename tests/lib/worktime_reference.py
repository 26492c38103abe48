"""A slow and obvious way to compute deadlines, to hold the fast one against.

It knows the calendar only as a function "is this minute office time", walks minute by minute and day by day, and
shares no code with `tinhso.lib.worktime` but the plain values.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import takewhile
from math import ceil

from tinhso.lib.worktime import (
    ZONE,
    CalendarRules,
    DayKind,
    Limit,
    LimitUnit,
    OfficeHours,
    Pause,
    SpecialDay,
    WorkingCalendar,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
CUTOFF = 15 * 60
FULL_DAY = ((420, 690), (810, 1020))


@dataclass(frozen=True)
class Office:
    """A made-up office: weekly patterns with their first dates, days off, and days with hours of their own."""

    first: date
    last: date
    patterns: tuple[tuple[date, tuple[tuple[tuple[int, int], ...], ...]], ...]
    days_off: frozenset[date] = frozenset()
    own_hours: tuple[tuple[date, tuple[tuple[int, int], ...]], ...] = ()

    def calendar(self) -> WorkingCalendar:
        special = [SpecialDay(day, DayKind.HOLIDAY, "Ngày lễ", "Căn cứ lễ") for day in self.days_off]
        special += [
            SpecialDay(day, DayKind.SWAPPED_WORKING, "Làm bù", "Căn cứ bù", hours=h) for day, h in self.own_hours
        ]
        return WorkingCalendar(
            key="thu",
            first=self.first,
            last=self.last,
            hours=[(since, OfficeHours(week)) for since, week in self.patterns],
            special_days=special,
            rules=CalendarRules(same_day_cutoff=CUTOFF),
        )

    def minutes(self, day: date) -> list[int]:
        """Every office minute of a day, one by one."""
        own = dict(self.own_hours)
        if day in own:
            hours = own[day]
        elif day in self.days_off:
            hours = ()
        else:
            week = [week for since, week in self.patterns if since <= day][-1]
            hours = week[day.weekday()]
        return [minute for start, end in hours for minute in range(start, end)]

    def with_holiday(self, day: date) -> "Office":
        return Office(
            self.first,
            self.last,
            self.patterns,
            self.days_off | {day},
            tuple((own, hours) for own, hours in self.own_hours if own != day),
        )


def at(day: date, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + minute * MINUTE


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def office_minutes(office: Office, start: datetime) -> Iterator[datetime]:
    """The office minutes from `start` on, each by its first instant."""
    day = start.date()
    while True:
        for minute in office.minutes(day):
            if at(day, minute) >= start:
                yield at(day, minute)
        day += DAY


def walk(
    office: Office, start: datetime, count: int, stopped: Callable[[datetime], bool] = lambda _: False
) -> datetime:
    """The end of the `count`-th office minute from `start` that is not stopped."""
    for instant in office_minutes(office, start):
        if not stopped(instant):
            count -= 1
        if count == 0:
            return instant + MINUTE
    raise AssertionError


def count_between(office: Office, start: datetime, end: datetime) -> int:
    return sum(1 for _ in takewhile(lambda instant: instant < end, office_minutes(office, start)))


def next_working_day(office: Office, day: date) -> date:
    day += DAY
    while not office.minutes(day):
        day += DAY
    return day


def closing(office: Office, day: date) -> datetime:
    return at(day, office.minutes(day)[-1] + 1)


def landed(office: Office, instant: datetime) -> datetime:
    """An end outside office time goes to the next closing."""
    day, minutes = instant.date(), office.minutes(instant.date())
    if any(at(day, minute) <= instant <= at(day, minute + 1) for minute in minutes):
        return instant
    if minutes and instant < closing(office, day):
        return closing(office, day)
    return closing(office, next_working_day(office, day))


def same_minute_later(office: Office, start: datetime, limit: Limit) -> datetime:
    """`working_day`, one day after the other."""
    day = start.date()
    passed = sum(1 for minute in office.minutes(day) if at(day, minute) < start)
    whole = int(limit.amount)
    fraction = Fraction(limit.amount) - whole
    for _ in range(whole):
        day = next_working_day(office, day)
    length = len(office.minutes(day))
    end = min(passed, length) + fraction * length
    if end > length:
        part_left = (end - length) / length
        day = next_working_day(office, day)
        end = part_left * len(office.minutes(day))
    end = ceil(end)
    if end == 0:
        day -= DAY
        while not office.minutes(day):
            day -= DAY
        return closing(office, day)
    return at(day, office.minutes(day)[end - 1] + 1)


def month_later(start: datetime, months: int) -> datetime:
    year, month = start.year, start.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    day = start.day
    while True:
        try:
            return start.replace(year=year, month=month, day=day)
        except ValueError:
            day -= 1


def slow_due(
    office: Office, received: datetime, limit: Limit, pauses: Sequence[Pause] = (), *, last_hour_tomorrow: bool = False
) -> datetime:
    """The due instant, by the rules read one after the other. Pauses: in order, apart, closed."""
    unit = limit.unit
    start = received
    if unit is not LimitUnit.CLOCK_HOUR:
        start = next(office_minutes(office, received))
        if start < received:
            raise AssertionError
        last_hour = office.minutes(start.date())[-60:]
        if last_hour_tomorrow and (start - at(start.date(), 0)) // MINUTE in last_hour:
            day = next_working_day(office, start.date())
            start = at(day, office.minutes(day)[0])
    if unit is LimitUnit.WORKING_DAY:
        due = same_minute_later(office, start, limit)
    elif unit is LimitUnit.WORKING_HOUR:
        due = walk(office, start, ceil(Fraction(limit.amount) * 60))
    elif unit is LimitUnit.CLOCK_HOUR:
        due = start + ceil(Fraction(limit.amount) * 60) * MINUTE
    elif unit is LimitUnit.CALENDAR_DAY:
        due = landed(office, start + int(limit.amount) * DAY)
    elif unit is LimitUnit.SAME_DAY:
        late = (start - at(start.date(), 0)) // MINUTE >= CUTOFF
        due = closing(office, next_working_day(office, start.date()) if late else start.date())
    else:
        due = landed(office, month_later(start, int(limit.amount) * (12 if unit is LimitUnit.YEAR else 1)))
    for pause in pauses:
        assert pause.end is not None
        if pause.start >= due:
            continue
        if unit in {LimitUnit.CALENDAR_DAY, LimitUnit.CLOCK_HOUR}:
            due += pause.end - pause.start
            due = due if unit is LimitUnit.CLOCK_HOUR else landed(office, due)
        else:
            added = count_between(office, pause.start, pause.end)
            due = walk(office, due, added) if added else due
    return due
