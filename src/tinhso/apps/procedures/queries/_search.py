"""Finding a procedure by the words people use.

The database gives candidates (words in GIN indexes, weighed by rarity), plain rules score them. The word list and the
everyday vocabulary are kept in the process until the catalogue changes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection

from tinhso.apps.procedures import rules
from tinhso.apps.procedures.content import synonyms_from_json
from tinhso.apps.procedures.data import ProcedureSummary, SummaryPage, Synonyms, SynonymSetData
from tinhso.apps.procedures.enums import Level
from tinhso.apps.procedures.models import SearchEntry, SearchTerm, SynonymSet
from tinhso.apps.procedures.queries._lists import LARGEST_PAGE, entries_in_force, list_procedures, summary
from tinhso.lib.text import fold, whole_number, words

CANDIDATES = 60
# Below this best score the papers are asked too.
WEAK, IN_PAPERS = 0.45, 0.2
# Answers below this score, or below this share of the best one, say nothing to the person who asked.
LEAST, WITHIN = 0.2, 0.3
# A word in more than this share of the catalogue ("cấp", "giấy") does not choose candidates while a rarer one is there.
COMMON = 0.12
LONGEST_QUERY = 200
_CODE = re.compile(r"\d\.\d{2,6}(\.h\d{2})?")

_COLUMNS = "e.id, e.titles, e.essential, e.runs_here, e.locality, e.level"
_WHERE = """
  e.effective_from <= %(on)s AND (e.effective_to IS NULL OR e.effective_to > %(on)s)
  AND (%(level)s::text IS NULL OR e.level = %(level)s) AND (%(field)s::text IS NULL OR e.field = %(field)s)
"""
_FIND = f"""
SELECT {_COLUMNS} FROM procedures_searchentry e
WHERE e.heading @@ %(chosen)s::tsquery AND {_WHERE}
ORDER BY {{weights}} DESC, e.size, e.id LIMIT %(limit)s
"""  # noqa: S608 - constants; {{weights}} is made of placeholders
_FIND_IN_PAPERS = f"""
SELECT {_COLUMNS} FROM procedures_searchentry e
WHERE e.body @@ %(chosen)s::tsquery AND {_WHERE}
ORDER BY e.essential DESC, e.runs_here DESC, e.size, e.id LIMIT %(limit)s
"""  # noqa: S608 - constants
# Words two slips away from a known one ("karaoekk"); one slip is corrected without asking.
_ALIKE = """
SELECT w.word, t.term FROM unnest(%(words)s::text[]) AS w (word)
CROSS JOIN LATERAL (
  SELECT term FROM procedures_searchterm WHERE term %% w.word ORDER BY similarity(term, w.word) DESC, entries DESC LIMIT 3
) t
"""


@dataclass(frozen=True, slots=True)
class _Filters:
    on: date
    level: str | None
    field: str | None

    def parameters(self) -> dict[str, Any]:
        return {"on": self.on, "level": self.level or None, "field": self.field or None}


def search_procedures(
    q: str, *, on: date, level: str | None = None, field: str | None = None, limit: int = 20, cursor: str | None = None
) -> SummaryPage:
    """Procedures in force on a day that answer `q`, best first; an empty `q` lists them all.

    Finds by words with or without diacritics, through typing slips and everyday words, in names, papers and results;
    a code (or its beginning) finds by code. Essential services come first among equals. `cursor` is the rank to go on
    from, as given in the page before.
    """
    text = fold(q[:LONGEST_QUERY])
    if not words(text):
        return list_procedures(on=on, level=level, field=field, limit=limit, cursor=cursor)
    limit = max(1, min(limit, LARGEST_PAGE))
    start = whole_number(cursor or "", digits=4) or 0
    filters = _Filters(on, level, field)
    index = _index()
    ranked = _by_code(text, filters) or _ranked(text, filters, index.lexicon)
    items = _summaries(ranked[start : start + limit], index)
    return SummaryPage(items, str(start + limit) if len(ranked) > start + limit else None)


def get_synonyms() -> tuple[int, Synonyms | None]:
    """The published everyday vocabulary and its number; (0, None) when none is published."""
    latest = SynonymSet.objects.order_by("-number").first()
    return (latest.number, synonyms_from_json(latest.content)) if latest else (0, None)


def list_synonym_sets(*, limit: int = 20) -> list[SynonymSetData]:
    """The published vocabularies, newest first: who taught the search what."""
    return [
        SynonymSetData(row.number, row.published_at, row.published_by, len(row.content.get("entries", [])))
        for row in SynonymSet.objects.order_by("-number")[:limit]
    ]


def _by_code(text: str, filters: _Filters) -> list[int]:
    if not _CODE.fullmatch(text):
        return []
    entries = entries_in_force(filters.on, level=filters.level, field=filters.field)
    found = entries.filter(code__istartswith=text).order_by("code")
    return list(found.values_list("id", flat=True)[:CANDIDATES])


def _ranked(text: str, filters: _Filters, lexicon: rules.Lexicon) -> list[int]:
    scores: dict[int, float] = {}
    alike = _alike(rules.unknown_words(text, lexicon))
    questions = rules.read_question(text, lexicon, alike)
    for question in questions:
        for pk, score in _scored(question, lexicon, _find_by_name(question, lexicon, filters)):
            scores[pk] = max(score, scores.get(pk, 0.0))
    if questions and max(scores.values(), default=0.0) < WEAK:
        for pk, score in _scored(questions[0], lexicon, _find_in_papers(questions[0], filters)):
            scores[pk] = max(score, 0.0, scores.get(pk, 0.0)) + IN_PAPERS
    floor = max(LEAST, WITHIN * max(scores.values(), default=0.0))
    return sorted((pk for pk, score in scores.items() if score >= floor), key=lambda pk: (-scores[pk], pk))


def _scored(
    question: rules.Question, lexicon: rules.Lexicon, rows: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[int, float]]:
    for pk, titles, essential, runs_here, locality, level in rows:
        best = max((rules.score_title(question, title, lexicon) for title in titles), default=0.0)
        preference = (
            0.06 * essential + 0.02 * runs_here - 0.3 * _is_foreign(locality) - 0.05 * (level == Level.MINISTRY)
        )
        yield pk, question.factor * best + preference


@lru_cache(maxsize=256)
def _is_foreign(locality: str) -> bool:
    """Whether a procedure is another province's own."""
    return bool(locality) and fold(locality).replace(" ", "-") != settings.PROVINCE


def _find_by_name(question: rules.Question, lexicon: rules.Lexicon, filters: _Filters) -> Sequence[tuple[Any, ...]]:
    """The entries whose names and everyday words hold most of the question, by weight."""
    queries = [" | ".join(slot) for slot in question.slots]
    known = [
        (sum(lexicon.frequency.get(term, 0) for term in slot), query)
        for query, slot in zip(queries, question.slots, strict=True)
    ]
    known = [pair for pair in known if pair[0]]
    if not known:
        return []
    rare = [query for count, query in known if count <= COMMON * lexicon.entries]
    # Common words choose only together: "cấp giấy phép" is every name that has all three.
    chosen = " | ".join(rare) if rare else " & ".join(f"({query})" for _, query in known)
    weights = " + ".join(
        f"CASE WHEN e.heading @@ %(q{n})s::tsquery THEN %(w{n})s::float8 ELSE 0 END" for n in range(len(queries))
    )
    parameters: dict[str, Any] = {"chosen": chosen, "limit": CANDIDATES, **filters.parameters()}
    parameters |= {f"q{n}": query for n, query in enumerate(queries)}
    parameters |= {f"w{n}": weight for n, weight in enumerate(question.weights)}
    return _rows(_FIND.format(weights=weights), parameters)


def _find_in_papers(question: rules.Question, filters: _Filters) -> Sequence[tuple[Any, ...]]:
    """The entries that hold the whole question in their papers, results and agency."""
    chosen = " & ".join(f"({' | '.join(slot)})" for slot in question.slots)
    return _rows(_FIND_IN_PAPERS, {"chosen": chosen, "limit": CANDIDATES, **filters.parameters()})


def _rows(statement: str, parameters: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _alike(unknown: Sequence[str]) -> dict[str, list[str]]:
    alike: dict[str, list[str]] = {}
    for word, term in _rows(_ALIKE, {"words": list(unknown)}) if unknown else ():
        alike.setdefault(word, []).append(term)
    return alike


@dataclass(frozen=True, slots=True)
class _Index:
    """What a process keeps of one generation of the index: the word list, and the rows of lists it has shown."""

    key: tuple[str, int]
    lexicon: rules.Lexicon
    shown: dict[int, ProcedureSummary]


_known: _Index | None = None


def _index() -> _Index:
    """The index as it is now; read again when the catalogue's generation has moved."""
    global _known
    found = _rows("SELECT generation, entries FROM procedures_searchstate WHERE id = 1", {})
    generation, entries = found[0] if found else (-1, 0)
    key = (str(connection.settings_dict["NAME"]), generation)
    known = _known
    if known is None or known.key != key:
        known = _known = _Index(key, _read_lexicon(entries), {})
    return known


def _summaries(page: Sequence[int], index: _Index) -> tuple[ProcedureSummary, ...]:
    """The rows of a page in its order. An entry never changes within a generation, so each is read once in a process."""
    missing = [pk for pk in page if pk not in index.shown]
    if missing:
        entries = SearchEntry.objects.defer("heading", "body").in_bulk(missing)
        for pk, entry in entries.items():
            index.shown[pk] = summary(entry)
    return tuple(index.shown[pk] for pk in page if pk in index.shown)


def _read_lexicon(entries: int) -> rules.Lexicon:
    _, synonyms = get_synonyms()
    synonyms = synonyms or Synonyms()
    return rules.Lexicon.of(
        entries=entries,
        frequency=dict(SearchTerm.objects.values_list("term", "entries")),
        fillers=[words(filler) for filler in synonyms.ignore],
        rewrites=[(words(said), words(entry.mean)) for entry in synonyms.entries if entry.mean for said in entry.say],
    )
