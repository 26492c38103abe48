"""A search within a shelf, at a cost that does not grow with the shelf (tìm trong ngăn hồ sơ).

Whether a word is common or rare on a list is known only after looking. So the first rows of the list are looked at: a common
word fills the page from them, and a short list ends there. Otherwise the word is rare where it matters, and the index of
words finds its cases, if these are few in the whole sight of the officer. What is neither is looked for further along the
list, up to a bound; then the page says how far it looked, and the next one goes on from there. Nothing is ever left out unsaid.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries._rows import CasePage, numbers_in, page_of
from tinhso.apps.cases.queries._shelves import ORDER, Reach, Shelf, at_units_of, on_shelf
from tinhso.apps.cases.queries._streams import STATUSES, Place, Sql, places_of
from tinhso.apps.cases.queries._visibility import visible_to
from tinhso.kernel.actor import Actor
from tinhso.kernel.keyset import encode_cursor
from tinhso.lib.identifiers import CaseCode, IdentifierError, parse_personal_id
from tinhso.lib.text import fold

_MOST_WORDS = 6
# How many rows of the list are looked at first, for each row of the page: enough for what every fifth person is called.
NEAR = 8
# How many cases a word may be in that the index of words is asked for, and how far the list is followed after that.
FEW = 1000
FAR = 1000


class _Look(NamedTuple):
    """What a stretch of the list held."""

    met: list[int]
    last: Place | None  # where it ended
    is_end: bool  # of the list
    number: int


def search(rows: QuerySet[Case], q: str) -> QuerySet[Case]:
    """Those of the cases that answer every word."""
    for asked in _asked(q):
        rows = rows.filter(**asked)
    return rows


def search_shelf(
    actor: Actor,
    shelf: Shelf,
    now: datetime,
    reach: Reach,
    *,
    q: str,
    after: Place | None,
    limit: int,
    unassigned: bool = False,
) -> CasePage:
    """The next cases of a shelf that answer every word; `CasePage.looked` says where it stopped before the end."""
    order = ORDER.get(shelf, "urgency")
    whole = on_shelf(actor, shelf, now, reach)
    if unassigned:
        whole = whole.filter(at_units_of(actor), assignee__isnull=True).exclude(step_kind="")
    asked = _asked(q)
    if not any("search_text__contains" in one for one in asked):  # a whole code or number: one case, or one person's
        numbers = numbers_in(search(whole, q), order=order, limit=limit, after=after)
        return page_of(numbers, order=order, limit=limit, now=now, reader=actor)

    def look(place: Place | None, most: int) -> _Look:
        listed = places_of(actor, shelf, now, reach, after=place, limit=most, unassigned=unassigned)
        return _look(listed, asked, most)

    def told(numbers: list[int]) -> CasePage:
        if not numbers:
            return CasePage((), None)
        chosen = Sql("SELECT unnest(%s::bigint[])", (numbers[: limit + 1],))
        return page_of(chosen, order=order, limit=limit, now=now, reader=actor)

    near = look(after, NEAR * (limit + 1))
    if near.is_end or len(near.met) > limit:
        return told(near.met)
    few = list(search(visible_to(actor), q).values_list("pk", "status").order_by()[: FEW + 1])
    if len(few) <= FEW:
        found = [number for number, status in few if status in STATUSES[shelf]]
        numbers = numbers_in(whole.filter(pk__in=found), order=order, limit=limit, after=after)
        return page_of(numbers, order=order, limit=limit, now=now, reader=actor)
    far = look(near.last or after, FAR)
    met = [*near.met, *far.met]
    if far.is_end or len(met) > limit:
        return told(met)
    assert far.last is not None  # noqa: S101 - it was not the end
    return replace(told(met), next=encode_cursor(*far.last), looked=near.number + far.number)


def _look(listed: Sql, asked: list[dict[str, str]], most: int) -> _Look:
    """Whether each of these rows of the list answers; these cases are looked up, and none besides."""
    answers = " AND ".join(_ANSWERS[next(iter(one))] for one in asked)
    words = [
        _like(value) if column == "search_text__contains" else value for one in asked for column, value in one.items()
    ]
    # As one array of numbers: the index of numbers is gone through once, not once for each.
    statement = (
        f"WITH listed(sort_key, number) AS MATERIALIZED ({listed.text}),"  # noqa: S608 - our own words
        f" met AS (SELECT id FROM cases_case WHERE id = ANY(ARRAY(SELECT number FROM listed)) AND {answers})"
        " SELECT sort_key, number, number IN (SELECT id FROM met) FROM listed ORDER BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*listed.values, *words])
        rows = cursor.fetchall()
    last = (rows[-1][0], rows[-1][1]) if rows else None
    return _Look([row[1] for row in rows if row[2]], last, len(rows) < most, len(rows))


_ANSWERS = {
    "search_text__contains": "search_text LIKE %s", "applicant_personal_id": "applicant_personal_id = %s", "code": "code = %s",
}  # fmt: skip


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _asked(q: str) -> list[dict[str, str]]:
    """What is asked of a case, word by word.

    What is looked through holds every name folded as well: a word typed with its marks is found there without them. A whole
    personal number or code stands in that text as its own word and nowhere else: an index of persons, or of codes, has it.
    """
    return [_asked_by(word) for word in q.split()[:_MOST_WORDS]]


def _asked_by(word: str) -> dict[str, str]:
    if _is_personal_id(word):
        return {"applicant_personal_id": word}
    try:
        return {"code": str(CaseCode.parse(word))}
    except IdentifierError:
        return {"search_text__contains": fold(word)}


def _is_personal_id(word: str) -> bool:
    if word.startswith("84"):  # may be a telephone number of twelve digits, with the code of the country
        return False
    try:
        return parse_personal_id(word).value == word
    except IdentifierError:
        return False
