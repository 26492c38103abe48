"""Amounts in words: said as people say them, and read back to the same number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.lib.amounts import MOST, dong_in_words, in_words

_DIGITS = {
    word: number for number, word in enumerate(["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"])
}
_DIGITS |= {"mốt": 1, "lăm": 5}


def read(words: str) -> int:
    """The number behind the words, by a reader that knows nothing of how they were made."""
    high, billion, low = words.rpartition(" tỷ")
    if billion:
        return read(high) * 10**9 + (read(low.strip()) if low.strip() else 0)
    total, group, digit = 0, 0, 0
    for word in words.split():
        if word in _DIGITS:
            digit = _DIGITS[word]
        elif word == "trăm":
            group, digit = group + digit * 100, 0
        elif word == "mười":
            group += 10
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word in {"nghìn", "triệu"}:
            total, group, digit = total + (group + digit) * (1_000 if word == "nghìn" else 1_000_000), 0, 0
        else:
            assert word == "linh", word
    return total + group + digit


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (105, "một trăm linh năm"),
        (8_000, "tám nghìn"),
        (200_000, "hai trăm nghìn"),
        (1_205_015, "một triệu hai trăm linh năm nghìn không trăm mười lăm"),
        (2_000_000_001, "hai tỷ không trăm linh một"),
        (4_200_000_000_000, "bốn nghìn hai trăm tỷ"),
    ],
)
def test_said_as_people_say_it(amount: int, words: str) -> None:
    assert in_words(amount) == words


@given(st.integers(min_value=0, max_value=MOST))
def test_words_read_back_to_the_amount(amount: int) -> None:
    assert read(in_words(amount)) == amount


def test_amount_on_paper_begins_with_a_capital() -> None:
    assert dong_in_words(75_000) == "Bảy mươi lăm nghìn đồng"


@pytest.mark.parametrize("amount", [-1, MOST + 1])
def test_what_cannot_be_said_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        in_words(amount)
