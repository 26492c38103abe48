"""Worked answers, on the calendar the province ships."""

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.lib.worktime_reference import FULL_DAY, Office, local
from tinhso.apps.calendars.content import load_calendars
from tinhso.apps.calendars.rules import working_calendar
from tinhso.lib.worktime import (
    CalendarRangeError,
    Deadline,
    DeadlineError,
    Limit,
    LimitUnit,
    Pause,
    WorkingCalendar,
    WorktimeError,
    compute_deadline,
)


@pytest.fixture(scope="module")
def h48(project_root: Path) -> WorkingCalendar:
    return working_calendar(load_calendars(project_root / "content" / "calendars")["quang-ngai"])


def compute(calendar: WorkingCalendar, limit: str, received: str, *pauses: Pause, last_hour: bool = False) -> Deadline:
    return compute_deadline(
        received_at=local(received),
        limit=Limit.parse(limit),
        calendar=calendar,
        pauses=pauses,
        last_hour_tomorrow=last_hour,
    )


def pause(start: str, end: str | None, reason: str = "") -> Pause:
    return Pause(local(start), local(end) if end else None, reason)


@pytest.mark.parametrize(
    ("limit", "received", "due"),
    [
        ("7 working_day", "2026-02-13T16:10", "2026-03-03T16:10"),
        ("1 working_day", "2026-02-13T18:30", "2026-02-23T17:00"),
        ("3 working_day", "2026-08-20T09:00", "2026-08-24T09:00"),
        ("2 working_day", "2026-08-28T10:00", "2026-09-04T10:00"),
        ("1 working_day", "2026-11-23T14:00", "2026-11-25T14:00"),
        ("same_day", "2026-11-23T14:59", "2026-11-23T17:00"),
        ("same_day", "2026-11-23T15:00", "2026-11-25T17:00"),
        ("7.5 working_day", "2026-03-02T07:00", "2026-03-11T11:00"),
        ("10 calendar_day", "2026-04-15T09:00", "2026-04-28T17:00"),
        ("4 working_hour", "2026-03-06T15:00", "2026-03-09T09:00"),
        ("24 clock_hour", "2026-03-07T20:00", "2026-03-08T20:00"),
    ],
)
def test_worked_answers_of_the_rules(h48: WorkingCalendar, limit: str, received: str, due: str) -> None:
    assert compute(h48, limit, received).due_at == local(due)


def test_worked_answer_with_a_pause(h48: WorkingCalendar) -> None:
    stop = pause("2026-03-03T10:00", "2026-03-05T10:00")
    assert compute(h48, "3 working_day", "2026-03-02T09:00", stop).due_at == local("2026-03-09T09:00")


@pytest.mark.parametrize(
    ("limit", "received", "due"),
    [
        # the start
        ("1 working_day", "2026-03-02T06:00", "2026-03-02T17:00"),  # before opening: that day counts whole
        ("1 working_day", "2026-03-02T07:00", "2026-03-02T17:00"),
        ("1 working_day", "2026-03-02T07:01", "2026-03-03T07:01"),
        ("1 working_day", "2026-03-02T11:30", "2026-03-03T11:30"),  # the lunch break is one place with two clock times:
        ("1 working_day", "2026-03-02T12:00", "2026-03-03T11:30"),  # an end is its first one
        ("1 working_day", "2026-03-02T13:30", "2026-03-03T11:30"),
        ("1 working_day", "2026-03-02T13:31", "2026-03-03T13:31"),
        ("1 working_day", "2026-03-02T16:59", "2026-03-03T16:59"),
        ("1 working_day", "2026-03-02T17:00", "2026-03-03T17:00"),  # closing time is outside: from tomorrow's opening
        ("1 working_day", "2026-03-07T10:00", "2026-03-09T17:00"),  # Saturday
        ("1 working_day", "2026-01-09T16:00", "2026-01-10T16:00"),  # the Saturday made up for 2 January
        ("1 working_day", "2025-12-31T16:00", "2026-01-05T16:00"),  # 1 January off, 2 January swapped off
        # fractions
        ("0.25 working_day", "2026-03-02T07:00", "2026-03-02T09:00"),
        ("0.5 working_day", "2026-03-02T16:00", "2026-03-03T10:00"),
        ("1.5 working_day", "2026-03-06T15:00", "2026-03-10T09:00"),
        ("0.0001 working_day", "2026-03-02T07:00", "2026-03-02T07:01"),  # a part of a minute is a minute
        ("1.5 working_hour", "2026-03-02T10:30", "2026-03-02T14:00"),
        ("0.25 clock_hour", "2026-03-02T23:50", "2026-03-03T00:05"),
        # civil units
        ("1 calendar_day", "2026-03-02T10:00", "2026-03-03T10:00"),
        ("3 calendar_day", "2026-03-06T18:30", "2026-03-12T07:00"),  # starts Monday at opening
        ("10 calendar_day", "2026-02-06T10:00", "2026-02-23T17:00"),  # ends in Tết
        ("1 month", "2026-03-16T09:00", "2026-04-16T09:00"),
        ("2 month", "2026-07-31T09:00", "2026-09-30T09:00"),  # September has no 31st
        ("1 month", "2026-01-30T09:00", "2026-03-02T17:00"),  # 28 February is a Saturday
        ("12 month", "2026-03-16T09:00", "2027-03-16T09:00"),
        ("1 year", "2026-03-16T09:00", "2027-03-16T09:00"),
        ("1 year", "2024-02-29T09:00", "2025-02-28T09:00"),
        ("3 year", "2024-02-29T09:00", "2027-03-01T17:00"),  # 28 February 2027 is a Sunday
        # same day
        ("same_day", "2026-03-02T06:30", "2026-03-02T17:00"),
        ("same_day", "2026-03-02T12:00", "2026-03-02T17:00"),
        ("same_day", "2026-03-06T15:00", "2026-03-09T17:00"),
        ("same_day", "2026-03-06T17:30", "2026-03-09T17:00"),
        ("same_day", "2026-03-07T09:00", "2026-03-09T17:00"),
        # clock hours begin at once
        ("2 clock_hour", "2026-02-17T00:30", "2026-02-17T02:30"),
    ],
)
def test_more_answers(h48: WorkingCalendar, limit: str, received: str, due: str) -> None:
    assert compute(h48, limit, received).due_at == local(due)


@pytest.mark.parametrize(
    ("limit", "received", "due"),
    [
        ("1 working_day", "2026-03-02T15:59", "2026-03-03T15:59"),
        ("1 working_day", "2026-03-02T16:00", "2026-03-03T17:00"),
        ("1 working_day", "2026-03-02T17:10", "2026-03-03T17:00"),  # after hours: tomorrow anyway, and only once
        ("8 working_hour", "2026-03-06T16:30", "2026-03-09T17:00"),
        ("same_day", "2026-03-02T16:30", "2026-03-03T17:00"),
        ("24 clock_hour", "2026-03-02T16:30", "2026-03-03T16:30"),
    ],
)
def test_last_hour_counts_as_tomorrow(h48: WorkingCalendar, limit: str, received: str, due: str) -> None:
    assert compute(h48, limit, received, last_hour=True).due_at == local(due)


def test_seconds_are_dropped(h48: WorkingCalendar) -> None:
    received = datetime(2026, 3, 2, 7, 59, 59, 999_999, tzinfo=UTC)  # 14:59:59.999999 here
    deadline = compute_deadline(received_at=received, limit=Limit.parse("same_day"), calendar=h48)
    assert deadline.due_at == local("2026-03-02T17:00")


class TestPauses:
    def test_outside_office_hours_adds_nothing(self, h48: WorkingCalendar) -> None:
        stop = pause("2026-03-06T17:00", "2026-03-09T07:00")
        assert compute(h48, "3 working_day", "2026-03-05T09:00", stop).due_at == local("2026-03-10T09:00")

    def test_calendar_days_and_clock_hours_take_clock_time(self, h48: WorkingCalendar) -> None:
        stop = pause("2026-03-06T16:00", "2026-03-09T08:00")  # 64 hours, 2 of them office hours
        assert compute(h48, "5 calendar_day", "2026-03-05T09:00", stop).due_at == local("2026-03-13T17:00")
        assert compute(h48, "100 clock_hour", "2026-03-05T09:00", stop).due_at == local("2026-03-12T05:00")

    def test_months_take_office_time(self, h48: WorkingCalendar) -> None:
        stop = pause("2026-03-06T16:00", "2026-03-09T08:00")
        # 5 April is a Sunday: Monday 17:00, and two office hours more
        assert compute(h48, "1 month", "2026-03-05T09:00", stop).due_at == local("2026-04-07T09:00")

    def test_overlapping_ones_count_once_in_any_order(self, h48: WorkingCalendar) -> None:
        stops = [
            pause("2026-03-03T14:00", "2026-03-04T10:00", "mất điện"),
            pause("2026-03-03T10:00", "2026-03-03T15:00", "bổ sung"),
            pause("2026-03-03T10:30", "2026-03-03T11:00", "bổ sung"),
        ]
        deadline = compute(h48, "3 working_day", "2026-03-02T09:00", *stops)
        assert deadline.due_at == local("2026-03-06T09:00")
        assert "(bổ sung; mất điện)" in deadline.steps[-1].rule

    def test_touching_ones_keep_their_reasons(self, h48: WorkingCalendar) -> None:
        stops = [
            pause("2026-03-03T10:00", "2026-03-03T11:00", "bổ sung"),
            pause("2026-03-03T11:00", "2026-03-04T10:00", "mất điện"),
        ]
        deadline = compute(h48, "3 working_day", "2026-03-02T09:00", *stops)
        assert deadline.due_at == local("2026-03-06T09:00")
        assert [step.rule.count("Tạm dừng") for step in deadline.steps[-2:]] == [1, 1]

    def test_open_one_leaves_no_due_instant(self, h48: WorkingCalendar) -> None:
        deadline = compute(h48, "3 working_day", "2026-03-02T09:00", pause("2026-03-03T10:00", None, "bổ sung"))
        assert deadline.due_at is None
        assert deadline.to_dict()["due_at"] is None
        assert "chưa kết thúc" in deadline.steps[-1].rule

    @pytest.mark.parametrize("ends", [("2026-03-03T15:00", None), (None, "2026-03-03T15:00")])
    def test_open_one_swallows_what_overlaps_it(
        self, h48: WorkingCalendar, ends: tuple[str | None, str | None]
    ) -> None:
        stops = [pause("2026-03-03T10:00", ends[0]), pause("2026-03-03T14:00", ends[1])]
        assert compute(h48, "3 working_day", "2026-03-02T09:00", *stops).due_at is None

    @pytest.mark.parametrize("end", ["2026-03-09T10:00", None])
    def test_after_the_time_has_run_out_changes_nothing(self, h48: WorkingCalendar, end: str | None) -> None:
        deadline = compute(h48, "1 working_day", "2026-03-02T09:00", pause("2026-03-03T09:00", end))
        assert deadline.due_at == local("2026-03-03T09:00")
        assert "đã hết trước đó" in deadline.steps[-1].rule

    def test_its_own_basis_goes_before_the_calendar(self, h48: WorkingCalendar) -> None:
        for limit in ("3 working_day", "3 calendar_day"):
            stop = Pause(local("2026-03-03T10:00"), local("2026-03-04T10:00"), "bổ sung", "Điều 17")
            assert compute(h48, limit, "2026-03-02T09:00", stop).steps[-1].basis == "Điều 17"
        without = compute(h48, "3 working_day", "2026-03-02T09:00", pause("2026-03-03T10:00", "2026-03-04T10:00"))
        assert without.steps[-1].basis == "Quyết định 766/QĐ-TTg"

    def test_must_follow_the_reception(self, h48: WorkingCalendar) -> None:
        with pytest.raises(DeadlineError, match="bắt đầu trước khi tiếp nhận"):
            compute(h48, "3 working_day", "2026-03-02T09:00", pause("2026-03-02T08:59", None))

    def test_must_not_end_before_it_begins(self, h48: WorkingCalendar) -> None:
        with pytest.raises(DeadlineError, match=r"kết thúc .* trước khi bắt đầu"):
            compute(h48, "3 working_day", "2026-03-02T09:00", pause("2026-03-03T09:00", "2026-03-03T08:59"))


class TestDaysOfDifferentLength:
    """Saturday mornings: 270 minutes, the other days 480."""

    @pytest.fixture
    def calendar(self) -> WorkingCalendar:
        week = (FULL_DAY,) * 5 + (((420, 690),), ())
        first = date(2026, 1, 1)
        return Office(first, date(2026, 12, 31), ((first, week),)).calendar()

    @pytest.mark.parametrize(
        ("limit", "received", "due"),
        [
            ("1 working_day", "2026-03-06T09:00", "2026-03-07T09:00"),
            ("1 working_day", "2026-03-06T16:00", "2026-03-07T11:30"),  # Saturday has no such minute: its closing
            ("2 working_day", "2026-03-06T16:00", "2026-03-09T16:00"),
            ("1 working_day", "2026-03-07T09:00", "2026-03-09T09:00"),
            ("1 working_day", "2026-03-07T12:00", "2026-03-09T17:00"),
            ("0.5 working_day", "2026-03-07T07:00", "2026-03-07T09:15"),  # half of Saturday's 270 minutes
            ("0.5 working_day", "2026-03-06T15:00", "2026-03-07T08:08"),  # a quarter here, a quarter of Saturday
            ("8 working_hour", "2026-03-06T16:00", "2026-03-09T09:30"),
            ("1 calendar_day", "2026-03-06T16:00", "2026-03-09T17:00"),  # Saturday at 16:00 the office is shut
            ("same_day", "2026-03-07T09:00", "2026-03-07T11:30"),
            ("same_day", "2026-03-06T15:30", "2026-03-07T11:30"),
        ],
    )
    def test_answers(self, calendar: WorkingCalendar, limit: str, received: str, due: str) -> None:
        assert compute(calendar, limit, received).due_at == local(due)

    def test_an_end_in_the_afternoon_off_says_so(self, calendar: WorkingCalendar) -> None:
        assert "cơ quan không làm việc" in compute(calendar, "1 calendar_day", "2026-03-06T16:00").steps[-1].rule


class TestRange:
    @pytest.mark.parametrize(
        ("limit", "received"),
        [
            ("1 working_day", "2017-12-29T10:00"),
            ("1 working_day", "2028-01-03T10:00"),
            ("8 working_day", "2027-12-22T10:00"),
            ("80 working_hour", "2027-12-22T10:00"),
            ("10 calendar_day", "2027-12-24T10:00"),
            ("2 month", "2027-12-22T10:00"),
            ("1000 year", "2027-12-22T10:00"),
            ("same_day", "2027-12-31T15:10"),
            ("1 working_day", "2027-12-31T17:00"),
        ],
    )
    def test_beyond_the_calendar_is_an_error_not_a_guess(self, h48: WorkingCalendar, limit: str, received: str) -> None:
        with pytest.raises(CalendarRangeError, match=r"từ 01/01/2018 đến 31/12/2027; hãy công bố"):
            compute(h48, limit, received)

    def test_the_last_covered_minute_can_be_due(self, h48: WorkingCalendar) -> None:
        assert compute(h48, "1 working_day", "2027-12-31T07:00").due_at == local("2027-12-31T17:00")
        assert compute(h48, "8 working_hour", "2027-12-31T07:00").due_at == local("2027-12-31T17:00")

    def test_clock_hours_need_no_calendar(self, h48: WorkingCalendar) -> None:
        assert compute(h48, "24 clock_hour", "2030-01-01T10:00").due_at == local("2030-01-02T10:00")

    def test_naive_time_is_refused(self, h48: WorkingCalendar) -> None:
        with pytest.raises(WorktimeError, match="không có múi giờ"):
            compute_deadline(
                received_at=datetime(2026, 3, 2, 9), limit=Limit(Decimal(1), LimitUnit.WORKING_DAY), calendar=h48
            )


class TestSteps:
    def rules(self, deadline: Deadline) -> list[str]:
        return [step.rule for step in deadline.steps]

    def test_over_tet(self, h48: WorkingCalendar) -> None:
        deadline = compute(h48, "7 working_day", "2026-02-13T16:10")
        assert self.rules(deadline) == [
            "Tiếp nhận trong giờ làm việc: thời hạn tính từ 16:10 thứ Sáu 13/02/2026.",
            "Tính 50 phút làm việc, thứ Sáu 13/02/2026.",
            (
                "Không tính: ngày nghỉ hằng tuần (14/02/2026 đến 15/02/2026), Tết Nguyên đán (16/02/2026 đến 20/02/2026), "
                "ngày nghỉ hằng tuần (21/02/2026 đến 22/02/2026)."
            ),
            "Đếm ngày làm việc thứ 1 đến thứ 5: thứ Hai 23/02/2026 đến thứ Sáu 27/02/2026.",
            "Không tính: ngày nghỉ hằng tuần (28/02/2026 đến 01/03/2026).",
            (
                "Đếm ngày làm việc thứ 6 đến thứ 7: thứ Hai 02/03/2026 đến thứ Ba 03/03/2026; "
                "đủ thời hạn lúc 16:10 thứ Ba 03/03/2026."
            ),
        ]
        assert deadline.steps[2].basis == "Quyết định 188/1999/QĐ-TTg; Bộ luật Lao động 45/2019/QH14, Điều 112"

    def test_made_up_saturday_is_named(self, h48: WorkingCalendar) -> None:
        step = compute(h48, "3 working_day", "2026-08-20T09:00").steps[1]
        assert "kể cả thứ Bảy 22/08/2026 làm bù" in step.rule
        assert "9859/VPCP-KGVX" in step.basis

    def test_outside_hours(self, h48: WorkingCalendar) -> None:
        deadline = compute(h48, "4 working_hour", "2026-03-06T18:30")
        assert self.rules(deadline) == [
            (
                "Tiếp nhận ngoài giờ làm việc: thời hạn tính từ giờ mở cửa kế tiếp, 07:00 thứ Hai 09/03/2026. "
                "Không tính: ngày nghỉ hằng tuần (07/03/2026 đến 08/03/2026)."
            ),
            "Tính 4 giờ làm việc, thứ Hai 09/03/2026; đủ thời hạn lúc 11:00 thứ Hai 09/03/2026.",
        ]

    def test_one_day(self, h48: WorkingCalendar) -> None:
        assert self.rules(compute(h48, "1 working_day", "2026-03-03T07:00"))[1] == (
            "Đếm ngày làm việc thứ 1: thứ Ba 03/03/2026; đủ thời hạn lúc 17:00 thứ Ba 03/03/2026."
        )

    def test_fractions(self, h48: WorkingCalendar) -> None:
        assert self.rules(compute(h48, "7.5 working_day", "2026-03-02T07:00"))[-1] == (
            "Đếm ngày làm việc thứ 6 đến thứ 8: thứ Hai 09/03/2026 đến thứ Tư 11/03/2026, gồm phần lẻ 0,5 ngày; "
            "đủ thời hạn lúc 11:00 thứ Tư 11/03/2026."
        )
        assert self.rules(compute(h48, "0.5 working_day", "2026-03-02T07:10"))[-1] == (
            "Tính 4 giờ làm việc, thứ Hai 02/03/2026, gồm phần lẻ 0,5 ngày; đủ thời hạn lúc 11:10 thứ Hai 02/03/2026."
        )

    def test_same_day(self, h48: WorkingCalendar) -> None:
        before, after = (compute(h48, "same_day", f"2026-11-23T{time}").steps[-1] for time in ("14:59", "15:00"))
        assert before.rule == "Tính từ trước 15:00: trả trong ngày, đến hết giờ làm việc 17:00 thứ Hai 23/11/2026."
        assert after.rule == (
            "Tính từ 15:00 trở đi: trả trong ngày làm việc tiếp theo, đến 17:00 thứ Tư 25/11/2026. "
            "Không tính: Ngày Văn hóa Việt Nam (24/11/2026)."
        )
        assert after.basis.endswith("Nghị quyết 28/2026/QH16 (chờ xác nhận)")

    def test_civil_units(self, h48: WorkingCalendar) -> None:
        assert self.rules(compute(h48, "10 calendar_day", "2026-04-15T09:00"))[1:] == [
            "Cộng 10 ngày, kể cả ngày nghỉ: 09:00 thứ Bảy 25/04/2026.",
            (
                "Thời hạn kết thúc vào ngày nghỉ (09:00 thứ Bảy 25/04/2026): chuyển đến hết giờ làm việc, "
                "17:00 thứ Ba 28/04/2026. Không tính: ngày nghỉ hằng tuần (25/04/2026), Giỗ Tổ Hùng Vương (26/04/2026), "
                "Nghỉ bù Giỗ Tổ Hùng Vương (27/04/2026)."
            ),
        ]
        assert "không có ngày 31, lấy ngày cuối tháng" in compute(h48, "2 month", "2026-07-31T09:00").steps[1].rule
        assert (
            compute(h48, "1 year", "2026-03-16T09:00").steps[1].basis == "Bộ luật Dân sự 91/2015/QH13, Điều 148 khoản 4"
        )

    def test_clock_hours(self, h48: WorkingCalendar) -> None:
        assert self.rules(compute(h48, "24 clock_hour", "2026-03-07T20:00")) == [
            "Thời hạn tính liên tục bắt đầu ngay khi tiếp nhận: 20:00 thứ Bảy 07/03/2026.",
            "Cộng 24 giờ liên tục, kể cả ban đêm và ngày nghỉ: 20:00 Chủ nhật 08/03/2026.",
        ]

    def test_last_hour(self, h48: WorkingCalendar) -> None:
        step = compute(h48, "1 working_day", "2026-03-06T16:30", last_hour=True).steps[0]
        assert step.rule.startswith("Tiếp nhận trong giờ làm việc cuối cùng của ngày: tính như tiếp nhận lúc 07:00")
        assert step.basis.startswith("Nghị định 297/2025/NĐ-CP")

    def test_pause(self, h48: WorkingCalendar) -> None:
        stop = pause("2026-03-03T10:00", "2026-03-05T10:00", "chờ bổ sung")
        assert compute(h48, "3 working_day", "2026-03-02T09:00", stop).steps[-1].rule == (
            "Tạm dừng từ 10:00 thứ Ba 03/03/2026 đến 10:00 thứ Năm 05/03/2026 (chờ bổ sung): "
            "cộng thêm 16 giờ làm việc, đến 09:00 thứ Hai 09/03/2026. "
            "Không tính: ngày nghỉ hằng tuần (07/03/2026 đến 08/03/2026)."
        )

    def test_provisional_days_say_so(self, h48: WorkingCalendar) -> None:
        deadline = compute(h48, "3 working_day", "2027-02-03T09:00")
        assert any("dự kiến, chưa có thông báo" in step.basis for step in deadline.steps)

    def test_as_json(self, h48: WorkingCalendar) -> None:
        assert compute(h48, "1 calendar_day", "2026-03-02T10:00").to_dict() == {
            "due_at": "2026-03-03T10:00:00+07:00",
            "steps": [
                {
                    "from": "2026-03-02T10:00:00+07:00",
                    "to": "2026-03-02T10:00:00+07:00",
                    "rule": "Tiếp nhận trong giờ làm việc: thời hạn tính từ 10:00 thứ Hai 02/03/2026.",
                    "basis": "Nghị định 118/2025/NĐ-CP, Điều 17",
                },
                {
                    "from": "2026-03-02T10:00:00+07:00",
                    "to": "2026-03-03T10:00:00+07:00",
                    "rule": "Cộng 1 ngày, kể cả ngày nghỉ: 10:00 thứ Ba 03/03/2026.",
                    "basis": "Bộ luật Dân sự 91/2015/QH13, Điều 148 khoản 2",
                },
            ],
        }


def test_computing_twice_gives_equal_values(h48: WorkingCalendar) -> None:
    one, two = (compute(h48, "7 working_day", "2026-02-13T16:10") for _ in range(2))
    assert one == two == pickle.loads(pickle.dumps(one))  # noqa: S301 - our own bytes


def test_two_years_of_receptions_are_walks_over_office_minutes(h48: WorkingCalendar) -> None:
    """All office minutes of 2025 to 2027 in one list; N days of 480 minutes end at the N*480th after the start.

    Every 13th half-hour of two years, so that each hour of the day and each weekday has its turn.
    """
    from bisect import bisect_left

    ends: list[datetime] = []
    starts: list[datetime] = []
    day = date(2025, 1, 1)
    while day < date(2027, 12, 31):
        if h48.is_working_day(day):
            midnight = local(day.isoformat())
            instants = [midnight + timedelta(minutes=minute) for a, b in FULL_DAY for minute in range(a, b)]
            starts += instants
            ends += [instant + timedelta(minutes=1) for instant in instants]
        day += timedelta(days=1)
    received = local("2025-06-01")
    amounts = (1, 2, 3, 5, 7, 10, 15, 20, 30, 60)
    limits = [Limit(Decimal(amount), LimitUnit.WORKING_DAY) for amount in amounts]
    for turn, half_hour in enumerate(range(0, 730 * 48, 13)):
        at = received + timedelta(minutes=30) * half_hour
        limit = limits[turn % len(limits)]
        expected = ends[bisect_left(starts, at) + int(limit.amount) * 480 - 1]
        assert compute_deadline(received_at=at, limit=limit, calendar=h48).due_at == expected
