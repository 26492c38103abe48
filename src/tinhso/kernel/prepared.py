"""Statements composed once: for the few reads that every action and every page makes, and the writes of every act.

Composing an SQL statement through the ORM costs several times what the database needs to answer it. A prepared query is
written as any other, composed the first time it is asked, and then only filled in. It gives the same objects.

The database parses and plans such a statement once a connection too (`cursor`), which for a row found by its key is more
work than finding it (decision 0058).
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction
from django.db.models import Model, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)
from psycopg import errors
from psycopg.pq import TransactionStatus

R = TypeVar("R")

# Two values of each kind. Where composing with one and with the other differs, that is where the value goes.
_STAND_INS: dict[type, tuple[Any, Any]] = {
    int: (30_011, 30_033),  # within the smallest column
    str: ("prepared-a", "prepared-b"),
    date: (date(1811, 1, 1), date(1833, 1, 1)),
    datetime: (datetime.fromisoformat("1811-01-01T00:00:00Z"), datetime.fromisoformat("1833-01-01T00:00:00Z")),
    UUID: (UUID(int=11), UUID(int=33)),
}


_USES_BEFORE_KEPT = 2  # a statement asked once or twice is not worth the round trip that keeps it
_MOST_KEPT = 500  # on one connection; there are some 200, more by the kinds of what they are filled with


class PreparedMisuse(RuntimeError):
    """A query cannot be prepared as written (a programming error)."""


class _KeepingCursor(psycopg.Cursor[Any]):
    """Where a table has got another shape beside us (an upgrade), the plans of old are given up: the next try is whole."""

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().execute(*args, **kwargs)
        except errors.FeatureNotSupported as error:
            if self.connection.info.transaction_status is TransactionStatus.IDLE:
                self.connection.execute("DEALLOCATE ALL")  # a transaction's end does the same
            raise psycopg.OperationalError(str(error)) from error


def cursor() -> Any:
    """As `connection.cursor()`, for a statement whose text never changes: the database keeps its plan for the connection.

    Values go beside the statement, not in it, so where nothing else tells a value's type the statement must
    (`%(stream)s::text`). Not for lists of changing shape, whose best plan depends on the values.
    """
    database: Any = connections[
        DEFAULT_DB_ALIAS
    ]  # asked once: each look through `connection` costs a look for the thread's own
    if database.queries_logged:
        return database.cursor()  # who records statements sees them with their values
    database.close_if_health_check_failed()
    database.ensure_connection()
    server = database.connection
    if server.prepare_threshold is None:
        server.prepare_threshold, server.prepared_max = _USES_BEFORE_KEPT, _MOST_KEPT
    with database.wrap_database_errors:
        return database._prepare_cursor(_KeepingCursor(server))  # noqa: SLF001 - what `connection.cursor()` ends in


class _Place(NamedTuple):
    at: int
    name: str
    adapt: Callable[[Any], Any] | None  # the width of an integer, which the database plans by


class _Composed(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    places: tuple[_Place, ...]
    converters: tuple[tuple[int, list[Any], Any], ...]
    build: Callable[[Any], Any]  # a row to what the query gives
    locks: bool


class Prepared(Generic[R]):
    """A query with named values: `Prepared(lambda case_id: Case.objects.filter(pk=case_id), case_id=int)`.

    `values` names the kind of each. A value must stand in the statement as it is: no list, no None, nothing that changes
    the statement's shape. Rows are read whole, so the query is one of few rows.
    """

    def __init__(self, query: Callable[..., QuerySet[Any, R]], **values: type) -> None:
        self._query, self._values = query, values
        self._composed: _Composed | None = None

    def all(self, **values: Any) -> list[R]:
        """Every row, in the order the query states."""
        known = self._composed
        if known is None:
            known = self._composed = self._compose()
        if known.locks and connection.get_autocommit():
            raise transaction.TransactionManagementError("a row is locked within a transaction only")
        params = list(known.params)
        for at, name, adapt in known.places:
            params[at] = values[name] if adapt is None else adapt(values[name])
        with cursor() as kept:
            kept.execute(known.sql, params)
            rows = kept.fetchall()
        return [known.build(_converted(row, known.converters)) for row in rows]

    def first(self, **values: Any) -> R | None:
        """The first row; None where there is none."""
        found = self.all(**values)
        return found[0] if found else None

    def _compose(self) -> _Composed:
        if unknown := {kind for kind in self._values.values() if kind not in _STAND_INS}:
            raise PreparedMisuse(f"no stand-in for {unknown}")
        ones = {name: _STAND_INS[kind][0] for name, kind in self._values.items()}
        queryset = self._query(**ones)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        places: list[_Place] = []
        for name, kind in self._values.items():
            other = self._query(**{**ones, name: _STAND_INS[kind][1]}).query.get_compiler(connection=connection)
            other_sql, other_params = other.as_sql()
            found = [at for at, (one, two) in enumerate(zip(params, other_params, strict=False)) if one != two]
            if other_sql != sql or not found:
                raise PreparedMisuse(f"«{name}» does not stand in the statement as it is")
            # Integers are wrapped to tell their width; anything else goes as it is.
            places += [_Place(at, name, type(params[at]) if type(params[at]) is not kind else None) for at in found]
        columns = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
        converters = tuple((at, found, expression) for at, (found, expression) in columns.items())
        locks = bool(queryset.query.select_for_update)
        return _Composed(sql, tuple(params), tuple(places), converters, _builder(queryset, compiler), locks)


_updates: dict[tuple[type[Model], tuple[str, ...]], str] = {}
_inserts: dict[tuple[type[Model], int, int], str] = {}


def update(row: Model, *names: str) -> None:
    """Write the named fields of a saved row, as `row.save(update_fields=names)` does, by a statement composed once.

    Values only, no expressions; no signals are sent. For actions, which hold the row's lock.

    Raises:
        DatabaseError: the row is not there any more.
    """
    meta = type(row)._meta  # noqa: SLF001 - Django's documented meta API
    fields: list[Any] = [meta.get_field(name) for name in names]
    if not written(type(row), row.pk, [(field, field.pre_save(row, add=False)) for field in fields]):
        raise DatabaseError("the row that was to be written is not there any more")


def written(model: type[Model], pk: Any, values: Sequence[tuple[Any, Any]]) -> bool:
    """Write these values (field, value) to one row; False where there is no such row."""
    key = model, tuple(field.attname for field, _ in values)
    statement = _updates.get(key)
    if statement is None:
        statement = _updates[key] = _composed_update(model, [field for field, _ in values])
    with cursor() as kept:
        kept.execute(statement, [*(field.get_db_prep_save(value, connection) for field, value in values), pk])
        return bool(kept.rowcount == 1)


def inserted(model: type[Model], values: Sequence[tuple[Any, Any]], returned: Sequence[Any]) -> tuple[Any, ...]:
    """Write a new row of these values (field, value); what the database gave to the `returned` fields.

    `values` are all fields of the table, or all but the key that the database gives: their number tells which.
    """
    key = model, len(values), len(returned)
    statement = _inserts.get(key)
    if statement is None:
        statement = _inserts[key] = _composed_insert(model, [field for field, _ in values], returned)
    with cursor() as kept:
        kept.execute(statement, [field.get_db_prep_save(value, connection) for field, value in values])
        return tuple(kept.fetchone()) if returned else ()


def can_be_filled_in(value: Any) -> bool:
    """Whether a value may stand in a statement composed once; an expression has a shape of its own."""
    return not hasattr(value, "resolve_expression")


def _composed_update(model: type[Model], fields: Sequence[Any]) -> str:
    meta, quote = model._meta, connection.ops.quote_name  # noqa: SLF001 - Django's documented meta API
    sides = ", ".join(f"{quote(field.column)} = {_place(field)}" for field in fields)
    key: Any = meta.pk
    return f"UPDATE {quote(meta.db_table)} SET {sides} WHERE {quote(key.column)} = %s"  # noqa: S608 - names of models' own fields


def _composed_insert(model: type[Model], fields: Sequence[Any], returned: Sequence[Any]) -> str:
    quote = connection.ops.quote_name
    names, places = ", ".join(quote(field.column) for field in fields), ", ".join(map(_place, fields))
    given = f" RETURNING {', '.join(quote(field.column) for field in returned)}" if returned else ""
    table = quote(model._meta.db_table)  # noqa: SLF001 - Django's documented meta API
    return f"INSERT INTO {table} ({names}) VALUES ({places}){given}"  # noqa: S608 - names of models' own fields


def _place(field: Any) -> str:
    """An array says its type beside the value; nothing else here has a placeholder of its own."""
    return str(field.get_placeholder(None, None, connection)) if hasattr(field, "get_placeholder") else "%s"


def attach(owner: Model, related: str, rows: list[Any]) -> None:
    """Let `owner.<related>.all()` be these rows, as after `prefetch_related`; each knows its owner."""
    manager = getattr(owner, related)
    whole = manager.all()
    whole._result_cache, whole._prefetch_done = rows, True  # noqa: SLF001 - what Django's own prefetching writes
    owner.__dict__.setdefault("_prefetched_objects_cache", {})[related] = whole
    for row in rows:
        setattr(row, manager.field.name, owner)


def _converted(row: tuple[Any, ...], converters: tuple[tuple[int, list[Any], Any], ...]) -> tuple[Any, ...] | list[Any]:
    if not converters:
        return row
    values = list(row)
    for at, found, expression in converters:
        for convert in found:
            values[at] = convert(values[at], expression, connection)
    return values


def _builder(queryset: QuerySet[Any, Any], compiler: Any) -> Callable[[Any], Any]:
    """What a row becomes: a model with those it is joined to, a tuple, or a value. As Django's own iterables do it."""
    kind = queryset._iterable_class  # noqa: SLF001 - says which of `values_list` was asked
    if kind is FlatValuesListIterable:
        return lambda row: row[0]
    if kind is ValuesListIterable:
        return tuple
    if kind is not ModelIterable:
        raise PreparedMisuse("only models and values_list")
    model: type[Model] = compiler.klass_info["model"]
    fields = compiler.klass_info["select_fields"]
    begin, end = fields[0], fields[-1] + 1
    names = [column[0].target.attname for column in compiler.select[begin:end]]
    joined = get_related_populators(compiler.klass_info, compiler.select, connection.alias)  # type: ignore[call-arg]  # of the next Django

    annotated = tuple((compiler.annotation_col_map or {}).items())

    def build(row: Any) -> Model:
        found = model.from_db(connection.alias, names, row[begin:end])
        for name, at in annotated:
            setattr(found, name, row[at])
        for one in joined:
            one.populate(row, found)
        return found

    return build
