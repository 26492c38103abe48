"""The first rows of a shelf without walking through the others (đầu danh sách việc).

Every shelf is the merging of a few streams, one for each unit (and kind of step, or person), and each stream is a range of
an index that lies in the order of the list. Of each stream as many rows are read as the page has room for. So a page costs
the same among a hundred thousand open cases as among a hundred; what it grows with is the number of units in sight.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL

from tinhso.apps.cases.models import URGENCY, Case, WorklistEntry
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries._shelves import (
    AT_WORK,
    OF_COUNTER,
    OF_STEPS,
    ORDER,
    Reach,
    Shelf,
    kinds_on,
    on_shelf,
    window,
    within,
)
from tinhso.apps.cases.queries._visibility import is_wide, lying_with, sight_of
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actor import Actor

Sql = tuple[str, tuple[Any, ...]]
Place = tuple[datetime | None, int]  # the sort key and the number of the last row of the page before
_HERE: Any = RawSQL("place.id", ())  # a unit, or a person
_KIND: Any = RawSQL("place.kind", ())


class After(Func):
    """`(key, number) > (value, id)` as one comparison of rows: where an index in that order is entered."""

    template = "(%(expressions)s)"
    arg_joiner = " > "
    output_field = BooleanField()

    def __init__(self, key: Any, number: str, place: Place) -> None:
        here = Func(key, F(number), function="ROW", output_field=TextField())
        there = Func(Value(place[0]), Value(place[1]), function="ROW", output_field=TextField())
        super().__init__(here, there)


@dataclass(frozen=True, slots=True)
class Stream:
    """What is asked at each place; `rows` name it by `place.id` and `place.kind`. No places: asked once.

    `is_shared`: a case may be met at several of the places.
    """

    rows: QuerySet[Any]
    key: Any
    number: str = "id"
    places: Sequence[int] | None = None
    kinds: Sequence[str] | None = None
    is_shared: bool = False

    def first(self, limit: int, after: Place | None) -> Sql:
        """Its first rows at each place: sort key, number of the case."""
        rows = self.rows if after is None else self.rows.filter(After(self.key, self.number, after))
        rows = rows.annotate(sort_key=self.key).order_by("sort_key", self.number)
        return self._at_places(rows.values_list("sort_key", self.number)[:limit])

    def some(self, limit: int) -> Sql:
        """So many of its rows at each place, in no order: to be counted."""
        return self._at_places(self.rows.order_by().values_list(self.number)[:limit])

    def _at_places(self, rows: QuerySet[Any, Any]) -> Sql:
        sql, params = rows.query.sql_with_params()
        if self.places is None:
            return sql, tuple(params)
        where: list[Any] = [list(self.places)]
        places = "unnest(%s::bigint[]) AS place(id)"
        if self.kinds is not None:
            places = "unnest(%s::bigint[], %s::text[]) AS place(id, kind)"
            where.append([str(kind) for kind in self.kinds])
        once = "DISTINCT " if self.is_shared else ""
        return f"SELECT {once}found.* FROM {places} CROSS JOIN LATERAL ({sql}) AS found", (*where, *params)  # noqa: S608


def first_of(
    actor: Actor,
    shelf: Shelf,
    now: datetime,
    reach: Reach,
    *,
    after: Place | None,
    limit: int,
    unassigned: bool = False,
) -> QuerySet[Case]:
    """The next `limit` cases of a shelf, unordered; of those at a step of the officer's units, given to nobody, if so asked."""
    streams = _unassigned(actor, shelf, now, reach) if unassigned else _streams(actor, shelf, now, reach)
    if not streams:
        return Case.objects.none()
    parts = [stream.first(limit, after) for stream in streams]
    merged = " UNION ".join(f"({sql})" for sql, _ in parts)
    chosen = f"SELECT number FROM ({merged}) AS merged(sort_key, number) ORDER BY sort_key, number LIMIT {limit:d}"  # noqa: S608
    return Case.objects.filter(pk__in=RawSQL(chosen, [value for _, values in parts for value in values]))  # noqa: S611


def count_shelves(actor: Actor, shelves: Iterable[Shelf], now: datetime, reach: Reach, *, most: int) -> Sql:
    """One row with a column for each shelf: how many cases are on it, or `most` where there are more."""
    columns: list[str] = []
    params: list[Any] = []
    for shelf in shelves:
        parts = [stream.some(most) for stream in _streams(actor, shelf, now, reach)]
        union = " UNION ".join(f"({sql})" for sql, _ in parts) or "SELECT 1 LIMIT 0"
        columns.append(f"(SELECT count(*) FROM (SELECT * FROM ({union}) AS met LIMIT {most:d}) AS counted)")  # noqa: S608
        params += [value for _, values in parts for value in values]
    return f"SELECT {', '.join(columns)}", tuple(params)


def _streams(actor: Actor, shelf: Shelf, now: datetime, reach: Reach) -> list[Stream]:
    if shelf in OF_STEPS:
        return _steps(actor, reach.of_kinds(kinds_on(shelf)))
    if shelf in OF_COUNTER:
        units = sorted(actor.unit_ids_for(OF_COUNTER[shelf]))
        rows = on_shelf(actor, shelf, now, reach).filter(intake_unit_id=_HERE)
        return [Stream(rows, F(ORDER[shelf]), places=units)] if units else []
    found = []
    for fields, units_seen in sight_of(actor).items():
        narrowed = _of_fields(fields)
        if is_wide(units_seen):
            # What lies outside of the sight is little: the order of the whole province is followed.
            key = F("due_at") if shelf in {Shelf.DUE_SOON, Shelf.LATE} else URGENCY
            found.append(Stream(on_shelf(actor, shelf, now, reach).filter(narrowed), key))
        elif units_seen:
            entries = WorklistEntry.objects.filter(window(shelf, now), narrowed, unit_id=_HERE)
            places = sorted(units_seen)
            found.append(Stream(entries, F("urgency"), "case_id", places, is_shared=len(places) > 1))
    return found


def _steps(actor: Actor, reach: Reach) -> list[Stream]:
    """What is nobody's, by unit and kind of step; what is his own or an absent colleague's, by person."""
    pairs_by_fields: dict[frozenset[str] | None, set[tuple[int, str]]] = defaultdict(set)
    for kinds, units, fields in reach.steps:
        pairs_by_fields[fields].update((unit, kind) for unit in units for kind in kinds)
    lying = lying_with(actor).filter(AT_WORK)
    found = [
        _at_pairs(lying.filter(_of_fields(fields), assignee__isnull=True), pairs)
        for fields, pairs in pairs_by_fields.items()
        if pairs
    ]
    people = [person for person in reach.people if person is not None]
    if found and people:
        given = lying.filter(within(reach), assignee__isnull=False, assignee_id=_HERE)
        found.append(Stream(given, URGENCY, places=people))
    return found


def _unassigned(actor: Actor, shelf: Shelf, now: datetime, reach: Reach) -> list[Stream]:
    if shelf in OF_STEPS:
        return _steps(actor, Reach(reach.of_kinds(kinds_on(shelf)).steps, ()))
    units = actor.unit_ids_for(CasePermission.VIEW)
    rows = on_shelf(actor, shelf, now, reach).alias(urgency=URGENCY).filter(window(shelf, now), assignee__isnull=True)
    return [_at_pairs(rows, {(unit, kind) for unit in units for kind in StepKind})] if units else []


def _at_pairs(rows: QuerySet[Case], pairs: Collection[tuple[int, str]]) -> Stream:
    """The rows at each of these pairs of unit and kind of step; in the order of `case_free_by_urgency`."""
    here = rows.filter(step_unit_id=_HERE, step_kind=_KIND).exclude(step_kind="")
    ordered = sorted(pairs)
    return Stream(here, URGENCY, places=[unit for unit, _ in ordered], kinds=[kind for _, kind in ordered])


def _of_fields(fields: frozenset[str] | None) -> Q:
    return Q() if fields is None else Q(field__in=sorted(fields))
