"""Rows made once and put back later, so that tests need not build the same world again and again.

The rows come from the real actions; only their repetition is a copy. Numbers of rows stay what they were, which is safe
because sequences never go back within a run.
"""

import itertools
import pickle
from collections.abc import Callable, Hashable, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
from django.db import connection
from psycopg import sql

Rows = dict[str, bytes]
T = TypeVar("T")

_remembered: dict[Hashable, tuple[bytes, str]] = {}
_numbers = itertools.count(1)


def remembered(key: Hashable, build: Callable[[], T]) -> T:
    """What `build` makes and returns, made once a run: later calls put the rows back and return a copy of the value.

    In a database where something has been recorded already it is built step by step, as the first time.
    """
    if not is_untouched():
        return build()
    if key in _remembered:
        value, put_back = _remembered[key]
        with connection.cursor() as cursor:
            cursor.execute(put_back)
        return pickle.loads(value)  # type: ignore[no-any-return]  # noqa: S301 - of our own making, kept under its key
    with Recorder() as recorder:
        made = build()
    _remembered[key] = pickle.dumps(made), _laid_aside(recorder.rows)
    return made


# Tables that the world fills. A test that has put rows of its own into one of them gets its world built, not copied:
# what is remembered must be whole.
FILLED = ("audit_entry", "accounts_account", "calendars_calendarversion", "directory_unit", "procedures_procedure")


def is_untouched() -> bool:
    """Whether nothing that the world brings is in the present database yet."""
    return not _filled(FILLED)


class Recorder:
    """Remembers what is written inside its block: the whole content of every table that was empty before."""

    def __init__(self) -> None:
        self.rows: Rows = {}

    def __enter__(self) -> Self:
        with connection.cursor() as cursor:  # a table in parts is put back as the whole it is
            found = connection.introspection.get_table_list(cursor)
        tables = [table.name for table in found if table.type == "t"]
        filled = _filled(tables)
        self._empty = [table for table in tables if table not in filled]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            filled = _filled(self._empty)
            self.rows = {table: _dump(table) for table in self._empty if table in filled}


def _laid_aside(rows: Rows) -> str:
    """Lay rows into tables of their own beside the real ones; returns the statements that put them back from there.

    Sent anew by every test, large values would be parsed and packed by the database each time: most of a test's time.
    """
    schema = f"remembered_{next(_numbers)}"
    statements = ["SET session_replication_role = replica"]  # by table, not in the order of references: they are whole
    # A connection of its own, because what the present test does is taken back at its end.
    with psycopg.connect(**database_address()) as beside:
        beside.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        for table, content in rows.items():
            names = sql.SQL(", ").join(map(sql.Identifier, _columns(table)))
            aside, real = sql.Identifier(schema, table), sql.Identifier(table)
            beside.execute(
                sql.SQL("CREATE UNLOGGED TABLE {} AS SELECT {} FROM {} WITH NO DATA").format(aside, names, real)
            )
            command = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(aside, names)
            with beside.cursor().copy(command) as copy:
                copy.write(content)
            put = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(real, names, names, aside)
            statements.append(put.as_string(beside))
    return "; ".join([*statements, "RESET session_replication_role"])


def database_address() -> dict[str, Any]:
    """Where the database of the tests is, for a connection beside Django's."""
    settings = connection.get_connection_params()
    return {key: settings[key] for key in ("dbname", "user", "password", "host", "port") if settings.get(key)}


def _columns(table: str) -> list[str]:
    """Those that are written; the database computes the others."""
    query = (
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [f'"{table}"'])
        return [row[0] for row in cursor.fetchall()]


def _filled(tables: Iterable[str]) -> set[str]:
    """Those of the tables in which something is."""
    one = " UNION ALL ".join(f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables)  # noqa: S608 - ours
    with connection.cursor() as cursor:
        cursor.execute(one)
        return {row[0] for row in cursor.fetchall()}


def _dump(table: str) -> bytes:
    # A query, because a table in parts can be copied in no other way.
    names = ", ".join(f'"{name}"' for name in _columns(table))
    whole = f'COPY (SELECT {names} FROM "{table}") TO STDOUT (FORMAT binary)'  # noqa: S608 - ours
    with connection.cursor() as cursor, cursor.copy(whole) as copy:
        return b"".join(bytes(part) for part in copy)
