"""`@flow`: work that talks with an outside system.

A flow records its intent (action), calls the provider with no transaction open, and records the outcome (action). It
refuses to start inside a transaction, because a call that waits must never hold locks.
"""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from tinhso.kernel.actions import in_transaction

P = ParamSpec("P")
R = TypeVar("R")

registry: dict[str, Callable[..., Any]] = {}


class FlowInsideTransaction(RuntimeError):
    """A flow was started inside a transaction (a programming error)."""


def flow(function: Callable[P, R]) -> Callable[P, R]:
    """Register a function as a flow."""
    name = f"{function.__module__.removeprefix('tinhso.apps.')}.{function.__name__}"

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if in_transaction():
            raise FlowInsideTransaction(name)
        return function(*args, **kwargs)

    registry[name] = wrapper
    return wrapper
