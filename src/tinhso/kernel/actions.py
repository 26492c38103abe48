"""`@action`: the only way to change state.

An action is a keyword-only function with `actor` and `at`. The outermost call is one durable transaction; an action
called by another action joins it without a savepoint, so that a failure anywhere rolls everything back.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar, overload

from django.db import connection, transaction

from tinhso.kernel.crash import crash
from tinhso.kernel.errors import Forbidden
from tinhso.kernel.ownrows import lift

P = ParamSpec("P")
R = TypeVar("R")

registry: dict[str, Callable[..., Any]] = {}
_depth: ContextVar[int] = ContextVar("action_depth", default=0)
_failed: ContextVar[bool] = ContextVar("action_failed", default=False)
_remembered: ContextVar[dict[Any, Any] | None] = ContextVar("action_remembered", default=None)
_lasting: ContextVar[dict[Any, Any] | None] = ContextVar("lasting_facts", default=None)


class ActionMisuse(RuntimeError):
    """An action was declared or called in a way that breaks its guarantees (a programming error)."""


@overload
def action(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def action(*, inner: bool) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def action(
    function: Callable[P, R] | None = None, /, *, inner: bool = False
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as an action.

    `inner=True` marks an action that only runs inside another one, under that one's right.
    """
    if function is None:
        return lambda target: _wrap(target, inner=inner)
    return _wrap(function, inner=inner)


def _wrap(function: Callable[P, R], *, inner: bool) -> Callable[P, R]:
    name = f"{function.__module__.removeprefix('tinhso.apps.')}.{function.__name__}"
    _check_signature(function, name)

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if args:
            raise ActionMisuse(f"{name}: actions take keyword arguments only")
        if _depth.get():
            return _join(function, kwargs)
        if inner:
            raise ActionMisuse(f"{name} is an inner action: call it from an action")
        # durable=True also refuses to run under somebody else's atomic block, where "done" would not mean committed
        with transaction.atomic(durable=True):
            lift()
            result = _run_outermost(function, kwargs)
            crash(f"{function.__name__}:before_commit")
        crash(f"{function.__name__}:after_commit")
        return result

    wrapper.is_inner = inner  # type: ignore[attr-defined]  # read by the architecture tests
    registry[name] = wrapper
    return wrapper


def _check_signature(function: Callable[..., Any], name: str) -> None:
    parameters = inspect.signature(function).parameters
    if any(p.kind is not inspect.Parameter.KEYWORD_ONLY for p in parameters.values()):
        raise ActionMisuse(f"{name}: every parameter of an action is keyword-only")
    if not {"actor", "at"} <= parameters.keys():
        raise ActionMisuse(f"{name}: an action takes `actor` and `at`")


def _run_outermost(function: Callable[..., R], kwargs: dict[str, Any]) -> R:
    depth, failed, remembered = _depth.set(1), _failed.set(False), _remembered.set({})
    try:
        result = function(**kwargs)
        if _failed.get():
            raise ActionMisuse("an inner action failed and its error was swallowed")
        return result
    finally:
        _depth.reset(depth)
        _failed.reset(failed)
        _remembered.reset(remembered)


def _join(function: Callable[..., R], kwargs: dict[str, Any]) -> R:
    try:
        return function(**kwargs)
    except BaseException:
        _failed.set(True)
        raise


@contextmanager
def lasting_facts() -> Iterator[None]:
    """Keep what is remembered as lasting from one action to the next, for work of many actions in one process.

    What is published meanwhile is seen after the block: for a loader, or one page that only shows.
    """
    token = _lasting.set({})
    try:
        yield
    finally:
        _lasting.reset(token)


def remember(key: Any, read: Callable[[], R], *, lasting: bool = False) -> R:
    """What `read` gives, read once in the running action; outside an action it is read every time.

    For facts that one transaction asks for again and again and that it does not change itself: the calendar, the
    version of a procedure. `lasting` marks published reference data, which `lasting_facts` keeps for longer.
    """
    known = _lasting.get() if lasting else None
    if known is None:
        known = _remembered.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    found: R = known[key]
    return found


def lasting() -> dict[Any, Any] | None:
    """What is kept in the running block of `lasting_facts`; None outside one. For what may have to be forgotten in it."""
    return _lasting.get()


def in_action() -> bool:
    """Whether an action is running in this thread or task."""
    return _depth.get() > 0


def in_transaction() -> bool:
    """Whether a transaction block is open (the one a test case wraps around itself does not count)."""
    blocks = connection.atomic_blocks
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


def require(allowed: bool, message: str = "") -> None:
    """Refuse with `Forbidden` unless allowed."""
    if not allowed:
        raise Forbidden(message)
