"""What is tried: a reader of outside bytes, beginnings that it understands, and the refusals it declares."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """A reader: what it is given, what it may raise; `tries`: how many inputs the suite can afford.

    Beginnings that cost something to make are made when they are first asked for.
    """

    read: Callable[[bytes], Any]
    seeds: tuple[bytes, ...] | Callable[[], tuple[bytes, ...]]
    refusals: tuple[type[Exception], ...] = ()
    tries: int = 150

    @property
    def beginnings(self) -> tuple[bytes, ...]:
        """The seeds, made if need be."""
        return self.seeds() if callable(self.seeds) else self.seeds


def text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A reader of text as one of bytes."""
    return lambda data: read(data.decode("utf-8", "replace"))
