"""Rows made once and put back later, so that tests need not build the same world again and again.

The rows come from the real actions; only their repetition is a copy. Numbers of rows stay what they were, which is safe
because sequences never go back within a run.
"""

import copy
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, Self, TypeVar

from django.db import connection

Rows = dict[str, bytes]
T = TypeVar("T")

_remembered: dict[Hashable, tuple[Any, Rows]] = {}


def remembered(key: Hashable, build: Callable[[], T]) -> T:
    """What `build` makes and returns, made once a run: later calls put the rows back and return a copy of the value.

    In a database where something has been recorded already it is built step by step, as the first time.
    """
    if not is_untouched():
        return build()
    if key in _remembered:
        value, rows = _remembered[key]
        restore(rows)
        return copy.deepcopy(value)  # type: ignore[no-any-return]  # kept under the key of the function that made it
    with Recorder() as recorder:
        made = build()
    _remembered[key] = copy.deepcopy(made), recorder.rows
    return made


# Tables that the world fills. A test that has put rows of its own into one of them gets its world built, not copied:
# what is remembered must be whole.
FILLED = ("audit_entry", "accounts_account", "calendars_calendarversion", "directory_unit", "procedures_procedure")


def is_untouched() -> bool:
    """Whether nothing that the world brings is in the present database yet."""
    return not any(_has_rows(table) for table in FILLED)


class Recorder:
    """Remembers what is written inside its block: the whole content of every table that was empty before."""

    def __init__(self) -> None:
        self.rows: Rows = {}

    def __enter__(self) -> Self:
        self._empty = [table for table in connection.introspection.table_names() if not _has_rows(table)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.rows = {table: _dump(table) for table in self._empty if _has_rows(table)}


def restore(rows: Rows) -> None:
    """Put remembered rows back into empty tables."""
    with connection.cursor() as cursor:
        # Rows go in by table, not in the order of their references; they were consistent when they were read.
        cursor.execute("SET session_replication_role = replica")
        for table, content in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copy:
                copy.write(content)
        cursor.execute("RESET session_replication_role")


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}")')  # noqa: S608 - a table of ours, by introspection
        return bool(cursor.fetchone()[0])


def _dump(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
        return b"".join(bytes(part) for part in copy)
