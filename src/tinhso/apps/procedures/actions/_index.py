"""The search index: one row a version, written with the version it belongs to."""

import json
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

_HEADING = """
  setweight(to_tsvector('simple', r.names), 'A') || setweight(to_tsvector('simple', r.everyday), 'B')
    || setweight(to_tsvector('simple', r.field_folded), 'C')
"""
_COPIED = (
    "version_id, code, name, short_name, field, level, agency, locality, essential, runs_here, limit_label, fee_label,"
    " effective_from, effective_to, size"
)
_INSERT = f"""
INSERT INTO procedures_searchentry ({_COPIED}, titles, heading, body)
SELECT {_COPIED}, ARRAY(SELECT jsonb_array_elements_text(r.titles)), {_HEADING}, to_tsvector('simple', r.rest)
FROM jsonb_to_recordset(%s::jsonb) AS r (
  version_id bigint, code text, name text, short_name text, field text, level text, agency text, locality text,
  essential boolean, runs_here boolean, limit_label text, fee_label text, effective_from date, effective_to date,
  size integer, titles jsonb, names text, everyday text, field_folded text, rest text)
"""  # noqa: S608 - constants
_UPDATE_TITLES = f"""
UPDATE procedures_searchentry e SET titles = ARRAY(SELECT jsonb_array_elements_text(r.titles)), heading = {_HEADING}
FROM jsonb_to_recordset(%s::jsonb) AS r (
  version_id bigint, titles jsonb, names text, everyday text, field_folded text)
WHERE e.version_id = r.version_id
"""  # noqa: S608 - constants
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
BATCH = 500


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
    _write(_INSERT, rows)


def close_entries(ends: Mapping[int, date]) -> None:
    """Give entries their version's new last day; entries of versions that never hold go."""
    for version_id, end in ends.items():
        SearchEntry.objects.filter(version_id=version_id, effective_from__gte=end).delete()
        SearchEntry.objects.filter(version_id=version_id).update(effective_to=end)


def retitle_entries(pairs: Iterable[tuple[SearchEntry, ProcedureFacts]], synonyms: Synonyms) -> None:
    """Give entries the everyday words of a new vocabulary."""
    said = _said_by_code(synonyms)
    rows = [{"version_id": entry.version_id, **_titles(facts, said.get(facts.code, ()))} for entry, facts in pairs]
    _write(_UPDATE_TITLES, rows)


def _write(statement: str, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as JSON, some hundred a statement: a statement a row would take three times as long."""
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            cursor.execute(statement, [json.dumps(rows[start : start + BATCH], ensure_ascii=False, default=str)])


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
