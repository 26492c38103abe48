"""The time bar says the same in colour, in width and in words."""

from datetime import UTC, datetime, timedelta

import pytest

from tinhso.interfaces.ui.timebar import Segment, TimeBar, build_time_bar

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
    assert found.segments == (Segment("ok", "0.00%", "30.00%"),)
    assert (found.tone, found.left_minutes) == ("ok", 700)
    assert found.label == "Còn 1 ngày 3 giờ làm việc"


def test_the_last_quarter_is_amber() -> None:
    assert bar(749).tone == "ok"
    assert bar(750).tone == "soon"


def test_a_long_limit_turns_amber_two_days_before_its_end() -> None:
    assert bar(19_000, due=20_000).tone == "ok"
    assert bar(19_040, due=20_000).tone == "soon"


def test_overdue_fills_the_bar_in_red_and_says_by_how_much() -> None:
    found = bar(1240)
    assert found.segments == (Segment("late", "0.00%", "100.00%"),)
    assert found.label == "Quá hạn 4 giờ làm việc"


def test_the_instant_of_the_deadline_is_not_overdue() -> None:
    assert bar(1000).tone == "soon"
    assert bar(1000).label == "Đến hạn ngay bây giờ"


def test_stopped_time_is_hatched_and_counted_apart() -> None:
    found = bar(500, pauses=[(after(200), after(320))])
    assert [segment.kind for segment in found.segments] == ["ok", "stop", "ok"]
    assert found.segments[1] == Segment("stop", "20.00%", "12.00%")
    assert found.stopped_minutes == 120
    assert found.label.startswith("Đã dừng 2 giờ · còn")


def test_an_open_pause_has_no_deadline_and_keeps_what_was_left() -> None:
    early = bar(300, due=None, limit_minutes=960, pauses=[(after(200), None)])
    late = bar(900, due=None, limit_minutes=960, pauses=[(after(200), None)])
    assert early.left_minutes == late.left_minutes == 760
    assert late.label == "Đang dừng, đã 1 ngày 3 giờ · còn 1 ngày 4 giờ làm việc"


def test_a_finished_case_says_how_it_ended() -> None:
    assert bar(5000, finished_at=after(880)).label == "Xong trước hạn 2 giờ làm việc"
    assert bar(5000, finished_at=after(880)).tone == "ok"
    assert bar(5000, finished_at=after(1120)).label == "Xong trễ hạn 2 giờ làm việc"
    assert bar(5000, finished_at=after(1000)).label == "Xong đúng hạn"


def test_a_bar_needs_an_end() -> None:
    with pytest.raises(ValueError, match="hạn"):
        bar(1, due=None)
