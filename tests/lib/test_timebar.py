"""The time bar says the same in colour, in width and in words."""

from datetime import UTC, datetime, timedelta

import pytest

from tinhso.interfaces.ui.timebar import stretches
from tinhso.lib.timebar import TimeBar, build_time_bar

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def minutes(begin: datetime, end: datetime) -> int:
    """An office that never closes."""
    return int((end - begin).total_seconds() // 60)


def after(count: int) -> datetime:
    return START + timedelta(minutes=count)


def bar(now: int, due: int | None = 1000, **more: object) -> TimeBar:
    return build_time_bar(
        start=START,
        now=after(now),
        due=None if due is None else after(due),
        minutes_between=minutes,
        **more,  # type: ignore[arg-type]  # the tests' own shorthand
    )


def test_used_time_is_green_while_much_is_left() -> None:
    found = bar(300)
    assert found.segments == (("ok", 30.0),)
    assert (found.state, found.left_minutes) == ("ok", 700)
    assert found.text == "Còn 1 ngày 3 giờ làm việc"


def test_the_last_quarter_is_amber() -> None:
    assert bar(749).state == "ok"
    assert bar(750).state == "soon"


def test_a_long_limit_turns_amber_two_days_before_its_end() -> None:
    assert bar(19_000, due=20_000).state == "ok"
    assert bar(19_040, due=20_000).state == "soon"


def test_overdue_fills_the_bar_in_red_and_says_by_how_much() -> None:
    found = bar(1240)
    assert found.segments == (("late", 100.0),)
    assert found.text == "Quá hạn 4 giờ làm việc"


def test_the_instant_of_the_deadline_is_not_overdue() -> None:
    assert bar(1000).state == "soon"
    assert bar(1000).text == "Đến hạn ngay bây giờ"


def test_after_closing_time_of_the_due_day_it_is_overdue_by_no_office_minute() -> None:
    due = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

    def closed_at_ten(begin: datetime, end: datetime) -> int:
        return minutes(min(begin, due), min(end, due))

    def of_evening(**more: object) -> TimeBar:
        evening = due + timedelta(hours=2)
        return build_time_bar(start=START, now=evening, due=due, minutes_between=closed_at_ten, **more)  # type: ignore[arg-type]

    assert (of_evening().state, of_evening().text) == ("late", "Vừa quá hạn")
    finished = of_evening(finished_at=due + timedelta(hours=1))
    assert (finished.state, finished.text) == ("late", "Xong trễ hạn, ngoài giờ làm việc")


def test_stopped_time_is_hatched_and_counted_apart() -> None:
    found = bar(500, pauses=[(after(200), after(320))])
    assert [kind for kind, _ in found.segments] == ["ok", "stop", "ok"]
    assert stretches(found)[1] == ("stop", "20.00%", "12.00%")
    assert found.stopped_minutes == 120
    assert found.text.startswith("Đã dừng 2 giờ · còn")


def test_an_open_pause_has_no_deadline_and_keeps_what_was_left() -> None:
    early = bar(300, due=None, limit_minutes=960, pauses=[(after(200), None)])
    late = bar(900, due=None, limit_minutes=960, pauses=[(after(200), None)])
    assert early.left_minutes == late.left_minutes == 760
    assert late.text == "Đang dừng, đã 1 ngày 3 giờ · còn 1 ngày 4 giờ làm việc"


def test_a_finished_case_says_how_it_ended() -> None:
    assert bar(5000, finished_at=after(880)).text == "Xong trước hạn 2 giờ làm việc"
    assert bar(5000, finished_at=after(880)).state == "done"
    assert bar(5000, finished_at=after(1120)).text == "Xong trễ hạn 2 giờ làm việc"
    assert bar(5000, finished_at=after(1000)).text == "Xong đúng hạn"


def test_a_bar_needs_an_end() -> None:
    with pytest.raises(ValueError, match="hạn"):
        bar(1, due=None)


def test_stretches_never_leave_the_bar() -> None:
    assert stretches(TimeBar("ok", "", (("ok", 70), ("stop", 60), ("ok", 5)))) == [
        ("ok", "0.00%", "70.00%"),
        ("stop", "70.00%", "30.00%"),
    ]
