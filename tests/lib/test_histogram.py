"""Percentiles from boxes: right to the width of a box, whatever was counted, and sums lose nothing."""

from hypothesis import given
from hypothesis import strategies as st

from tinhso.lib.histogram import BOUNDS_US, BOXES, added, box_of, counted, empty, percentile_ms

durations = st.lists(st.integers(0, 120_000_000), min_size=1, max_size=60)


@given(durations, st.floats(0.01, 1.0))
def test_a_percentile_lies_in_the_box_of_the_true_one(found: list[int], share: float) -> None:
    told = percentile_ms(counted(found), share)
    place = next(number for number in range(len(found)) if (number + 1) >= share * len(found) - 1e-9)
    true = box_of(sorted(found)[place])
    assert told is not None
    low = BOUNDS_US[true - 1] if true else 0
    high = BOUNDS_US[true] if true < len(BOUNDS_US) else low
    assert low <= round(told * 1_000) <= high


@given(durations, durations)
def test_a_sum_of_histograms_is_the_histogram_of_all(one: list[int], other: list[int]) -> None:
    assert added(counted(one), counted(other)) == counted([*one, *other])


@given(durations)
def test_higher_shares_are_never_quicker(found: list[int]) -> None:
    histogram = counted(found)
    told = [percentile_ms(histogram, share) or 0.0 for share in (0.1, 0.5, 0.95, 1.0)]
    assert told == sorted(told)


def test_bounds_belong_to_the_box_above_and_nothing_has_no_percentile() -> None:
    assert [box_of(0), box_of(999), box_of(1_000), box_of(10**9)] == [0, 0, 1, BOXES - 1]
    assert percentile_ms(empty(), 0.5) is None
    assert percentile_ms(counted([10**9]), 0.5) == BOUNDS_US[-1] / 1_000
