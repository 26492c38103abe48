"""The live numbers of the first page (số liệu công khai)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Number:
    """One number and what it means."""

    label: str
    value: str
    tone: str = ""
    note: str = ""


def public_numbers(at: datetime) -> list[Number]:
    """Nothing until the cases are counted."""
    return []
