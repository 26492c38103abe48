"""Sentences with named places, `{code}`: which places a text has, and the text with values in them."""

import re
from collections.abc import Mapping
from functools import lru_cache

_PLACE = re.compile(r"\{([a-z_]+)\}")
_STRAY = re.compile(r"[{}]")


class WordingError(ValueError):
    """A text has a brace that names no place, or a place without a value."""


@lru_cache(maxsize=1024)  # templates are few and filled thousands of times
def places(text: str) -> tuple[str, ...]:
    """The names in a text, each once, in order.

    Raises:
        WordingError: a brace stands alone.
    """
    if _STRAY.search(_PLACE.sub("", text)):
        raise WordingError("dấu ngoặc nhọn không đúng")
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; a value is put in as it is and never read as a place itself.

    Raises:
        WordingError: a brace stands alone, or a place has no value.
    """
    missing = [name for name in places(text) if name not in values]
    if missing:
        raise WordingError(f"thiếu giá trị: {', '.join(missing)}")
    return _PLACE.sub(lambda found: values[found[1]], text)
