"""From a few hundred cases lived through the real actions to a hundred thousand.

Each new case is a copy of a lived one, with its steps, documents, papers, results, numbers and log, under a new person, a
new code and new numbers in the books. So every row keeps the shape and the invariants that the actions gave it; people
come in by COPY, the copies are made inside the database, whose constraints all stay on; `check` proves the rest.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tinhso.config.demo.names import Names
from tinhso.lib.text import fold

_PREPARE = """
CREATE TEMP TABLE bench_person (n bigint PRIMARY KEY, full_name text, lowered text, folded text, personal_id text,
                                phone text, birth_date date, sex text);
CREATE TEMP TABLE bench_words (name text PRIMARY KEY, folded text)
"""
# How lived cases are dealt out, which codes the copies get: sequences go on where each unit's day has got to.
_MAP = """
CREATE TEMP TABLE bench_copy AS
WITH lived AS (SELECT id, code, account_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total
               FROM cases_case WHERE code IS NOT NULL),
     dealt AS (SELECT p.n, l.id AS from_id, l.code AS from_code, l.account_id AS from_account,
                      regexp_replace(l.code, '-[0-9]+$', '') AS series
               FROM bench_person p JOIN lived l ON l.place = p.n % l.total),
     counted AS (SELECT unit_code || '-' || to_char(day, 'YYMMDD') AS series, latest FROM cases_codecounter),
     numbered AS (SELECT d.*, coalesce(c.latest, 0) + row_number() OVER (PARTITION BY d.series ORDER BY d.n) AS sequence
                  FROM dealt d LEFT JOIN counted c USING (series))
SELECT n, from_id, from_code, from_account, series, sequence,
       series || '-' || lpad(sequence::text, greatest(4, length(sequence::text)), '0') AS code,
       (SELECT max(id) FROM cases_case) + n AS case_id,
       CASE WHEN from_account IS NOT NULL THEN (SELECT max(id) FROM accounts_account) + n END AS account_id
FROM numbered
"""
_COUNTERS = """
UPDATE cases_codecounter c SET latest = m.latest FROM (SELECT series, max(sequence) AS latest FROM bench_copy GROUP BY 1) m
WHERE c.unit_code || '-' || to_char(c.day, 'YYMMDD') = m.series
"""
_PERSON = "jsonb_build_object('full_name', p.full_name, 'personal_id', p.personal_id, 'phone', p.phone)"
_OWN = f"(SELECT coalesce(jsonb_object_agg(k, v), '{{{{}}}}') FROM jsonb_each({_PERSON}) AS e(k, v) WHERE s.%s ? k)"  # noqa: S608 - our words
_FROM = "FROM {table} s JOIN bench_copy m ON m.from_id = s.case_id JOIN bench_person p USING (n)"
_NUMBERED = {
    "check_code": "left(md5(s.check_code || ':' || m.case_id), 20)",
    "number": "CASE WHEN b.id IS NULL THEN s.number ELSE regexp_replace(s.number, '^[0-9]+', b.number::text) END",
}
_WITH_ENTRY = _FROM + " LEFT JOIN documents_bookentry b ON b.id = m.n * {book_span} + s.book_entry_id"
_TABLES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "accounts_account",
        "FROM accounts_account s JOIN bench_copy m ON m.from_account = s.id JOIN bench_person p USING (n)",
        {
            "id": "m.account_id", "username": "'bench-' || m.account_id", "full_name": "p.full_name", "phone": "p.phone",
            "personal_id": "p.personal_id", "birth_date": "p.birth_date", "sex": "p.sex",
        },
    ),
    (
        "cases_case",
        (
            "FROM cases_case s JOIN bench_copy m ON m.from_id = s.id JOIN bench_person p USING (n)"
            " JOIN bench_words w ON w.name = s.procedure_name"
        ),
        {
            "id": "m.case_id", "code": "m.code", "account_id": "m.account_id", "applicant_name": "p.full_name",
            "applicant_personal_id": "p.personal_id", "applicant": "s.applicant || " + _OWN % "applicant",
            "answers": "s.answers || " + _OWN % "answers",
            "search_text": "concat_ws(' ', lower(m.code), p.lowered, p.personal_id, p.phone, p.folded, w.folded)",
        },
    ),
    ("cases_casestep", _FROM, {"case_id": "m.case_id"}),
    ("cases_casedocument", _FROM, {"case_id": "m.case_id"}),
    ("cases_rating", _FROM, {"case_id": "m.case_id"}),
    ("cases_supplement", _FROM, {"id": "m.n * {span} + s.id", "case_id": "m.case_id"}),
    (
        "documents_bookentry",
        (
            "FROM documents_bookentry s JOIN documents_numberbook b ON b.id = s.book_id"
            " JOIN bench_copy m ON s.subject = 'case:' || m.from_id"
        ),
        {
            "id": "m.n * {span} + s.id", "subject": "'case:' || m.case_id",
            "number": "b.latest + row_number() OVER (PARTITION BY s.book_id ORDER BY m.n, s.id)",
        },
    ),
    (
        "cases_result",
        _WITH_ENTRY,
        {
            "id": "m.n * {span} + s.id", "case_id": "m.case_id", "book_entry_id": "b.id",
            **_NUMBERED,
        },
    ),
    (
        "cases_paper",
        _WITH_ENTRY,
        {
            "id": "m.n * {span} + s.id", "case_id": "m.case_id", "book_entry_id": "b.id",
            **_NUMBERED,
            "subject_id": "CASE WHEN s.subject_id = 0 THEN 0 ELSE m.n * {supplement_span} + s.subject_id END",
        },
    ),
    (
        "audit_entry",
        "FROM audit_entry s JOIN bench_copy m ON s.stream = 'case:' || m.from_id JOIN bench_person p USING (n)",
        {
            "stream": "'case:' || m.case_id",
            "payload": "s.payload || jsonb_build_object('case_id', m.case_id)"
            " || CASE WHEN s.payload->>'code' = m.from_code THEN jsonb_build_object('code', m.code) ELSE '{{}}' END"
            " || CASE WHEN s.payload ? 'supplement_id' THEN jsonb_build_object('supplement_id',"
            " m.n * {supplement_span} + (s.payload->>'supplement_id')::bigint) ELSE '{{}}' END"
            " || CASE WHEN s.payload ? 'result_id' THEN jsonb_build_object('result_id',"
            " m.n * {result_span} + (s.payload->>'result_id')::bigint) ELSE '{{}}' END",
            "actor_id": "CASE WHEN s.actor_kind = 'citizen' THEN m.account_id ELSE s.actor_id END",
            "actor_name": "CASE WHEN s.actor_kind = 'citizen' THEN p.full_name ELSE s.actor_name END",
        },
    ),
)  # fmt: skip
_BOOKS = (
    "UPDATE documents_numberbook b SET latest = e.latest FROM (SELECT book_id, max(number) AS latest"
    " FROM documents_bookentry GROUP BY 1) e WHERE e.book_id = b.id AND e.latest > b.latest"
)
_LOG_ORDER = " ORDER BY m.n, s.id"
# Each must find nothing.
CHECKS = {
    "codes without a gap": "SELECT c.unit_code FROM cases_codecounter c LEFT JOIN LATERAL (SELECT count(*) AS cases FROM"
    " bench_codes k WHERE k.series = c.unit_code || '-' || to_char(c.day, 'YYMMDD')) f ON true WHERE f.cases <> c.latest",
    "streams in sequence": "SELECT stream FROM audit_entry WHERE stream LIKE 'case:%' GROUP BY stream"
    " HAVING min(sequence) <> 1 OR max(sequence) <> count(*)",
    "every filed case told in the log": "SELECT c.id FROM cases_case c WHERE c.code IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM audit_entry e WHERE e.stream = 'case:' || c.id AND e.type = 'case.submitted'"
    " AND (e.payload->>'case_id')::bigint = c.id)",
    "open step where the case stands": "SELECT c.id FROM cases_case c LEFT JOIN cases_casestep s ON s.case_id = c.id"
    # A linked whole has no step of its own.
    " AND s.left_at IS NULL WHERE c.status = 'processing' AND c.step_key <> '' AND (s.id IS NULL OR s.key <> c.step_key)",
    "signed results have their number": "SELECT r.id FROM cases_result r JOIN documents_bookentry b ON b.id = r.book_entry_id"
    " WHERE r.status = 'signed' AND b.subject <> 'case:' || r.case_id",
}


def people(content: Path, count: int, *, seed: int, known: set[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of `bench_person`: fictional people, no two with one personal id."""
    names = Names(content, seed=seed)
    number = 0
    while number < count:
        person = names.person()
        if person.personal_id in known:
            continue
        known.add(person.personal_id)
        number += 1
        yield (
            number, person.full_name, person.full_name.lower(), fold(person.full_name), person.personal_id,
            f"+84{person.phone[1:]}", person.birth_date, person.sex,
        )  # fmt: skip


def grow(address: str, *, content: Path, cases: int) -> dict[str, int]:
    """Copy lived cases until there are `cases`; returns the row counts of the big tables. `address`: the owner's."""
    with psycopg.connect(address, autocommit=False) as connection, connection.cursor() as cursor:
        there = _one(cursor, "SELECT count(*) FROM cases_case WHERE code IS NOT NULL")
        cursor.execute(_PREPARE)
        _copy_people(cursor, content, max(cases - there, 0))
        cursor.execute(_MAP)
        for statement in (
            "CREATE INDEX ON bench_copy (from_id)",
            "CREATE INDEX ON bench_copy (n)",
            "ANALYZE bench_copy",
        ):
            cursor.execute(statement)
        spans = {
            "book_span": _span(cursor, "documents_bookentry"),
            "supplement_span": _span(cursor, "cases_supplement"),
            "result_span": _span(cursor, "cases_result"),
        }
        for table, source, changed in _TABLES:
            _clone(cursor, table, source, changed, spans)
        cursor.execute(_COUNTERS)
        cursor.execute(_BOOKS)
        check(cursor)
        connection.commit()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        tables = ("cases_case", "cases_casestep", "cases_casedocument", "audit_entry")
        with connection.cursor() as cursor:
            return {table: _one(cursor, f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608 - our names


def check(cursor: psycopg.Cursor[Any]) -> None:
    """Prove what constraints cannot say.

    Raises:
        SystemExit: naming the first broken invariant.
    """
    cursor.execute(
        "CREATE TEMP TABLE bench_codes AS SELECT regexp_replace(code, '-[0-9]+$', '') AS series FROM cases_case"
        " WHERE code IS NOT NULL"
    )
    cursor.execute("CREATE INDEX ON bench_codes (series)")
    cursor.execute("ANALYZE bench_codes")
    for name, statement in CHECKS.items():
        cursor.execute(statement + " LIMIT 3")
        broken = cursor.fetchall()
        if broken:
            raise SystemExit(f"generated data breaks «{name}»: {broken}")


def _copy_people(cursor: psycopg.Cursor[Any], content: Path, count: int) -> None:
    cursor.execute("SELECT personal_id FROM accounts_account")
    known = {row[0] for row in cursor.fetchall()}
    with cursor.copy("COPY bench_person FROM STDIN") as copy:
        for row in people(content, count, seed=7, known=known):
            copy.write_row(row)
    cursor.execute("SELECT DISTINCT procedure_name FROM cases_case")
    for (name,) in cursor.fetchall():
        cursor.execute("INSERT INTO bench_words VALUES (%s, %s)", [name, fold(name)])
    cursor.execute("ANALYZE bench_person")


def _clone(
    cursor: psycopg.Cursor[Any], table: str, source: str, changed: dict[str, str], spans: dict[str, int]
) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", [table]
    )
    left_out = {"transaction_id"} | ({"id"} - changed.keys())  # given by the database, as to any new row
    columns = [row[0] for row in cursor.fetchall() if row[0] not in left_out]
    known = {**spans, "span": _span(cursor, table), "table": table}
    chosen = ", ".join(changed[c].format(**known) if c in changed else f's."{c}"' for c in columns)
    names = ", ".join(f'"{c}"' for c in columns)
    order = _LOG_ORDER if table == "audit_entry" else ""
    statement = f"INSERT INTO {table} ({names}) SELECT {chosen} {source.format(**known)}{order}"
    cursor.execute(statement.encode())
    if "id" in changed:
        sequence = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))")
        cursor.execute(sequence.format(sql.Literal(table), sql.Identifier(table)))


def _span(cursor: psycopg.Cursor[Any], table: str) -> int:
    """More than any number in use, so that `n * span + id` meets nobody."""
    return _one(cursor, f"SELECT coalesce(max(id), 0) + 1 FROM {table}")  # noqa: S608 - our names


def _one(cursor: psycopg.Cursor[Any], statement: str) -> int:
    cursor.execute(statement.encode())
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def tell(found: dict[str, Any], figures: dict[str, Any]) -> str:
    """This part of the report."""
    rows = ", ".join(f"{count:,} in `{table}`" for table, count in found.items())
    lived = "cases" if figures["reused"] else f"{figures['profile']['templates']} cases"
    return f"### Data\n\n{rows}; grown from {lived} lived through the real actions."
