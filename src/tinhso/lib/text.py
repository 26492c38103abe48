"""Vietnamese text for searching, sorting and comparing (gấp dấu, xếp theo bảng chữ cái).

Vietnamese reaches us composed (NFC) or decomposed (NFD), with the tone mark in the older place (hóa, thủy) or
the newer one (hoá, thuỷ), and often without any mark at all. These functions take all of them for the same text.

    fold("Hoà  Đông") == "hoa dong"            for searching
    canonical("Hoà Đông") == "Hòa Đông"        for comparing names from two sources
    sorted(names, key=sort_key)                for people: a ă â b c d đ e ê ..., tones last
"""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
_SORTED_TOKEN = re.compile(r"\d+|[^\W\d_]+")

# Letters that carry a stroke instead of a combining mark. U+00D0/U+00F0 (eth) stand in for Đ/đ in old keyboards' files.
_STROKES = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o"})
_ETH = str.maketrans({"ð": "đ"})

# Order of the tones in Vietnamese dictionaries: none, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# Marks that make another letter of the alphabet: a < ă < â, e < ê, o < ô < ơ, u < ư.
_LETTER_MARKS = {"\u0306": "1", "\u0302": "2", "\u031b": "3"}

# The only syllables where both places of the tone mark are in use: open oa, oe, uy. After q the u belongs to the
# consonant, so "quý" has one spelling.
_LATE_TONE = re.compile(
    # A dot below comes before breve and circumflex in NFD: without excluding marks here "hoặc" would become "họăc".
    r"(?<![qQ])(?P<first>[oOuU])(?P<second>[aAeEyY])(?P<tone>[\u0300\u0301\u0303\u0309\u0323])(?![\w\u0300-\u036f])"
)
_LATE_PAIRS = frozenset({"oa", "oe", "uy"})


def whole_number(text: str, *, digits: int = 18) -> int | None:
    """A whole number from 0 that the database takes, in at most so many plain digits; nothing where it is none.

    `isdigit` takes figures that `int` does not know ("²"), and `int` refuses thousands of them.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= min(digits, 18) else None


def fold(text: str) -> str:
    """Return `text` in lower case, without diacritics, đ as d, runs of space as one space.

    Folding twice changes nothing; NFC and NFD give the same answer, and so do both places of a tone mark.
    """
    folded = text
    while True:  # compatibility forms can hide capitals or further marks; two rounds are enough for nearly all text
        decomposed = unicodedata.normalize("NFKD", folded.casefold())
        stripped = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf"}).translate(_STROKES)
        stripped = _SPACE.sub(" ", stripped).strip()
        if stripped == folded:
            return stripped
        folded = stripped


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order: runs of letters and digits, everything else separates them."""
    return _WORD.findall(fold(text))


def canonical(text: str) -> str:
    """Return `text` as NFC with single spaces and the tone mark in the older place (Hoà -> Hòa), case kept.

    Two spellings of one name are equal after this; two different names stay different.
    """
    spaced = _SPACE.sub(" ", text).strip()
    return unicodedata.normalize("NFC", _LATE_TONE.sub(_move_tone, unicodedata.normalize("NFD", spaced)))


def _move_tone(match: re.Match[str]) -> str:
    first, second, tone = match["first"], match["second"], match["tone"]
    if (first + second).lower() not in _LATE_PAIRS:
        return match[0]
    return first + tone + second


def sort_key(text: str) -> str:
    """Return a key that sorts as Vietnamese dictionaries do, syllable by syllable, by plain comparison of strings.

    Letters decide first (đ after d, ă and â after a), then the tone of the syllable, then the next syllable. Numbers
    compare by value (Phường 2 before Phường 10). Case and punctuation do not count. The key is ASCII for Vietnamese
    text, so a database column with collation "C" sorts alike.
    """
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold()).translate(_ETH)
    return " ".join(_syllable_key(token) for token in _SORTED_TOKEN.findall(composed))


def _syllable_key(token: str) -> str:
    if token.isdigit():
        value = token.lstrip("0") or "0"
        # The length goes first, so that longer numbers are larger; digits come before letters.
        return f"0{len(value):04d}{value}"
    letters: list[str] = []
    tones: list[str] = []
    for char in token:
        base, marks = _letter_and_marks(char)
        variant = next((_LETTER_MARKS[m] for m in marks if m in _LETTER_MARKS), "0")
        if base == "đ":
            base, variant = "d", "1"
        letters.append(base + variant)
        tones.extend(_TONES[m] for m in marks if m in _TONES)
    return "".join(letters) + "!" + "".join(tones)


def _letter_and_marks(char: str) -> tuple[str, str]:
    decomposed = unicodedata.normalize("NFD", char)
    return decomposed[0], decomposed[1:]
