"""Rules of accounts and sign-in: values in, value out."""

import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tinhso.lib.text import canonical, fold

# Level-3 figures of TCVN 14423 and its companions: five failures, fifteen minutes.
FAILURE_LIMIT = 5
FAILURE_WINDOW = timedelta(minutes=15)
# One office often shares one address: a source may fail more often than an account before it has to wait.
SOURCE_FAILURE_LIMIT = 30
PASSWORD_MIN_WITH_SECOND_FACTOR = 8
PASSWORD_MIN_ALONE = 14
IDLE_ACCOUNT_AFTER = timedelta(days=45)
TOKEN_PREFIX = "tinhso_"  # noqa: S105 - a visible mark so that leaked tokens can be found by scanners


def session_level(*, asked: int, returned: int) -> int:
    """The level a session may use: never more than was asked for, never more than was returned."""
    return max(0, min(asked, returned))


def lockout_until(failures: Sequence[datetime], *, at: datetime, limit: int = FAILURE_LIMIT) -> datetime | None:
    """Until when signing in is refused, or None: `limit` failures within the window, counted from the latest one."""
    recent = sorted(moment for moment in failures if moment > at - FAILURE_WINDOW)
    if len(recent) < limit:
        return None
    return recent[-1] + FAILURE_WINDOW


def password_problem(password: str, *, has_second_factor: bool, names: Sequence[str] = ()) -> str | None:
    """What is wrong with a password, as a sentence, or None.

    Eight characters where a second factor stands beside it; fourteen of four classes where it stands alone.
    """
    if not has_second_factor:
        classes: list[Callable[[str], bool]] = [str.islower, str.isupper, str.isdecimal, _is_sign]
        if len(password) < PASSWORD_MIN_ALONE:
            return f"Mật khẩu phải có ít nhất {PASSWORD_MIN_ALONE} ký tự."
        if not all(any(is_class(character) for character in password) for is_class in classes):
            return "Mật khẩu phải có chữ thường, chữ hoa, chữ số và ký tự khác."
    if len(password) < PASSWORD_MIN_WITH_SECOND_FACTOR:
        return f"Mật khẩu phải có ít nhất {PASSWORD_MIN_WITH_SECOND_FACTOR} ký tự."
    if password.isdecimal():
        return "Mật khẩu không được chỉ gồm chữ số."
    typed = _letters(password)
    if any(len(_letters(name)) >= _SHORTEST_WORD and _letters(name) in typed for name in names):
        return "Mật khẩu không được chứa tên đăng nhập hoặc họ tên của bạn."
    return None


_SHORTEST_WORD = 4
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_NO_LETTER = re.compile(r"[^a-z0-9]")
# Figures and signs that people put for letters, and guessing programs too.
_FOR_LETTERS = str.maketrans("013457@$", "oieastas")


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", fold(text))


def unit_word(name: str, generic: Sequence[str]) -> str:
    """What is a unit's own in its name: «Ủy ban nhân dân xã Sơn Tịnh» → `son tinh`. «Tỉnh» is not «Tịnh»."""
    words = f" {canonical(name).casefold()} "
    for one in sorted({canonical(part).casefold() for part in generic}, key=len, reverse=True):
        words = words.replace(f" {one} ", " ")
    return fold(words)


def easy_word(password: str, words: Sequence[str]) -> str | None:
    """The first of the words, or the year, on which a password leans too much to be hard to guess; None when it does not.

    Each of them counts as one character; with them and what else there is, letters and figures, there must be as many as
    the shortest password has.
    """
    plain = _NO_LETTER.sub("", fold(password))
    read = _NO_LETTER.sub("", fold(password).translate(_FOR_LETTERS))
    counts = [_count_words(text, words) for text in dict.fromkeys((plain, read))]
    weak = [found for found, count in counts if found and count < PASSWORD_MIN_WITH_SECOND_FACTOR]
    return weak[0] if weak else None


def _count_words(text: str, words: Sequence[str]) -> tuple[str, int]:
    """(the first word found, how many characters the text counts for)."""
    first, found = "", 0
    for word in sorted(words, key=lambda one: -len(_letters(one))):
        key = _letters(word)
        if len(key) >= _SHORTEST_WORD and key in text:
            first, found, text = first or word, found + text.count(key), text.replace(key, " ")
    if year := _YEAR.search(text):
        first, found, text = first or year[0], found + len(_YEAR.findall(text)), _YEAR.sub(" ", text)
    return first, found + len(text.replace(" ", ""))


def _is_sign(character: str) -> bool:
    return not character.isalnum()


def username_key(username: str) -> str:
    """A name as failures are counted: hashed, so that a password typed into the name field is not kept."""
    return hashlib.sha256(username.strip().lower().encode()).hexdigest()


def new_token() -> str:
    """The text of a new machine token: a visible prefix and 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_digest(text: str) -> str:
    """What is stored of a token. Its 256 random bits need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
