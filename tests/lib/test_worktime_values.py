"""Limits, calendars, lateness: the values around the computation."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lib.worktime_reference import FULL_DAY, local
from tinhso.lib.worktime import (
    CalendarRangeError,
    CalendarRules,
    DayKind,
    Lateness,
    Limit,
    LimitError,
    LimitUnit,
    OfficeHours,
    SpecialDay,
    WorkingCalendar,
    WorktimeError,
    duration_text,
    lateness,
    time_left,
    working_minutes_between,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
RULES = CalendarRules(same_day_cutoff=900)
WEEKDAYS = OfficeHours.same_every_day(FULL_DAY)


def calendar(*special: SpecialDay, **changes: object) -> WorkingCalendar:
    parts: dict[str, object] = {"first": FIRST, "last": LAST, "hours": [(FIRST, WEEKDAYS)], "rules": RULES}
    return WorkingCalendar(key="thu", special_days=special, **(parts | changes))  # type: ignore[arg-type]


class TestLimit:
    @pytest.mark.parametrize(
        ("text", "amount", "unit", "label"),
        [
            ("7 working_day", "7", LimitUnit.WORKING_DAY, "7 ngày làm việc"),
            ("7.5 working_day", "7.5", LimitUnit.WORKING_DAY, "7,5 ngày làm việc"),
            ("100 working_hour", "100", LimitUnit.WORKING_HOUR, "100 giờ làm việc"),
            ("24 clock_hour", "24", LimitUnit.CLOCK_HOUR, "24 giờ"),
            ("10 calendar_day", "10", LimitUnit.CALENDAR_DAY, "10 ngày"),
            ("2 month", "2", LimitUnit.MONTH, "2 tháng"),
            ("1 year", "1", LimitUnit.YEAR, "1 năm"),
            ("same_day", "1", LimitUnit.SAME_DAY, "trong ngày làm việc"),
        ],
    )
    def test_reads_and_writes(self, text: str, amount: str, unit: LimitUnit, label: str) -> None:
        limit = Limit.parse(text)
        assert limit == Limit(Decimal(amount), unit)
        assert str(limit) == text
        assert limit.label() == label

    def test_spelling_does_not_matter(self) -> None:
        assert str(Limit.parse("  7,50   working_day ")) == "7.5 working_day"
        assert Limit.parse("7.0 working_day") == Limit.parse("7 working_day")
        assert str(Limit.parse("1 same_day")) == "same_day"

    @given(st.decimals("0.0001", "10000", places=4), st.sampled_from(["working_day", "working_hour", "clock_hour"]))
    def test_round_trips(self, amount: Decimal, unit: str) -> None:
        limit = Limit(amount, LimitUnit(unit))
        assert Limit.parse(str(limit)) == limit

    @pytest.mark.parametrize(
        "text",
        ["", "7", "working_day", "7 day", "7 WORKING_DAY", "-7 working_day", "7working_day", "7 working_days",
         "1e3 working_day", "\u0667 working_day", "7.12345 working_day", "123456 working_day", "7 same_day_x"],
    )  # fmt: skip
    def test_refuses_what_is_no_limit(self, text: str) -> None:
        with pytest.raises(LimitError, match="Không hiểu thời hạn"):
            Limit.parse(text)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("0 working_day", "lớn hơn 0"),
            ("10001 working_hour", "không quá 10000"),
            ("1.5 calendar_day", "phải là số nguyên"),
            ("0.5 month", "phải là số nguyên"),
            ("0,5 year", "phải là số nguyên"),
            ("2 same_day", "không đi kèm con số"),
        ],
    )
    def test_refuses_impossible_amounts(self, text: str, sentence: str) -> None:
        with pytest.raises(LimitError, match=sentence):
            Limit.parse(text)

    @pytest.mark.parametrize("amount", ["NaN", "Infinity", "1.00001"])
    def test_refuses_impossible_decimals(self, amount: str) -> None:
        with pytest.raises(LimitError):
            Limit(Decimal(amount), LimitUnit.WORKING_DAY)


class TestOfficeHours:
    @pytest.mark.parametrize("hours", [((690, 420),), ((420, 420),), ((-1, 420),), ((420, 1440),)])
    def test_refuses_impossible_stretches(self, hours: tuple[tuple[int, int], ...]) -> None:
        with pytest.raises(WorktimeError, match="không hợp lệ"):
            OfficeHours.same_every_day(hours)

    @pytest.mark.parametrize("hours", [((420, 690), (690, 800)), ((420, 690), (600, 800)), ((800, 900), (420, 690))])
    def test_refuses_stretches_that_touch(self, hours: tuple[tuple[int, int], ...]) -> None:
        with pytest.raises(WorktimeError, match="chồng hoặc liền nhau"):
            OfficeHours.same_every_day(hours)

    def test_refuses_a_short_week(self) -> None:
        with pytest.raises(WorktimeError, match="đủ bảy ngày"):
            OfficeHours((FULL_DAY,) * 6)

    def test_chosen_weekdays(self) -> None:
        assert OfficeHours.same_every_day(FULL_DAY, [5]).weekdays == ((),) * 5 + (FULL_DAY, ())


class TestSpecialDays:
    def test_holiday_and_closure_are_off(self) -> None:
        office = calendar(
            SpecialDay(date(2026, 3, 2), DayKind.HOLIDAY, "Lễ"), SpecialDay(date(2026, 3, 3), DayKind.CLOSURE, "Bão")
        )
        assert [office.is_working_day(date(2026, 3, day)) for day in (1, 2, 3, 4)] == [False, False, False, True]
        assert office.special_day(date(2026, 3, 3)) == SpecialDay(date(2026, 3, 3), DayKind.CLOSURE, "Bão")
        assert office.special_day(date(2026, 3, 4)) is None
        assert office.next_working_day(date(2026, 2, 27)) == date(2026, 3, 4)

    def test_made_up_day_takes_the_hours_of_the_day_it_replaces(self) -> None:
        week = OfficeHours((FULL_DAY, *((((480, 600),),) * 4), (), ()))
        made_up = SpecialDay(date(2026, 8, 22), DayKind.SWAPPED_WORKING, "Làm bù", replaces=date(2026, 8, 31))
        assert calendar(made_up, hours=[(FIRST, week)]).open_intervals(date(2026, 8, 22)) == FULL_DAY

    def test_own_hours_win(self) -> None:
        half = SpecialDay(date(2026, 3, 2), DayKind.CLOSURE, "Mất điện buổi chiều", hours=((420, 690),))
        assert calendar(half).open_intervals(date(2026, 3, 2)) == ((420, 690),)

    def test_made_up_day_must_say_its_hours(self) -> None:
        with pytest.raises(WorktimeError, match="22/08/2026 phải nêu ngày được nghỉ thay"):
            SpecialDay(date(2026, 8, 22), DayKind.SWAPPED_WORKING, "Làm bù")

    def test_impossible_hours_are_refused(self) -> None:
        with pytest.raises(WorktimeError, match="không hợp lệ"):
            SpecialDay(date(2026, 8, 22), DayKind.CLOSURE, "Bão", hours=((5, 1),))


class TestCalendar:
    def test_patterns_change_on_their_date(self) -> None:
        winter = OfficeHours.same_every_day(((450, 690), (780, 1020)))
        office = calendar(hours=[(FIRST, WEEKDAYS), (date(2026, 10, 15), winter)])
        assert office.open_intervals(date(2026, 10, 14)) == FULL_DAY
        assert office.open_intervals(date(2026, 10, 15)) == ((450, 690), (780, 1020))

    @pytest.mark.parametrize(
        "hours", [[], [(LAST, WEEKDAYS)], [(FIRST, WEEKDAYS), (FIRST, WEEKDAYS)], [(LAST, WEEKDAYS), (FIRST, WEEKDAYS)]]
    )
    def test_patterns_must_cover_the_first_day_in_order(self, hours: list[tuple[date, OfficeHours]]) -> None:
        with pytest.raises(WorktimeError, match="giờ làm việc từ ngày đầu"):
            calendar(hours=hours)

    def test_must_work_at_all(self) -> None:
        with pytest.raises(WorktimeError, match="không có ngày làm việc nào"):
            calendar(hours=[(FIRST, OfficeHours(((),) * 7))])

    def test_opening_and_closing(self) -> None:
        office = calendar()
        assert office.is_open(local("2026-03-02T07:00"))
        assert office.is_open(local("2026-03-02T11:30"))
        assert not office.is_open(local("2026-03-02T11:31"))
        assert not office.is_open(local("2026-03-01T09:00"))
        assert office.next_open(local("2026-03-02T11:30")) == local("2026-03-02T13:30")
        assert office.next_open(local("2026-03-02T17:00")) == local("2026-03-03T07:00")
        assert office.next_closing(local("2026-03-02T11:45")) == local("2026-03-02T17:00")
        assert office.next_closing(local("2026-02-28T11:45")) == local("2026-03-02T17:00")

    def test_adding_backwards(self) -> None:
        """One working day before a due instant, as reminders need it."""
        office = calendar()
        assert office.add(local("2026-03-03T16:10"), -480) == local("2026-03-02T16:10")
        assert office.add(local("2026-03-03T07:30"), -30) == local("2026-03-02T17:00")
        assert office.add(local("2026-03-03T07:30"), 0) == local("2026-03-03T07:30")

    @pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
    def test_knows_its_range(self, day: date) -> None:
        office = calendar()
        for ask in (office.is_working_day, office.open_intervals, office.next_working_day):
            with pytest.raises(CalendarRangeError, match=r"từ 01/01/2026 đến 31/12/2026"):
                ask(day)

    @pytest.mark.parametrize("minutes", [-480, 480 * 400])
    def test_does_not_add_beyond_its_range(self, minutes: int) -> None:
        office = calendar()
        with pytest.raises(CalendarRangeError):
            office.add(local("2026-01-01T09:00"), minutes)

    @pytest.mark.parametrize("index", [-1, 1_000])
    def test_days_by_number(self, index: int) -> None:
        office = calendar()
        assert office.day_at(0) == date(2026, 1, 1)
        for ask in (office.day_at, office.closing, office.minutes_of, office.opening_position):
            with pytest.raises(CalendarRangeError):
                ask(index)


class TestLateness:
    DUE = "2026-03-09T10:00"  # Monday

    @pytest.mark.parametrize(
        ("finished", "expected"),
        [
            ("2026-03-06T16:00", Lateness.EARLY),
            ("2026-03-07T10:00", Lateness.EARLY),  # Saturday
            ("2026-03-09T06:00", Lateness.ON_TIME),
            ("2026-03-09T10:00", Lateness.ON_TIME),
            ("2026-03-09T10:01", Lateness.LATE),
            ("2026-03-10T10:00", Lateness.LATE),
        ],
    )
    def test_classes(self, finished: str, expected: Lateness) -> None:
        assert lateness(local(finished), local(self.DUE), calendar()) is expected

    def test_seconds_of_the_due_minute_are_on_time(self) -> None:
        finished = local(self.DUE).replace(second=59)
        assert lateness(finished, local(self.DUE), calendar()) is Lateness.ON_TIME

    def test_minutes(self) -> None:
        office = calendar()
        assert working_minutes_between(office, local("2026-03-06T16:00"), local(self.DUE)) == 240
        assert time_left(office, local("2026-03-06T16:00"), local(self.DUE)) == 240
        assert time_left(office, local("2026-03-09T10:20"), local(self.DUE)) == -20
        assert time_left(office, local("2026-03-09T12:20"), local("2026-03-09T13:00")) == 0

    def test_naive_time_is_refused(self) -> None:
        with pytest.raises(WorktimeError, match="không có múi giờ"):
            time_left(calendar(), datetime(2026, 3, 6, 16), local(self.DUE))


@pytest.mark.parametrize(("minutes", "text"), [(0, "0 phút"), (50, "50 phút"), (60, "1 giờ"), (1150, "19 giờ 10 phút")])
def test_duration_text(minutes: int, text: str) -> None:
    assert duration_text(minutes) == text
