"""Single values: instants in Vietnam's time as digits, flags as whatever the other side writes."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_STAMP, _DAY = "%Y%m%d%H%M%S", "%Y%m%d"
_TRUE, _FALSE = {"1", "true", "yes"}, {"", "0", "false", "no"}


class WireError(ValueError):
    """A value that is not of the form the portal's interface gives it."""


def stamp(at: datetime | None) -> str:
    """An instant as `yyyyMMddHHmmss` in Vietnam's time; nothing is the empty text. Parts of a second are dropped.

    Raises:
        WireError: an instant without a time zone, which could mean anything.
    """
    if at is None:
        return ""
    if at.tzinfo is None:
        raise WireError("an instant without a time zone")
    local = at.astimezone(ZONE)
    return f"{local.year:04d}{local:%m%d%H%M%S}"


def read_stamp(value: Any) -> datetime | None:
    """The instant of `yyyyMMddHHmmss`, or of a day alone (its midnight); None for nothing.

    Raises:
        WireError: anything else.
    """
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) in {8, 14}):
        raise WireError(f"not an instant: {text[:40]!r}")
    try:
        return datetime.strptime(text, _STAMP if len(text) == 14 else _DAY).replace(tzinfo=ZONE)
    except ValueError as error:
        raise WireError(f"not an instant: {text!r}") from error


def flag(value: bool) -> str:
    """A flag as we write it: `1` or `0`."""
    return "1" if value else "0"


def read_flag(value: Any) -> bool:
    """A flag as others write it: text or boolean or number; nothing is no.

    Raises:
        WireError: neither yes nor no.
    """
    if value is None or isinstance(value, bool):
        return bool(value)
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise WireError(f"neither yes nor no: {text[:40]!r}")


def read_number(value: Any) -> int:
    """A whole number written as text or number; nothing is zero.

    Raises:
        WireError: not a whole number.
    """
    text = "" if value is None else str(value).strip()
    try:
        return int(text or "0")
    except ValueError as error:
        raise WireError(f"not a number: {text[:40]!r}") from error


def read_text(value: Any) -> str:
    """A text; nothing is the empty text.

    Raises:
        WireError: a list or an object.
    """
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise WireError("a text was expected")
    return str(value)
