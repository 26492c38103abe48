"""Parameters of which `make test` tries some and `make sweep` all (decision 0038)."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import pytest


def some_of(values: Iterable[Any], kept: Collection[Any]) -> list[Any]:
    """All `values` as parameters; those not among `kept` are left to the sweep."""
    values = list(values)
    assert set(kept) <= set(values), f"no such parameter: {set(kept) - set(values)}"
    return [value if value in kept else pytest.param(value, marks=pytest.mark.sweep) for value in values]


def every(step: int, values: Sequence[Any], *, name: Callable[[Any], str] | None = None) -> list[Any]:
    """All `values` (a tuple is several parameters); all but the first and every `step`th after it are left to the sweep."""
    made = []
    for number, value in enumerate(values):
        parts = value if isinstance(value, tuple) else (value,)
        marks = () if number % step == 0 else (pytest.mark.sweep,)
        made.append(pytest.param(*parts, marks=marks, id=name(value) if name else None))
    return made
