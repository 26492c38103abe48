"""The first rows of a shelf without walking through the others (đầu danh sách việc).

Every shelf is the merging of a few streams, one for each unit (and kind of step, or person), and each stream is a range of
an index that lies in the order of the list. Of each stream as many rows are read as the page has room for. So a page costs
the same among a hundred thousand open cases as among a hundred; what it grows with is the number of units in sight.

Written as SQL, not as query sets: a page asks for nine of them, and putting those together took longer than answering them.
`_shelves.on_shelf` tells the same rule over query sets; a test holds the two against each other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tinhso.apps.cases.enums import AWAITING_APPLICANT, INTAKE_STATUSES, OPEN_STATUSES, CaseStatus
from tinhso.apps.cases.models import NEVER
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries._shelves import DUE_SOON, OF_COUNTER, OF_STEPS, ORDER, Reach, Shelf, kinds_on
from tinhso.apps.cases.queries._visibility import hidden_from, is_wide, sight_of
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actor import Actor

Place = tuple[datetime | None, int]  # the sort key and the number of the last row of the page before
_CASES, _ENTRIES = "cases_case", "cases_worklistentry"
URGENCY_SQL = f"coalesce(due_at, '{NEVER.isoformat()}'::timestamptz)"


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its values."""

    text: str
    values: tuple[Any, ...] = ()


def _among(statuses: Iterable[str]) -> Sql:
    # Written out, so that partial indexes are known to hold them.
    return Sql("status IN ({})".format(", ".join(f"'{status!s}'" for status in statuses)))


AT_WORK = (CaseStatus.RECEIVED, CaseStatus.PROCESSING)
_AT_WORK = _among(AT_WORK)
STATUSES: dict[Shelf, tuple[str, ...]] = {
    Shelf.MINE: AT_WORK,
    Shelf.TO_SIGN: AT_WORK,
    Shelf.WAITING: (CaseStatus.SUBMITTED,),
    Shelf.TO_DELIVER: (CaseStatus.RESOLVED,),
    Shelf.DUE_SOON: tuple(OPEN_STATUSES),
    Shelf.LATE: tuple(OPEN_STATUSES),
    Shelf.SUPPLEMENT: tuple(AWAITING_APPLICANT),
    Shelf.ALL: (*OPEN_STATUSES, *INTAKE_STATUSES, CaseStatus.RESOLVED),
}
_STATUS = {shelf: _among(statuses) for shelf, statuses in STATUSES.items()}


@dataclass(frozen=True, slots=True)
class Stream:
    """What is asked at each place (`place.id`: a unit or a person; `place.kind`: of step). No places: asked once.

    `key` is what it is sorted by, `number` the column of the case; `is_shared`: a case may be met at several places.
    """

    conditions: tuple[Sql, ...]
    key: str
    table: str = _CASES
    number: str = "id"
    places: Sequence[int] | None = None
    kinds: Sequence[str] | None = None
    is_shared: bool = False

    def first(self, limit: int, after: Place | None) -> Sql:
        """Its first rows at each place: sort key, number of the case."""
        conditions = self.conditions
        if after is not None:  # compared as one value: where the index is entered
            conditions = (*conditions, Sql(f"({self.key}, {self.number}) > (%s::timestamptz, %s)", after))
        order = f"ORDER BY {self.key}, {self.number} LIMIT {limit:d}"
        return self._at_places(f"{self.key} AS sort_key, {self.number} AS number", conditions, order)

    def some(self, limit: int) -> Sql:
        """So many of its rows at each place, in no order: to be counted."""
        return self._at_places(f"{self.number} AS number", self.conditions, f"LIMIT {limit:d}")

    def _at_places(self, columns: str, conditions: tuple[Sql, ...], rest: str) -> Sql:
        where = _all(conditions)
        rows = f"SELECT {columns} FROM {self.table} WHERE {where.text} {rest}"  # noqa: S608 - our own words
        if self.places is None:
            return Sql(rows, where.values)
        places = Sql("unnest(%s::bigint[]) AS place(id)", (list(self.places),))
        if self.kinds is not None:
            places = Sql(
                "unnest(%s::bigint[], %s::text[]) AS place(id, kind)",
                (*places.values, [str(kind) for kind in self.kinds]),
            )
        once = "DISTINCT " if self.is_shared else ""
        text = f"SELECT {once}found.* FROM {places.text} CROSS JOIN LATERAL ({rows}) AS found"  # noqa: S608
        return Sql(text, (*places.values, *where.values))


def first_of(
    actor: Actor,
    shelf: Shelf,
    now: datetime,
    reach: Reach,
    *,
    after: Place | None,
    limit: int,
    unassigned: bool = False,
) -> Sql:
    """The numbers of the next `limit` cases of a shelf; of those at a step of his units, given to nobody, if so asked."""
    listed = places_of(actor, shelf, now, reach, after=after, limit=limit, unassigned=unassigned)
    return Sql(f"SELECT number FROM ({listed.text}) AS listed", listed.values)  # noqa: S608 - our own words


def places_of(
    actor: Actor,
    shelf: Shelf,
    now: datetime,
    reach: Reach,
    *,
    after: Place | None,
    limit: int,
    unassigned: bool = False,
) -> Sql:
    """The same with what each is sorted by: `sort_key`, `number`."""
    streams = _unassigned(actor, shelf, now, reach) if unassigned else _streams(actor, shelf, now, reach)
    parts = [stream.first(limit, after) for stream in streams] or [
        Sql("SELECT NULL::timestamptz, NULL::bigint LIMIT 0")
    ]
    merged = " UNION ".join(f"({part.text})" for part in parts)
    chosen = (
        f"SELECT sort_key, number FROM ({merged}) AS merged(sort_key, number) ORDER BY sort_key, number LIMIT {limit:d}"  # noqa: S608
    )
    return Sql(chosen, tuple(value for part in parts for value in part.values))


def count_shelves(actor: Actor, shelves: Iterable[Shelf], now: datetime, reach: Reach, *, most: int) -> Sql:
    """One row with a column for each shelf: how many cases are on it, or `most` where there are more."""
    columns: list[str] = []
    values: list[Any] = []
    for shelf in shelves:
        parts = [stream.some(most) for stream in _streams(actor, shelf, now, reach)] or [Sql("SELECT 1 LIMIT 0")]
        met = " UNION ".join(f"({part.text})" for part in parts) if len(parts) > 1 else parts[0].text
        columns.append(f"(SELECT count(*) FROM (SELECT * FROM ({met}) AS met LIMIT {most:d}) AS counted)")  # noqa: S608
        values += [value for part in parts for value in part.values]
    return Sql(f"SELECT {', '.join(columns)}", tuple(values))


def _streams(actor: Actor, shelf: Shelf, now: datetime, reach: Reach) -> list[Stream]:
    if shelf in OF_STEPS:
        return _steps(actor, reach.of_kinds(kinds_on(shelf)))
    if shelf in OF_COUNTER:
        units = sorted(actor.unit_ids_for(OF_COUNTER[shelf]))
        rows: tuple[Sql, ...] = (Sql("intake_unit_id = place.id"), _STATUS[shelf], _seen(actor))
        return [Stream(rows, ORDER[shelf], places=units)] if units else []
    found = []
    for fields, units_seen in sight_of(actor).items():
        if is_wide(units_seen):
            # What lies outside of the sight is little: the order of the whole province is followed.
            key = "due_at" if shelf in {Shelf.DUE_SOON, Shelf.LATE} else URGENCY_SQL
            rows = (_STATUS[shelf], *_dates(shelf, now, key), *_of_fields(fields), _at_units(units_seen))
            found.append(Stream(rows, key))
        elif units_seen:
            # All entries are of cases that are worked on: without a condition, the index holds all that is asked.
            status = () if shelf is Shelf.ALL else (_STATUS[shelf],)
            rows = (Sql("unit_id = place.id"), *status, *_dates(shelf, now, "urgency"), *_of_fields(fields))
            places = sorted(units_seen)
            found.append(Stream(rows, "urgency", _ENTRIES, "case_id", places, is_shared=len(places) > 1))
    return found


def _steps(actor: Actor, reach: Reach) -> list[Stream]:
    """What is nobody's, by unit and kind of step; what is his own or an absent colleague's, by person."""
    pairs_by_fields: dict[frozenset[str] | None, set[tuple[int, str]]] = defaultdict(set)
    for kinds, units, fields in reach.steps:
        pairs_by_fields[fields].update((unit, kind) for unit in units for kind in kinds)
    lying = _rights(
        (Sql("step_unit_id = ANY(%s)", (sorted(units),)), fields) for fields, units in sight_of(actor).items()
    )
    found = [
        _at_pairs((_AT_WORK, lying, *_of_fields(fields)), pairs) for fields, pairs in pairs_by_fields.items() if pairs
    ]
    people = [person for person in reach.people if person is not None]
    if found and people:
        within = _rights(
            (
                Sql("step_kind = ANY(%s) AND step_unit_id = ANY(%s)", ([str(kind) for kind in kinds], sorted(units))),
                fields,
            )
            for kinds, units, fields in reach.steps
        )
        found.append(Stream((Sql("assignee_id = place.id"), _AT_WORK, lying, within), URGENCY_SQL, places=people))
    return found


def _unassigned(actor: Actor, shelf: Shelf, now: datetime, reach: Reach) -> list[Stream]:
    if shelf in OF_STEPS:
        return _steps(actor, Reach(reach.of_kinds(kinds_on(shelf)).steps, ()))
    pairs = {(unit, kind) for unit in actor.unit_ids_for(CasePermission.VIEW) for kind in StepKind}
    if not pairs:
        return []
    # What is at work and what waits for something else lie in two indexes.
    at_work = [status for status in STATUSES[shelf] if status in AT_WORK]
    aside = [status for status in STATUSES[shelf] if status not in AT_WORK]
    rest = (*_dates(shelf, now, URGENCY_SQL), _seen(actor))
    return [_at_pairs((_among(statuses), *rest), pairs) for statuses in (at_work, aside) if statuses]


def _at_pairs(conditions: tuple[Sql, ...], pairs: Collection[tuple[int, str]]) -> Stream:
    """What is given to nobody at each of these pairs of unit and kind of step; in the order of `case_free_at_work`."""
    here = Sql("step_unit_id = place.id AND step_kind = place.kind AND step_kind <> '' AND assignee_id IS NULL")
    ordered = sorted(pairs)
    places, kinds = [unit for unit, _ in ordered], [kind for _, kind in ordered]
    return Stream((here, *conditions), URGENCY_SQL, places=places, kinds=kinds)


def _dates(shelf: Shelf, now: datetime, key: str) -> tuple[Sql, ...]:
    if shelf is Shelf.LATE:
        return (Sql(f"{key} < %s", (now,)),)
    if shelf is Shelf.DUE_SOON:
        return (Sql(f"{key} >= %s AND {key} < %s", (now, now + DUE_SOON)),)
    return ()


def _of_fields(fields: frozenset[str] | None) -> tuple[Sql, ...]:
    return () if fields is None else (Sql("field = ANY(%s)", (sorted(fields),)),)


def _seen(actor: Actor) -> Sql:
    return _rights((_at_units(units), fields) for fields, units in sight_of(actor).items())


def _at_units(units: set[int]) -> Sql:
    """What `_visibility` says with query sets; written so that it only sieves, and the index stays that of the stream."""
    if not is_wide(units):
        seen = sorted(units)
        return Sql("(unit_id = ANY(%s::bigint[]) OR desk_unit_ids && %s::bigint[])", (seen, seen))
    hidden = hidden_from(units)
    return Sql("NOT (unit_id = ANY(%s::bigint[]) AND desk_unit_ids <@ %s::bigint[])", (hidden, hidden))


def _rights(rights: Iterable[tuple[Sql, frozenset[str] | None]]) -> Sql:
    """Any of these rights, each within its fields; none at all is never."""
    each = [_all((where, *_of_fields(fields))) for where, fields in rights]
    if not each:
        return Sql("false")
    return Sql(
        f"({' OR '.join(f'({one.text})' for one in each)})", tuple(value for one in each for value in one.values)
    )


def _all(conditions: Iterable[Sql]) -> Sql:
    each = tuple(conditions)
    return Sql(" AND ".join(one.text for one in each), tuple(value for one in each for value in one.values))
