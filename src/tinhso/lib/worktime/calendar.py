"""The working calendar (lịch làm việc): which minutes of which days are office time, and by what right.

All office time is one line of whole minutes, counted from the first covered day. Two lists made once (the working days,
and the office minutes before each) turn an instant into a place on that line and back by bisection, so adding minutes
or measuring between two instants costs O(log n) however long the limit is.

A place on the line where one stretch closes and the next opens has two instants: 17:00 today and 07:00 tomorrow. A
deadline is a last moment, so turning a place into an instant always gives the closing one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from tinhso.lib.worktime.errors import CalendarRangeError, WorktimeError

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTES_OF_DAY = 24 * 60
Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


class DayKind(StrEnum):
    """Loại ngày đặc biệt: why a date departs from the weekly pattern."""

    HOLIDAY = "holiday"  # ngày lễ, Tết
    COMPENSATORY = "compensatory"  # nghỉ bù
    SWAPPED_OFF = "swapped_off"  # nghỉ hoán đổi
    SWAPPED_WORKING = "swapped_working"  # làm bù
    CLOSURE = "closure"  # cơ quan đóng cửa (thiên tai, mất điện diện rộng)


class Rule(StrEnum):
    """Quy tắc tính: the rules whose legal basis a calendar states."""

    OFFICE_HOURS = "office_hours"
    START = "start"
    LAST_HOUR = "last_hour"
    WORKING_DAY = "working_day"
    WORKING_HOUR = "working_hour"
    CLOCK_HOUR = "clock_hour"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"
    YEAR = "year"
    SAME_DAY = "same_day"
    NON_WORKING_END = "non_working_end"
    PAUSE = "pause"


def check_intervals(intervals: Intervals) -> None:
    """Refuse hours that are empty, outside the day, out of order or touching. An office closes before midnight.

    Raises:
        WorktimeError: with the sentence that says which.
    """
    for start, end in intervals:
        if not 0 <= start < end < MINUTES_OF_DAY:
            raise WorktimeError(f"Khoảng giờ làm việc không hợp lệ: phút {start} đến phút {end} trong ngày.")
    for (_, end), (start, _) in pairwise(intervals):
        if start <= end:
            raise WorktimeError(f"Các khoảng giờ làm việc chồng hoặc liền nhau ở phút {start} trong ngày.")


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Giờ làm việc trong tuần: for Monday to Sunday, the stretches `(start_minute, end_minute)` of the civil day."""

    weekdays: tuple[Intervals, ...]

    def __post_init__(self) -> None:
        if len(self.weekdays) != 7:
            raise WorktimeError("Giờ làm việc phải khai đủ bảy ngày, từ thứ Hai đến Chủ nhật.")
        for intervals in self.weekdays:
            check_intervals(intervals)

    @classmethod
    def same_every_day(cls, intervals: Intervals, weekdays: Iterable[int] = range(5)) -> "OfficeHours":
        """The same hours on each of `weekdays` (0 = Monday), none on the others."""
        working = set(weekdays)
        return cls(tuple(intervals if day in working else () for day in range(7)))


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """Ngày lễ, nghỉ bù, hoán đổi hoặc đóng cửa: one date that departs from the weekly pattern, and its legal basis.

    A `SWAPPED_WORKING` day takes the hours of the weekday it `replaces`, unless it names its own `hours`.
    """

    day: date
    kind: DayKind
    name: str
    basis: str = ""
    replaces: date | None = None
    hours: Intervals | None = None

    def __post_init__(self) -> None:
        if self.kind is DayKind.SWAPPED_WORKING and self.replaces is None and self.hours is None:
            raise WorktimeError(f"Ngày làm bù {self.day:%d/%m/%Y} phải nêu ngày được nghỉ thay hoặc giờ làm việc.")
        check_intervals(self.hours or ())


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """Quy tắc đi kèm lịch: the same-day cut-off (minute of the civil day) and the legal basis of each rule."""

    same_day_cutoff: int
    basis: Mapping[Rule, str] = field(default_factory=dict)


class WorkingCalendar:
    """Lịch làm việc: immutable, safe to share between threads; build once per published version.

    Args:
        key: stable name of the calendar; `version`: number of the published version, 0 for an unpublished one.
        first, last: the covered dates, both included; anything outside raises `CalendarRangeError`.
        hours: weekly patterns with the date from which each holds, in order; the first holds from `first` or before.
        special_days: holidays, compensatory, swapped and closed days inside the covered dates.

    Raises:
        WorktimeError: the parts do not make a calendar (no pattern for the first day, no working day at all ...).
    """

    def __init__(
        self,
        *,
        key: str,
        first: date,
        last: date,
        hours: Sequence[tuple[date, OfficeHours]],
        rules: CalendarRules,
        special_days: Iterable[SpecialDay] = (),
        version: int = 0,
    ) -> None:
        self.key = key
        self.version = version
        self.first = first
        self.last = last
        self.rules = rules
        self._special = {special.day: special for special in special_days}
        starts = [valid_from for valid_from, _ in hours]
        if not starts or starts[0] > first or starts != sorted(set(starts)):
            raise WorktimeError(f"Lịch “{key}” phải có giờ làm việc từ ngày đầu và xếp theo thứ tự ngày áp dụng.")
        self._ordinals: list[int] = []
        self._intervals: list[Intervals] = []
        self._before = [0]
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            pattern = hours[bisect_right(starts, day) - 1][1]
            intervals = _hours_on(day, self._special.get(day), pattern)
            if intervals:
                self._ordinals.append(ordinal)
                self._intervals.append(intervals)
                self._before.append(self._before[-1] + sum(end - start for start, end in intervals))
        if not self._ordinals:
            raise WorktimeError(f"Lịch “{key}” không có ngày làm việc nào.")

    # Days

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on that date at all (ngày làm việc)."""
        return bool(self.open_intervals(day))

    def open_intervals(self, day: date) -> Intervals:
        """The office hours of a date as `(start_minute, end_minute)`; empty on a day off."""
        self._check_range(day)
        index = bisect_left(self._ordinals, day.toordinal())
        if index < len(self._ordinals) and self._ordinals[index] == day.toordinal():
            return self._intervals[index]
        return ()

    def special_day(self, day: date) -> SpecialDay | None:
        """The holiday, compensatory, swapped or closed day on that date, if it is one."""
        return self._special.get(day)

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        self._check_range(day)
        return self.day_at(bisect_right(self._ordinals, day.toordinal()))

    # Instants and minutes

    def add(self, at: datetime, minutes: int) -> datetime:
        """The instant `minutes` of office time after `at` (before it, when negative): always a last moment.

        Zero minutes give `at` itself, cut to the minute.
        """
        return self.moment(self.position(at) + minutes) if minutes else local_minute(at)

    def between(self, start: datetime, end: datetime) -> int:
        """Office minutes from `start` to `end`; negative when `end` is the earlier."""
        return self.position(end) - self.position(start)

    def is_open(self, at: datetime) -> bool:
        """Whether `at` is within office hours, the closing minute included."""
        local = local_minute(at)
        minute = minute_of_day(local)
        return any(start <= minute <= end for start, end in self.open_intervals(local.date()))

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when the office is open then (closing time is not), otherwise the next opening."""
        index, offset = self.place(at)
        return max(self._instant(index, _clock_minute(self._intervals[index], offset, opening=True)), local_minute(at))

    def next_closing(self, at: datetime) -> datetime:
        """The end of the office day of `at`; when that day is off or already over, of the next working day."""
        return self.closing(self.place(at)[0])

    # The line of office minutes

    def position(self, at: datetime) -> int:
        """Office minutes between the first covered day and `at`."""
        local = local_minute(at)
        self._check_range(local.date())
        ordinal, minute = local.toordinal(), minute_of_day(local)
        index = bisect_left(self._ordinals, ordinal)
        passed = self._before[index]
        if index < len(self._ordinals) and self._ordinals[index] == ordinal:
            passed += sum(max(0, min(minute, end) - start) for start, end in self._intervals[index])
        return passed

    def place(self, at: datetime) -> tuple[int, int]:
        """Working day (its number in this calendar) and office minute in it, of `at` or of the next opening."""
        position = self.position(at)
        index = bisect_right(self._before, position) - 1
        if index == len(self._ordinals):
            raise self.out_of_range()
        return index, position - self._before[index]

    def moment(self, position: int) -> datetime:
        """The last instant that lies at this place on the line of office minutes."""
        if not 0 < position <= self._before[-1]:
            raise self.out_of_range()
        index = bisect_left(self._before, position) - 1
        offset = position - self._before[index]
        return self._instant(index, _clock_minute(self._intervals[index], offset, opening=False))

    def opening_position(self, index: int) -> int:
        """Place on the line at which working day number `index` opens."""
        self.day_at(index)
        return self._before[index]

    def minutes_of(self, index: int) -> int:
        """Length of working day number `index` in office minutes."""
        self.day_at(index)
        return self._before[index + 1] - self._before[index]

    def day_at(self, index: int) -> date:
        """The date of working day number `index`."""
        if not 0 <= index < len(self._ordinals):
            raise self.out_of_range()
        return date.fromordinal(self._ordinals[index])

    def closing(self, index: int) -> datetime:
        """The end of working day number `index`."""
        self.day_at(index)
        return self._instant(index, self._intervals[index][-1][1])

    def day_number(self, at: datetime) -> int:
        """How many working days have begun by the civil day of `at`, that day included."""
        local = local_minute(at)
        self._check_range(local.date())
        return bisect_right(self._ordinals, local.toordinal())

    def _instant(self, index: int, minute: int) -> datetime:
        midnight = datetime.combine(date.fromordinal(self._ordinals[index]), datetime.min.time(), ZONE)
        return midnight + timedelta(minutes=minute)

    def _check_range(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise self.out_of_range()

    def out_of_range(self) -> CalendarRangeError:
        return CalendarRangeError(
            f"Lịch “{self.key}” chỉ có dữ liệu từ {self.first:%d/%m/%Y} đến {self.last:%d/%m/%Y}; "
            "hãy công bố lịch của các năm còn thiếu."
        )


def local_minute(at: datetime) -> datetime:
    """`at` in Asia/Ho_Chi_Minh, cut to the whole minute.

    Raises:
        WorktimeError: `at` has no time zone.
    """
    if at.tzinfo is None:
        raise WorktimeError(f"Thời điểm {at:%d/%m/%Y %H:%M} không có múi giờ.")
    return at.astimezone(ZONE).replace(second=0, microsecond=0)


def minute_of_day(local: datetime) -> int:
    """Minutes since midnight of a local instant."""
    return local.hour * 60 + local.minute


def _hours_on(day: date, special: SpecialDay | None, pattern: OfficeHours) -> Intervals:
    if special is None:
        return pattern.weekdays[day.weekday()]
    if special.hours is not None:
        return special.hours
    if special.kind is DayKind.SWAPPED_WORKING and special.replaces is not None:
        return pattern.weekdays[special.replaces.weekday()]
    return ()


def _clock_minute(intervals: Intervals, offset: int, *, opening: bool) -> int:
    """Minute of the civil day at which `offset` office minutes have passed; at a break, its end or its beginning."""
    minute = intervals[0][0] + offset
    for (_, closes), (opens, _) in pairwise(intervals):
        if minute > closes or (opening and minute == closes):
            minute += opens - closes
    return minute
