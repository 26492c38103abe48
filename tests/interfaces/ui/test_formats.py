"""How values are written for people."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tinhso.interfaces.ui import formats

AT = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)


def test_instants_are_written_on_the_clock_of_viet_nam() -> None:
    assert formats.format_datetime(AT) == "22/11/2026 14:05"
    assert formats.format_time(AT) == "14:05"
    assert formats.format_long(AT) == "14:05 Chủ nhật, 22/11/2026"


def test_an_instant_late_in_the_day_utc_is_the_next_day_here() -> None:
    assert formats.format_date(datetime(2026, 11, 22, 18, 0, tzinfo=UTC)) == "23/11/2026"
    assert formats.format_date(date(2026, 11, 22)) == "22/11/2026"


def test_an_instant_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="múi giờ"):
        formats.format_datetime(datetime(2026, 11, 22, 7, 5))


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, None, "0"), (999, None, "999"), (1000, None, "1.000"), (1250000, None, "1.250.000"),
        (-1234567, None, "-1.234.567"),
        (Decimal("98.7"), None, "98,7"), (12.5, 2, "12,50"), (Decimal("1234.5678"), 1, "1.234,6"),
        (Decimal("2.000"), None, "2"),
        (100, None, "100"),
    ],
)  # fmt: skip
def test_numbers_have_dot_groups_and_comma_decimals(value: float, decimals: int | None, text: str) -> None:
    assert formats.format_number(value, decimals) == text


def test_money_is_whole_dong() -> None:
    assert formats.format_money(1_250_000) == "1.250.000 ₫"
    assert formats.format_money(0) == "0 ₫"


def test_shares_and_sizes() -> None:
    assert formats.format_percent(Decimal("0.987")) == "98,7%"
    assert formats.format_percent(1, 0) == "100%"
    assert formats.format_size(812) == "812 B"
    assert formats.format_size(1_240_000) == "1,2 MB"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (1, "còn 1 phút làm việc"), (59, "còn 59 phút làm việc"), (60, "còn 1 giờ làm việc"),
        (479, "còn 7 giờ làm việc"),
        (480, "còn 1 ngày làm việc"), (660, "còn 1 ngày 3 giờ làm việc"), (3 * 480 + 200, "còn 3 ngày làm việc"),
        (-240, "quá hạn 4 giờ làm việc"), (-2 * 480, "quá hạn 2 ngày làm việc"), (0, "đến hạn ngay bây giờ"),
    ],
)  # fmt: skip
def test_time_left_is_said_in_words(minutes: int, text: str) -> None:
    assert formats.time_left(minutes) == text


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        (timedelta(seconds=20), "vừa xong"),
        (timedelta(minutes=5), "5 phút trước"),
        (timedelta(hours=3), "3 giờ trước"),
        (timedelta(days=2), "20/11/2026 14:05"),
    ],
)
def test_how_long_ago(gone: timedelta, text: str) -> None:
    assert formats.since(AT - gone, AT) == text
