"""Amounts of money in Vietnamese words (số tiền bằng chữ), as papers of account say them."""

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu")
_BILLION = 1_000_000_000
MOST = 10**18 - 1


def in_words(amount: int) -> str:
    """A whole number from 0 to 10^18 - 1 in words: 1_205_015 → "một triệu hai trăm linh năm nghìn không trăm mười lăm".

    Hundreds inside a number are always said ("không trăm"), so that nothing can be written in between.

    Raises:
        ValueError: negative or too large.
    """
    if not 0 <= amount <= MOST:
        raise ValueError(f"{amount} is outside of what can be said")
    if amount == 0:
        return _DIGITS[0]
    high, low = divmod(amount, _BILLION)
    if high == 0:
        return _below_billion(low, leading=True)
    said = f"{_below_billion(high, leading=True)} tỷ"
    return f"{said} {_below_billion(low, leading=False)}" if low else said


def dong(amount: int) -> str:
    """An amount of đồng in figures, as it is read on screen and paper: "1.200.000 đồng"."""
    return f"{amount:,} đồng".replace(",", ".")


def dong_in_words(amount: int) -> str:
    """An amount of đồng as it is printed: "Hai trăm nghìn đồng"."""
    said = in_words(amount)
    return f"{said[0].upper()}{said[1:]} đồng"


def _below_billion(number: int, *, leading: bool) -> str:
    words: list[str] = []
    for scale in (2, 1, 0):
        group = number // 1000**scale % 1000
        if group:
            words += [*_group(group, whole=bool(words) or not leading), *([_SCALES[scale]] if scale else [])]
    return " ".join(words)


def _group(number: int, *, whole: bool) -> list[str]:
    """Three digits; `whole`: something stands before them, so that a missing hundred is said."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    words: list[str] = []
    if hundreds or whole:
        words += [_DIGITS[hundreds], "trăm"]
    if tens == 0:
        return words + ((["linh"] if words else []) + [_DIGITS[ones]] if ones else [])
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones == 1 and tens > 1:
        return [*words, "mốt"]
    if ones == 5:
        return [*words, "lăm"]
    return [*words, _DIGITS[ones]] if ones else words
