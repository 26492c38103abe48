"""What is tried: a reader of outside bytes, beginnings that it understands, and the refusals it declares."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """A reader: what it is given, what it may raise."""

    read: Callable[[bytes], Any]
    seeds: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...] = ()


def text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A reader of text as one of bytes."""
    return lambda data: read(data.decode("utf-8", "replace"))
