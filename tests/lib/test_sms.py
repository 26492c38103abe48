"""How long a short message is: against a plain packer, and the figures everybody knows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.lib.sms import Alphabet, measure, without_marks
from tinhso.lib.wording import WordingError, fill, places

SEVEN = "abc XYZ 019 @£$é{}[]~|€\n"
ANY = SEVEN + "ạếỗưđ😀🏠"


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "segments"),
    [
        ("", Alphabet.GSM7, 0, 0),
        ("a" * 160, Alphabet.GSM7, 160, 1),
        ("a" * 161, Alphabet.GSM7, 161, 2),
        ("a" * 306, Alphabet.GSM7, 306, 2),
        ("a" * 307, Alphabet.GSM7, 307, 3),
        ("€" * 80, Alphabet.GSM7, 160, 1),
        ("a" * 152 + "€" + "a" * 10, Alphabet.GSM7, 164, 2),
        ("ồ" * 70, Alphabet.UCS2, 70, 1),
        ("ồ" * 71, Alphabet.UCS2, 71, 2),
        ("😀" * 35, Alphabet.UCS2, 70, 1),
        ("a" * 66 + "😀" + "a" * 66 + "ồ", Alphabet.UCS2, 135, 3),
    ],
)
def test_known_lengths(text: str, alphabet: Alphabet, units: int, segments: int) -> None:
    found = measure(text)
    assert (found.alphabet, found.units, found.segments) == (alphabet, units, segments)


def _packed(text: str) -> int:
    """Parts by the rule itself: encode letter by letter, start a new part where the next letter does not fit."""
    seven = all(letter in "{}[]~|€\\^\f" or letter in SEVEN or letter.isascii() for letter in text) and "`" not in text
    widths = [
        (2 if letter in "{}[]~|€\\^\f" else 1) if seven else len(letter.encode("utf-16-be")) // 2 for letter in text
    ]
    one, many = (160, 153) if seven else (70, 67)
    if sum(widths) <= one:
        return 1 if widths else 0
    parts, left = 1, many
    for width in widths:
        if width > left:
            parts, left = parts + 1, many
        left -= width
    return parts


@settings(max_examples=60)
@given(st.text(alphabet=ANY, max_size=500))
def test_parts_are_those_of_a_plain_packer(text: str) -> None:
    assert measure(text).segments == _packed(text)


@settings(max_examples=60)
@given(st.text(alphabet=ANY, max_size=300), st.text(alphabet=ANY, max_size=50))
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert measure(text + more).segments >= measure(text).segments


def test_vietnamese_without_marks_is_seven_bit() -> None:
    plain = without_marks("Hồ sơ đã có kết quả, ĐƯỢC trả – “mời” nhận")
    assert plain == 'Ho so da co ket qua, DUOC tra - "moi" nhan'
    assert measure(plain).alphabet is Alphabet.GSM7


def test_a_value_is_never_read_as_a_place() -> None:
    assert places("{a} và {b}, {a}") == ("a", "b")
    assert fill("{a}", {"a": "{b}"}) == "{b}"
    for wrong in ("{a", "a}", "{A}", "{a.b}"):
        with pytest.raises(WordingError):
            fill(wrong, {"a": ""})
    with pytest.raises(WordingError):
        fill("{a}", {})
