"""Where the next page of a list begins: the last row's instant and number, as one word for addresses (keyset paging)."""

import base64
import json
from datetime import datetime

from tinhso.kernel.errors import Invalid
from tinhso.lib.jsontext import read_json

_GREATEST = 2**62


class CursorNotOurs(Invalid):
    """Vị trí trang không hợp lệ, mời mở lại danh sách từ đầu."""


def encode_cursor(at: datetime | None, last_id: int) -> str:
    """The word for a row: its instant (aware), where the list is sorted by one, and its number."""
    value = json.dumps([at.isoformat() if at else "", last_id])
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime | None, int]:
    """What `encode_cursor` was given.

    Raises:
        CursorNotOurs: it never was.
    """
    try:
        text, number = read_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        at, last_id = datetime.fromisoformat(text) if text else None, int(number)
    except (ValueError, TypeError, OverflowError) as error:
        raise CursorNotOurs from error
    if (at is not None and at.tzinfo is None) or not 0 <= last_id < _GREATEST:
        raise CursorNotOurs
    return at, last_id
