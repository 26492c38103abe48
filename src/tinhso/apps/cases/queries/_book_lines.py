"""The lines of a register of results without walking through those of other units (dòng của sổ kết quả).

A register is the merging of a few streams, one for each unit (and field, where a right holds for some fields only), and each is
a range of an index of `BookLine` that lies in the order of the register, the latest signed first. What a stream does not settle
by itself is looked at line by line, up to a bound; then the page says how far it looked, and the next goes on from there.
`visible_results` and `in_register` tell the same rule over results and cases; a test holds the two against each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from tinhso.apps.cases.models import Case, Result
from tinhso.apps.cases.queries._search import _asked_by, _like
from tinhso.apps.cases.queries._streams import Sql, _all, _rights
from tinhso.apps.cases.queries._visibility import hidden_from, is_wide
from tinhso.lib.text import fold

Place = tuple[datetime, int]  # when the last line of the page before was signed, and its result
# How many lines are looked at for each of the page before the index of words is asked; after that; and how many in the end.
NEAR, FURTHER, FAR = 2, 4, 1000
# How many lines may hold a word that the index of words is asked for. Above one line in so many it is not asked at all.
FEW, RARE = 400, 20


@dataclass(frozen=True, slots=True)
class Register:
    """Whose lines, of when, and who looks: units with what they inherited, units of the rights by fields (None: all)."""

    units: frozenset[int]
    sight: dict[frozenset[str] | None, frozenset[int]]
    since: datetime
    until: datetime
    book: str = ""
    words: tuple[str, ...] = ()


class Found(NamedTuple):
    """The results of a page in order, and where the next begins; `looked`: so many lines were looked at, and there are more."""

    results: list[int]
    next: Place | None
    looked: int = 0


class _Look(NamedTuple):
    """What a stretch of the register held."""

    met: list[Place]
    last: Place | None  # where it ended
    is_end: bool  # of the register
    number: int


@dataclass(frozen=True, slots=True)
class _Stream:
    """Lines in their order, by an index, at each of some places; `is_sure`: that they stand in the register and are seen."""

    where: str
    places: Sql | None = None
    is_sure: str = "false"

    def first(self, ordered: Sql, most: int) -> Sql:
        """When each of its first lines was signed, its result, whether it is sure."""
        rows = (
            f"SELECT signed_at, result_id FROM cases_bookline WHERE {self.where} AND {ordered.text}"  # noqa: S608 - our own words
            f" ORDER BY signed_at DESC, result_id DESC LIMIT {most:d}"
        )
        if self.places is None:
            return Sql(f"SELECT found.*, {self.is_sure} FROM ({rows}) AS found", ordered.values)  # noqa: S608
        text = f"SELECT found.*, {self.is_sure} FROM {self.places.text} CROSS JOIN LATERAL ({rows}) AS found"  # noqa: S608
        return Sql(text, (*self.places.values, *ordered.values))


def find(register: Register, *, after: Place | None, limit: int) -> Found:
    """The next lines of the register, the latest signed first."""
    if not (register.units and register.sight):
        return Found([], None)
    if register.words:
        return _search(register, after, limit)
    return _walk(register, _Look([], after, is_end=False, number=0), limit, (limit + 1, FURTHER * (limit + 1), FAR))


def books_at(units: frozenset[int]) -> list[str]:
    """The books that lines of these units stand in, each found from the one before it through an index.

    For most of the province those of the whole are told: few, and which kinds of books there are is no secret.
    """
    if not units:
        return []
    places: list[list[int]] = []
    if is_wide(set(units)):
        statement = _books("true")
    else:
        at = "unnest(%s::bigint[]) AS place(id)"
        each = (_books("unit_id = place.id"), _books("book_unit_id = place.id"))
        statement = " UNION ".join(f"SELECT found.book FROM {at} CROSS JOIN LATERAL ({one}) AS found" for one in each)  # noqa: S608
        places = [sorted(units)] * len(each)
    with connection.cursor() as cursor:
        cursor.execute(statement, places)
        return sorted(row[0] for row in cursor.fetchall() if row[0])


def _books(where: str) -> str:
    lines = f"SELECT book FROM cases_bookline WHERE {where}"  # noqa: S608 - our own words
    return (
        f"WITH RECURSIVE met(book) AS (({lines} ORDER BY book LIMIT 1)"  # noqa: S608
        f" UNION ALL SELECT ({lines} AND book > met.book ORDER BY book LIMIT 1) FROM met WHERE met.book IS NOT NULL)"
        " SELECT book FROM met WHERE book IS NOT NULL"
    )


def _walk(register: Register, start: _Look, limit: int, stretches: Iterable[int]) -> Found:
    """What is met in so long stretches after what has been looked at, one after the other, until the page is full."""
    met, place, number = start.met, start.last, start.number
    for most in stretches:
        look = _look(register, place, most)
        met, place, number = [*met, *look.met], look.last or place, number + look.number
        if look.is_end or len(met) > limit:
            return _full(met, limit)
    return Found([result for _, result in met], place, number)


def _search(register: Register, after: Place | None, limit: int) -> Found:
    """What holds every word: a whole number or code is looked up; a common word fills the page from the first lines; the index
    of words has a rare one; what is neither is looked for further along the register."""
    settled = _settled(register)
    if settled is not None:
        return _among(register, settled, after, limit)
    near = _look(register, after, NEAR * (limit + 1))
    if near.is_end or len(near.met) > limit:
        return _full(near.met, limit)
    if len(near.met) * RARE < near.number:
        few = _with_words(register)
        if len(few) <= FEW:
            return _among(register, few, after, limit)
    return _walk(register, near, limit, (FURTHER * (limit + 1), FAR))


def _full(met: list[Place], limit: int) -> Found:
    return Found([result for _, result in met[:limit]], met[limit - 1] if len(met) > limit else None)


def _settled(register: Register) -> list[int] | None:
    """The results that one of the words leaves over by itself: a code, a personal number, a printed number; else None."""
    for word in register.words:
        asked = _asked_by(word)
        if "search_text__contains" not in asked:
            cases = list(Case.objects.filter(**asked).values_list("pk", flat=True)[: FEW + 1])
            if len(cases) <= FEW:
                return list(Result.objects.filter(case__in=cases).values_list("pk", flat=True))
        elif "/" in word and (numbered := _of_number(register, fold(word))):
            return numbered
    return None


def _of_number(register: Register, number: str) -> list[int]:
    """The lines of a whole printed number; empty where there is none, or more than can be looked at."""
    at = Sql("(unit_id = ANY(%s::bigint[]) OR book_unit_id IS NOT NULL)", (sorted(register.units),))
    where = _all((Sql("number = %s", (number,)), *(() if is_wide(set(register.units)) else (at,))))
    found = _some(where)
    return found if len(found) <= FEW else []


def _with_words(register: Register) -> list[int]:
    """Lines of these units that hold all the words, by the index of units and words."""
    at = Sql("ARRAY[unit_id, book_unit_id] && %s::bigint[]", (sorted(register.units),))
    return _some(_all((*_words(register), *(() if is_wide(set(register.units)) else (at,)))))


def _some(where: Sql) -> list[int]:
    """At most one more than `FEW` of them, in no order."""
    statement = (
        # Planned as if all of them were wanted: never a walk through the table until so many are met.
        f"WITH found AS MATERIALIZED (SELECT result_id FROM cases_bookline WHERE {where.text})"  # noqa: S608
        f" SELECT result_id FROM found LIMIT {FEW + 1:d}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, where.values)
        return [row[0] for row in cursor.fetchall()]


def _among(register: Register, results: Sequence[int], after: Place | None, limit: int) -> Found:
    """Those of these results that stand in the register and answer."""
    if not results:
        return Found([], None)
    these = Sql("result_id = ANY(%s::bigint[])", (list(results),))
    where = _all((these, _ordered(register, after), _answers(register)))
    statement = (
        f"SELECT signed_at, result_id FROM cases_bookline WHERE {where.text}"  # noqa: S608 - our own words
        f" ORDER BY signed_at DESC, result_id DESC LIMIT {limit + 1:d}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, where.values)
        return _full(cursor.fetchall(), limit)


def _look(register: Register, after: Place | None, most: int) -> _Look:
    """The next lines, and which of them answer; those that their stream has not settled are looked up, and none besides."""
    ordered, answers = _ordered(register, after), _answers(register)
    parts = [stream.first(ordered, most) for stream in _streams(register)]
    merged = " UNION ALL ".join(f"({part.text})" for part in parts)
    settled = "false" if register.words else "is_sure"
    # As one array of numbers: the index of results is gone through once, not once for each.
    statement = (
        f"WITH listed AS MATERIALIZED (SELECT signed_at, result_id, bool_or(is_sure) AS is_sure FROM ({merged})"  # noqa: S608
        f" AS merged(signed_at, result_id, is_sure) GROUP BY 1, 2 ORDER BY 1 DESC, 2 DESC LIMIT {most:d}),"
        " met AS (SELECT result_id FROM cases_bookline WHERE result_id ="
        f" ANY(ARRAY(SELECT result_id FROM listed WHERE NOT {settled})) AND {answers.text})"
        f" SELECT signed_at, result_id, {settled} OR result_id IN (SELECT result_id FROM met)"
        " FROM listed ORDER BY 1 DESC, 2 DESC"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*(value for part in parts for value in part.values), *answers.values])
        rows = cursor.fetchall()
    met = [(at, result) for at, result, is_met in rows if is_met]
    return _Look(met, (rows[-1][0], rows[-1][1]) if rows else after, len(rows) < most, len(rows))


def _streams(register: Register) -> list[_Stream]:
    units = sorted(register.units)
    if is_wide(set(units)):
        # What lies outside is little: the order of the whole province is followed.
        return [_Stream("true")]
    elsewhere = _Stream("book_unit_id = place.id", Sql("unnest(%s::bigint[]) AS place(id)", (units,)))
    fields = None if None in register.sight else frozenset[str]().union(*(held for held in register.sight if held))
    if fields is None or register.book:
        everything = register.sight.get(None, frozenset())
        places = Sql(
            "unnest(%s::bigint[], %s::bool[]) AS place(id, is_sure)", (units, [u in everything for u in units])
        )
        return [elsewhere, _Stream("unit_id = place.id", places, "place.is_sure")]
    pairs = [(unit, field) for unit in units for field in sorted(fields)]
    sure = [any(field in (held or ()) and unit in at for held, at in register.sight.items()) for unit, field in pairs]
    places = Sql(
        "unnest(%s::bigint[], %s::text[], %s::bool[]) AS place(id, field, is_sure)",
        ([unit for unit, _ in pairs], [field for _, field in pairs], sure),
    )
    return [elsewhere, _Stream("unit_id = place.id AND field = place.field", places, "place.is_sure")]


def _ordered(register: Register, after: Place | None) -> Sql:
    """The part of an index where the lines lie: days, book, what comes after a line."""
    # One end on each side, or the index would be entered at the other.
    end = Sql("signed_at < %s", (register.until,))
    if after is not None and after[0] < register.until:
        end = Sql("(signed_at, result_id) < (%s::timestamptz, %s::bigint)", after)
    book = (Sql("book = %s", (register.book,)),) if register.book else ()
    return _all((Sql("signed_at >= %s", (register.since,)), end, *book))


def _answers(register: Register) -> Sql:
    """What is asked of a line wherever it was met: that it stands in the register, is seen, and holds the words."""
    units = sorted(register.units)
    stands = Sql("(unit_id = ANY(%s::bigint[]) OR book_unit_id = ANY(%s::bigint[]))", (units, units))
    seen = _rights((_at_units(units_seen), fields) for fields, units_seen in register.sight.items())
    return _all((stands, seen, *_words(register)))


def _words(register: Register) -> list[Sql]:
    return [Sql("search_text LIKE %s", (_like(fold(word)),)) for word in register.words]


def _at_units(units: frozenset[int]) -> Sql:
    """What `_visibility` says of the units that see a case."""
    if not is_wide(set(units)):
        return Sql("seen_unit_ids && %s::bigint[]", (sorted(units),))
    return Sql("NOT seen_unit_ids <@ %s::bigint[]", (hidden_from(set(units)),))
