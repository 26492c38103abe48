"""How long a short message is on the air: its alphabet, its units, and in how many parts it is sent and paid.

3GPP TS 23.038: the seven-bit alphabet carries 160 letters in one part, 153 in each of several; a letter of its extension
table takes two places and is never split. Any other letter makes the whole message UCS-2: 70 units in one part, 67 in each of
several, and a pair of surrogates is never split. Vietnamese with all its marks is UCS-2; without them it is seven-bit.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_TYPOGRAPHY = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "’": "'",
        "\u2018": "'",
        "“": '"',
        "”": '"',
        "…": "...",
        "•": "-",
        "đ": "d",
        "Đ": "D",
        "₫": "d",
    }
)


class _Marks(dict[int, int | None]):
    """What a letter becomes when marks fall away: nothing for a mark, itself otherwise; each looked at once."""

    def __missing__(self, letter: int) -> int | None:
        found = self[letter] = None if unicodedata.combining(chr(letter)) else letter
        return found


_MARKS = _Marks()


class Alphabet(StrEnum):
    """With which alphabet a message is sent (bảng mã)."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_ONE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
_MANY = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}


@dataclass(frozen=True, slots=True)
class Length:
    """A message's length: `units` places of its alphabet, sent as `segments` parts; none for an empty text."""

    alphabet: Alphabet
    units: int
    segments: int


def measure(text: str) -> Length:
    """How long a text is as a short message (độ dài tin nhắn)."""
    is_seven_bit = all(letter in _BASIC or letter in _EXTENSION for letter in text)
    alphabet = Alphabet.GSM7 if is_seven_bit else Alphabet.UCS2
    widths = [_width(letter, alphabet) for letter in text]
    units = sum(widths)
    if units <= _ONE[alphabet]:
        return Length(alphabet, units, 1 if units else 0)
    room, segments, filled = _MANY[alphabet], 1, 0
    for width in widths:
        if filled + width > room:
            segments, filled = segments + 1, 0
        filled += width
    return Length(alphabet, units, segments)


def without_marks(text: str) -> str:
    """Vietnamese without its marks, in small and capital letters as it was (tiếng Việt không dấu)."""
    spread = unicodedata.normalize("NFD", text.translate(_TYPOGRAPHY))
    return unicodedata.normalize("NFC", spread.translate(_MARKS))


def _width(letter: str, alphabet: Alphabet) -> int:
    if alphabet is Alphabet.GSM7:
        return 2 if letter in _EXTENSION else 1
    return 2 if ord(letter) > 0xFFFF else 1
