"""The search index: one row a version, written with the version it belongs to."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection

from tinhso.apps.procedures import rules
from tinhso.apps.procedures.data import ProcedureFacts, Synonyms
from tinhso.apps.procedures.models import ProcedureVersion, SearchEntry, SearchState
from tinhso.lib.text import words

_INSERT = """
INSERT INTO procedures_searchentry (
  version_id, code, name, short_name, field, level, agency, locality, essential, runs_here, limit_label, fee_label,
  effective_from, effective_to, titles, size, heading, body)
VALUES (
  %(version_id)s, %(code)s, %(name)s, %(short_name)s, %(field)s, %(level)s, %(agency)s, %(locality)s, %(essential)s,
  %(runs_here)s, %(limit_label)s, %(fee_label)s, %(effective_from)s, %(effective_to)s, %(titles)s, %(size)s,
  setweight(to_tsvector('simple', %(names)s), 'A') || setweight(to_tsvector('simple', %(everyday)s), 'B')
    || setweight(to_tsvector('simple', %(field_folded)s), 'C'),
  to_tsvector('simple', %(rest)s))
"""
_UPDATE_TITLES = """
UPDATE procedures_searchentry SET titles = %(titles)s,
  heading = setweight(to_tsvector('simple', %(names)s), 'A')
    || setweight(to_tsvector('simple', %(everyday)s), 'B') || setweight(to_tsvector('simple', %(field_folded)s), 'C')
WHERE version_id = %(version_id)s
"""
# Words of names with their counts; words that stand only in papers count 0 there, and not at all when so rare that
# they are likelier to be slips of the source.
_REFRESH_TERMS = """
WITH heading AS (
  SELECT word AS term, ndoc AS entries FROM ts_stat('SELECT heading FROM procedures_searchentry')
  WHERE length(word) <= 64
), counted AS (
  SELECT term, entries FROM heading
  UNION ALL
  SELECT b.word, 0 FROM ts_stat('SELECT body FROM procedures_searchentry') b
  WHERE length(b.word) <= 64 AND b.ndoc > (SELECT count(*) FROM procedures_searchentry) / 1000
    AND NOT EXISTS (SELECT 1 FROM heading h WHERE h.term = b.word)
), gone AS (
  DELETE FROM procedures_searchterm t WHERE NOT EXISTS (SELECT 1 FROM counted c WHERE c.term = t.term)
)
INSERT INTO procedures_searchterm (term, entries) SELECT term, entries FROM counted
ON CONFLICT (term) DO UPDATE SET entries = excluded.entries WHERE procedures_searchterm.entries <> excluded.entries
"""
# Papers are found by how their names begin; what follows is conditions, long and alike everywhere.
_LONGEST_PAPER, _LONGEST_REST = 160, 4_000


def lock_catalogue() -> SearchState:
    """Hold the one lock of the catalogue: publishing is rare, and one at a time."""
    SearchState.objects.get_or_create(id=1)
    return SearchState.objects.select_for_update().get(id=1)


def insert_entries(versions: Sequence[tuple[ProcedureVersion, ProcedureFacts]], synonyms: Synonyms) -> None:
    """Index new versions; one that never holds (it ends as it begins) is left out."""
    said = _said_by_code(synonyms)
    rows = [
        _row(version, facts, said.get(facts.code, ()))
        for version, facts in versions
        if version.effective_to is None or version.effective_to > version.effective_from
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def close_entries(ends: Mapping[int, date]) -> None:
    """Give entries their version's new last day; entries of versions that never hold go."""
    for version_id, end in ends.items():
        SearchEntry.objects.filter(version_id=version_id, effective_from__gte=end).delete()
        SearchEntry.objects.filter(version_id=version_id).update(effective_to=end)


def retitle_entries(pairs: Iterable[tuple[SearchEntry, ProcedureFacts]], synonyms: Synonyms) -> None:
    """Give entries the everyday words of a new vocabulary."""
    said = _said_by_code(synonyms)
    rows = [{"version_id": entry.version_id, **_titles(facts, said.get(facts.code, ()))} for entry, facts in pairs]
    with connection.cursor() as cursor:
        cursor.executemany(_UPDATE_TITLES, rows)


def finish_index(state: SearchState) -> None:
    """Count the words anew and tell every process to reload its word list."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH_TERMS)
    state.generation = secrets.randbits(62)  # never the same twice, not even after a rollback
    state.entries = SearchEntry.objects.count()
    state.save(update_fields=["generation", "entries"])


def _said_by_code(synonyms: Synonyms) -> dict[str, tuple[str, ...]]:
    said: dict[str, tuple[str, ...]] = {}
    for entry in synonyms.entries:
        for code in entry.codes:
            said[code] = (*said.get(code, ()), *entry.say)
    return said


def _titles(facts: ProcedureFacts, said: Sequence[str]) -> dict[str, Any]:
    names = [_joined(name) for name in (facts.name, facts.short_name) if name]
    everyday = [_joined(phrase) for phrase in (*facts.everyday_words, *said)]
    return {
        "titles": list(dict.fromkeys([*names, *everyday])),
        "names": " ".join(names),
        "everyday": " ".join(everyday),
        "field_folded": _joined(facts.field),
    }


def _joined(*texts: str) -> str:
    """Folded words alone: the text parser of PostgreSQL would take "tôn giáo/tín ngưỡng" for a file's path."""
    return " ".join(word for text in texts for token in text.split() for word in _token_words(token))


@lru_cache(maxsize=32_768)
def _token_words(token: str) -> tuple[str, ...]:
    """The catalogue has millions of words and a few thousand different ones."""
    return tuple(words(token))


def _row(version: ProcedureVersion, facts: ProcedureFacts, said: Sequence[str]) -> dict[str, Any]:
    papers = [result.name for result in facts.results] + [document.name for document in facts.documents]
    rest = "\n".join(dict.fromkeys([facts.agency, *(name[:_LONGEST_PAPER] for name in papers)]))
    return {
        "version_id": version.pk,
        "code": facts.code,
        "name": facts.name,
        "short_name": facts.short_name,
        "field": facts.field,
        "level": facts.level,
        "agency": facts.agency,
        "locality": facts.locality,
        "essential": facts.essential,
        "runs_here": version.package is not None,
        "limit_label": rules.limit_label(facts.limits),
        "fee_label": rules.fee_label(facts.fees),
        "effective_from": version.effective_from,
        "effective_to": version.effective_to,
        "size": len(facts.name),
        "rest": _joined(rest[:_LONGEST_REST]),
        **_titles(facts, said),
    }
