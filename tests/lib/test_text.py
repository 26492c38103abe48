import itertools
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.lib.text import canonical, fold, sort_key, whole_number, words

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
vietnamese_text = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + "  -.,0123456789")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tỉnh Quảng Ngãi", "tinh quang ngai"),
        ("ĐẮK TÔ", "dak to"),
        ("Huyện Ia H' Drai", "huyen ia h' drai"),
        ("  Phường \u00a0Đức\tPhổ \n", "phuong duc pho"),
        ("Ðăk Hà", "dak ha"),  # capital eth, as old keyboards typed it
        ("x\u200bã", "xa"),  # zero-width space pasted from a web page
        ("1.013225", "1.013225"),
        ("", ""),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(vietnamese_text)
def test_vietnamese_folds_to_ascii_from_either_normal_form(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == fold(unicodedata.normalize("NFD", text)) == fold(text.upper())


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("hóa", "hoá"),
        ("Hòa", "Hoà"),
        ("khỏe", "khoẻ"),
        ("thủy", "thuỷ"),
        ("ĐẶNG THÙY TRÂM", "ĐẶNG THUỲ TRÂM"),
        ("ọe", "oẹ"),
    ],
)
def test_both_places_of_the_tone_mark_are_one_spelling(older: str, newer: str) -> None:
    assert fold(older) == fold(newer)
    assert canonical(newer) == canonical(older) == older
    assert sort_key(older) == sort_key(newer)


@pytest.mark.parametrize(
    "text", ["quý", "Quỷ", "hoàn", "toán", "khoẻn", "huỳnh", "của", "mùa", "ngoài", "Xã Ba Xa", "loẹt", "hoặc", "ngoặc"]
)
def test_canonical_leaves_spellings_that_have_one_form(text: str) -> None:
    assert canonical(text) == text


@given(vietnamese_text)
def test_canonical_is_stable_and_changes_no_letter(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once == canonical(unicodedata.normalize("NFD", text))
    assert fold(once) == fold(text)


def test_canonical_keeps_different_names_apart() -> None:
    assert canonical("Hòa") != canonical("Họa")
    assert canonical("Đăk") != canonical("Đắk")


def test_letters_sort_in_the_order_of_the_alphabet() -> None:
    alphabet = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
    assert sorted(set(alphabet), key=sort_key) == alphabet


def test_tones_sort_after_letters_and_in_dictionary_order() -> None:
    assert sorted(["bạ", "bá", "bã", "bả", "bà", "ba", "bac", "bă"], key=sort_key) == [
        "ba", "bà", "bả", "bã", "bá", "bạ", "bac", "bă",
    ]  # fmt: skip


def test_names_sort_syllable_by_syllable() -> None:
    names = [
        "Hạ An",
        "Hà Bình",
        "Hà An",
        "Đà Nẵng",
        "Dung Quất",
        "Đak Pxi",
        "Đăk Hà",
        "Phường 10",
        "Phường 2",
        "Ân Hảo",
        "An Phú",
    ]
    assert sorted(names, key=sort_key) == [
        "An Phú", "Ân Hảo", "Dung Quất", "Đà Nẵng", "Đak Pxi", "Đăk Hà", "Hà An", "Hà Bình", "Hạ An",
        "Phường 2", "Phường 10",
    ]  # fmt: skip


@given(vietnamese_text)
def test_sort_key_ignores_case_and_normal_form(text: str) -> None:
    assert sort_key(text) == sort_key(text.upper()) == sort_key(unicodedata.normalize("NFD", text))
    assert sort_key(text).isascii()


syllables = st.text(alphabet=VIETNAMESE, min_size=1, max_size=6)


@given(st.lists(syllables, min_size=1, max_size=4), st.lists(syllables, min_size=1, max_size=4))
def test_sort_key_agrees_with_comparing_letters_then_tones_of_each_syllable(left: list[str], right: list[str]) -> None:
    assert (sort_key(" ".join(left)) < sort_key(" ".join(right))) == (slow_key(left) < slow_key(right))


def slow_key(name: list[str]) -> list[tuple[list[int], list[int]]]:
    """The same order written the plain way: rank of each letter, then the tones that are there."""
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
    key = []
    for syllable in name:
        ranks, tones = [], []
        for char in syllable:
            parts = unicodedata.normalize("NFD", char)
            tone = [m for m in parts if m in "\u0300\u0309\u0303\u0301\u0323"]
            ranks.append(letters.index(unicodedata.normalize("NFC", "".join(p for p in parts if p not in tone))))
            tones += ["\u0300\u0309\u0303\u0301\u0323".index(m) for m in tone]
        key.append((ranks, tones))
    return key


def test_words() -> None:
    assert words("Cấp giấy phép xây dựng (nhà ở) – 1.013225") == [
        "cap",
        "giay",
        "phep",
        "xay",
        "dung",
        "nha",
        "o",
        "1",
        "013225",
    ]
    assert words(" – ") == []


@given(st.text())
def test_words_are_folded_and_in_order(text: str) -> None:
    found = words(text)
    assert all(fold(w) == w for w in found)
    position = 0
    for word in found:
        position = fold(text).index(word, position) + len(word)


def test_every_pair_of_vowels_differs_in_sort_key() -> None:
    keys = [sort_key(c) for c in VIETNAMESE]
    assert all(a != b for a, b in itertools.combinations(keys, 2))


@given(st.text(alphabet="0123456789²٣-+. ", max_size=30) | st.integers(min_value=0).map(str))
def test_a_whole_number_is_one_that_the_database_takes_or_none(typed: str) -> None:
    found = whole_number(typed)
    if found is None:
        assert not re.fullmatch("[0-9]{1,18}", typed)
    else:
        assert 0 <= found < 2**63
        assert int(typed) == found
