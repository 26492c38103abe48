"""The word for the next page of a list reads back, and one that is none of ours is refused in words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.kernel.keyset import CursorNotOurs, decode_cursor, encode_cursor


@given(st.none() | st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**62 - 1))
def test_it_reads_back(at: datetime | None, last_id: int) -> None:
    assert decode_cursor(encode_cursor(at, last_id)) == (at, last_id)


@given(st.text(max_size=40))
def test_anything_else_is_refused(text: str) -> None:
    try:
        found = decode_cursor(text)
    except CursorNotOurs:
        return
    assert found[1] >= 0


@pytest.mark.parametrize(
    "text", ["", "x", "!!", "W10", "WyIiLCAtMV0", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwgMV0", "WyIiLCAxZTQwMF0"]
)
def test_none_of_these_is_ours(text: str) -> None:
    with pytest.raises(CursorNotOurs, match="mở lại danh sách"):
        decode_cursor(text)
