"""Biểu thức điều kiện (CEL expressions): compiled once, bounded, and never able to bring a request down.

CEL has no loops and no side effects; what could still cost time is bounded before compiling: length, nesting of
brackets, nesting of list macros. Lists in answers are bounded by the form (`MAX_ROWS`).
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from tinhso.lib.forms.celmodule import cel
from tinhso.lib.forms.tokens import TokenError, bracket_depth, macro_depth, tokenize

MAX_LENGTH = 1000
MAX_BRACKETS = 24
MAX_MACROS = 2


class ExpressionError(ValueError):
    """Biểu thức không viết đúng hoặc không tính được (an expression that cannot be compiled or evaluated)."""


def years_between(start: object, end: object) -> int | None:
    """Full years from one ISO date to another (age); null when either is missing or no full date."""
    first, last = _iso(start), _iso(end)
    if first is None or last is None:
        return None
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def days_between(start: object, end: object) -> int | None:
    """Days from one ISO date to another, negative when the second is earlier; null when either is missing."""
    first, last = _iso(start), _iso(end)
    return None if first is None or last is None else (last - first).days


def total(values: object) -> int | float:
    """Sum of the numbers of a list; whatever is no number counts as nothing."""
    items: Iterable[object] = values if isinstance(values, list) else []
    return sum(item for item in items if isinstance(item, int | float) and not isinstance(item, bool))


def ceil(value: object) -> int | None:
    """The next whole number upwards; null when it is no number."""
    if isinstance(value, int | float) and math.isfinite(value):
        return math.ceil(value)
    return None


def _iso(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


# They answer null instead of raising: an exception inside a function is printed to the error stream by the evaluator.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "years_between": years_between,
    "days_between": days_between,
    "total": total,
    "ceil": ceil,
}


class Context:
    """Những gì biểu thức thấy (the values an expression may name), converted once for many expressions."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._inner = cel.Context(variables=dict(variables), functions=dict(FUNCTIONS))

    def set(self, name: str, value: Any) -> None:
        """Add or replace one variable."""
        self._inner.add_variable(name, value)

    @property
    def inner(self) -> cel.Context:
        return self._inner


@dataclass(frozen=True, slots=True)
class Expression:
    """Một biểu thức đã biên dịch (a compiled expression); make it with `compile_expression`."""

    source: str
    program: cel.Program = field(compare=False, repr=False)

    def evaluate(self, context: Context | Mapping[str, Any]) -> Any:
        """The value of the expression.

        Raises:
            ExpressionError: a name is missing, types do not fit, division by zero, overflow.
        """
        if not isinstance(context, Context):
            context = Context(context)
        try:
            return self.program.execute(context.inner)
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise ExpressionError(f"Không tính được biểu thức “{self.source}”: {error}") from error

    def holds(self, context: Context | Mapping[str, Any]) -> bool:
        """True only if the expression is true; what cannot be computed (an answer still missing) does not hold."""
        try:
            return self.evaluate(context) is True
        except ExpressionError:
            return False


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """Biên dịch biểu thức (compile a CEL expression; the same text is compiled once per process).

    Raises:
        ExpressionError: not CEL, or larger than the bounds of this module.
    """
    if not source.strip():
        raise ExpressionError("Biểu thức để trống.")
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"Biểu thức dài quá {MAX_LENGTH} ký tự.")
    try:
        tokens = tokenize(source)
        if bracket_depth(tokens) > MAX_BRACKETS:
            raise ExpressionError(f"Biểu thức lồng quá {MAX_BRACKETS} lớp ngoặc.")
        if macro_depth(tokens) > MAX_MACROS:
            raise ExpressionError(f"Biểu thức lồng quá {MAX_MACROS} phép duyệt danh sách.")
        return Expression(source, cel.compile(source))
    except (TokenError, ValueError, RuntimeError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError(f"Biểu thức “{source}” viết không đúng: {error}") from error
