"""From a few hundred cases lived through the real actions to as many as a trial needs.

Each new case is a copy of a lived one, with its steps, documents, papers, results, numbers, log and notices, under a new
person, a new code and new numbers in the books. So every row keeps the shape and the invariants that the actions gave
it; people come in by COPY, the copies are made inside the database, whose constraints all stay on; `check` proves what
constraints cannot say, and `tinhso recount` finds every copy in order.

Copied are cases that lie wholly in these tables: none with money, linked steps or anything else that refers to it.
Batches are transactions of their own: cut off anywhere, the same call goes on from what is there.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tinhso.config.demo.names import Names
from tinhso.lib.text import fold

_BATCH = 50_000
_MOST_TEMPLATES = 2_000
_PREPARE = """
SET LOCAL synchronous_commit = off;
SET LOCAL work_mem = '128MB';
CREATE TEMP TABLE copy_person (n bigint PRIMARY KEY, full_name text, lowered text, folded text, personal_id text,
                               phone text, birth_date date, sex text);
CREATE TEMP TABLE copy_words (name text PRIMARY KEY, folded text);
-- Where a row stands among those of its case: copies get numbers side by side, however large the table is.
CREATE TEMP TABLE copy_place (relation text, id bigint, place bigint, PRIMARY KEY (relation, id))
"""
# How lived cases are dealt out, which codes the copies get: sequences go on where each unit's day has got to.
_MAP = """
CREATE TEMP TABLE copy_case AS
WITH lived AS (SELECT id, code, account_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total
               FROM cases_case WHERE id = ANY(%s)),
     dealt AS (SELECT p.n, l.id AS from_id, l.code AS from_code, l.account_id AS from_account,
                      regexp_replace(l.code, '-[0-9]+$', '') AS series
               FROM copy_person p JOIN lived l ON l.place = p.n %% l.total),
     counted AS (SELECT unit_code || '-' || to_char(day, 'YYMMDD') AS series, latest FROM cases_codecounter),
     numbered AS (SELECT d.*, coalesce(c.latest, 0) + row_number() OVER (PARTITION BY d.series ORDER BY d.n) AS sequence
                  FROM dealt d LEFT JOIN counted c USING (series))
SELECT n, from_id, from_code, from_account, series, sequence,
       series || '-' || lpad(sequence::text, greatest(4, length(sequence::text)), '0') AS code,
       (SELECT max(id) FROM cases_case) + n AS case_id,
       CASE WHEN from_account IS NOT NULL THEN (SELECT max(id) FROM accounts_account) + n END AS account_id
FROM numbered
"""
# The log of the lived cases, and who was told of which row of it.
_TOLD = """
CREATE TEMP TABLE copy_told AS
SELECT c.id AS case_id, e.id AS entry_id, e.sequence, 'entry:' || e.id AS source
FROM cases_case c JOIN audit_entry e ON e.stream = 'case:' || c.id WHERE c.id = ANY(%s)
"""
# Whose rows are all copied: lived cases to which nothing else refers. `%s`: conditions, one a table that is not copied.
_TEMPLATES = """
SELECT c.id FROM cases_case c WHERE c.code IS NOT NULL AND c.parent_id IS NULL
AND NOT EXISTS (SELECT 1 FROM payments_paymentorder o WHERE o.subject = 'case:' || c.id)
AND NOT EXISTS (SELECT 1 FROM cases_result r WHERE r.case_id = c.id AND r.replaces_id IS NOT NULL)
{others} ORDER BY c.id LIMIT {most}
"""
_REFERRING = """
SELECT conrelid::regclass::text, attname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
WHERE contype = 'f' AND confrelid = 'cases_case'::regclass
"""
_COUNTERS = """
UPDATE cases_codecounter c SET latest = m.latest FROM (SELECT series, max(sequence) AS latest FROM copy_case GROUP BY 1) m
WHERE c.unit_code || '-' || to_char(c.day, 'YYMMDD') = m.series
"""
_COUNT = "SELECT count(*) FROM cases_case WHERE code IS NOT NULL"
_PERSON = "jsonb_build_object('full_name', p.full_name, 'personal_id', p.personal_id, 'phone', p.phone)"
_OWN = f"(SELECT coalesce(jsonb_object_agg(k, v), '{{{{}}}}') FROM jsonb_each({_PERSON}) AS e(k, v) WHERE s.%s ? k)"  # noqa: S608 - our words
_FROM = "FROM {table} s JOIN copy_case m ON m.from_id = s.case_id JOIN copy_person p USING (n)"
_NUMBERED = {
    "check_code": "left(md5(s.check_code || ':' || m.case_id), 20)",
    "number": "CASE WHEN b.id IS NULL THEN s.number ELSE regexp_replace(s.number, '^[0-9]+', b.number::text) END",
}
_WITH_ENTRY = _FROM + " LEFT JOIN documents_bookentry b ON b.id = {book_id}"
_ITS_COPY = (
    " JOIN copy_case m ON m.from_id = t.case_id"
    " JOIN audit_entry e ON e.stream = 'case:' || m.case_id AND e.sequence = t.sequence"
)
_TABLES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "accounts_account",
        "FROM accounts_account s JOIN copy_case m ON m.from_account = s.id JOIN copy_person p USING (n)",
        {
            "id": "m.account_id", "username": "'copy-' || m.account_id", "full_name": "p.full_name", "phone": "p.phone",
            "personal_id": "p.personal_id", "birth_date": "p.birth_date", "sex": "p.sex",
        },
    ),
    (
        "cases_case",
        (
            "FROM cases_case s JOIN copy_case m ON m.from_id = s.id JOIN copy_person p USING (n)"
            " JOIN copy_words w ON w.name = s.procedure_name"
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
    ("cases_reminder", _FROM, {"case_id": "m.case_id"}),
    ("cases_note", _FROM, {"case_id": "m.case_id"}),
    ("cases_message", _FROM, {"case_id": "m.case_id"}),
    ("reception_papermove", _FROM, {"case_id": "m.case_id"}),
    ("cases_supplement", _FROM, {"id": "{own_id}", "case_id": "m.case_id"}),
    (
        "documents_bookentry",
        (
            "FROM documents_bookentry s JOIN documents_numberbook b ON b.id = s.book_id"
            " JOIN copy_case m ON s.subject = 'case:' || m.from_id"
        ),
        {
            "id": "{own_id}", "subject": "'case:' || m.case_id",
            "number": "b.latest + row_number() OVER (PARTITION BY s.book_id ORDER BY m.n, s.id)",
        },
    ),
    (
        "cases_result",
        _WITH_ENTRY,
        {
            "id": "{own_id}", "case_id": "m.case_id", "book_entry_id": "b.id",
            **_NUMBERED,
        },
    ),
    (
        "cases_paper",
        _WITH_ENTRY,
        {
            "id": "{own_id}", "case_id": "m.case_id", "book_entry_id": "b.id",
            **_NUMBERED,
            "subject_id": "CASE WHEN s.subject_id = 0 THEN 0 ELSE {subject_id} END",
        },
    ),
    (
        "audit_entry",
        "FROM audit_entry s JOIN copy_case m ON s.stream = 'case:' || m.from_id JOIN copy_person p USING (n)",
        {
            "stream": "'case:' || m.case_id",
            "payload": "s.payload || jsonb_build_object('case_id', m.case_id)"
            " || CASE WHEN s.payload->>'code' = m.from_code THEN jsonb_build_object('code', m.code) ELSE '{{}}' END"
            " || CASE WHEN s.payload ? 'supplement_id' THEN jsonb_build_object('supplement_id',"
            " {told_supplement_id}) ELSE '{{}}' END"
            " || CASE WHEN s.payload ? 'result_id' THEN jsonb_build_object('result_id',"
            " {told_result_id}) ELSE '{{}}' END",
            "actor_id": "CASE WHEN s.actor_kind = 'citizen' THEN m.account_id ELSE s.actor_id END",
            "actor_name": "CASE WHEN s.actor_kind = 'citizen' THEN p.full_name ELSE s.actor_name END",
        },
    ),
    (
        "notifications_notice",
        "FROM notifications_notice s JOIN copy_told t ON t.source = s.source" + _ITS_COPY,
        {
            "account_id": "CASE WHEN s.account_id = m.from_account THEN m.account_id ELSE s.account_id END",
            "code": "CASE WHEN s.code = m.from_code THEN m.code ELSE s.code END", "source": "'entry:' || e.id",
            "words": "left(replace(s.words, m.from_code, m.code), 400)",
        },
    ),
    (
        "audit_entry",
        "FROM audit_entry s JOIN copy_told t ON s.stream = 'notice:' || t.source" + _ITS_COPY,
        {
            "stream": "'notice:entry:' || e.id",
            "payload": "s.payload || jsonb_build_object('account_ids', (SELECT coalesce(jsonb_agg(CASE WHEN"
            " a = to_jsonb(m.from_account) THEN to_jsonb(m.account_id) ELSE a END), '[]')"
            " FROM jsonb_array_elements(s.payload->'account_ids') AS a))",
        },
    ),
)  # fmt: skip
_BOOKS = (
    "UPDATE documents_numberbook b SET latest = e.latest FROM (SELECT book_id, max(number) AS latest"
    " FROM documents_bookentry GROUP BY 1) e WHERE e.book_id = b.id AND e.latest > b.latest"
)
_LOG_ORDER = " ORDER BY m.n, s.id"
# Written by the database itself when a case is.
_OF_TRIGGERS = frozenset({"cases_worklistentry"})
_BY_SUBJECT = "SELECT s.id, s.subject AS owner FROM documents_bookentry s WHERE s.subject = ANY(%(streams)s)"
_BY_CASE = "SELECT s.id, s.case_id AS owner FROM {table} s WHERE s.case_id = ANY(%(cases)s)"
# Tables whose rows others name by number, and how the rows of the lived cases are found.
_NUMBERED_TABLES = {
    "cases_supplement": _BY_CASE, "cases_result": _BY_CASE, "cases_paper": _BY_CASE, "documents_bookentry": _BY_SUBJECT,
}  # fmt: skip
# Each must find nothing.
CHECKS = {
    "codes without a gap": "SELECT c.unit_code FROM cases_codecounter c LEFT JOIN LATERAL (SELECT count(*) AS cases FROM"
    " copy_codes k WHERE k.series = c.unit_code || '-' || to_char(c.day, 'YYMMDD')) f ON true WHERE f.cases <> c.latest",
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
    # By triggers, as the entries of worklists.
    "signed results stand in registers": "SELECT r.id FROM cases_result r JOIN cases_case c ON c.id = r.case_id"
    " LEFT JOIN cases_bookline l ON l.result_id = r.id WHERE r.signed_at IS NOT NULL"
    " AND (l.unit_id, l.signed_at) IS DISTINCT FROM (c.unit_id, r.signed_at)",
    "ratings are added up": "SELECT c.unit_id, c.field, count(*) FROM cases_rating r JOIN cases_case c ON c.id = r.case_id"
    " GROUP BY 1, 2 EXCEPT SELECT unit_id, field, sum(very_satisfied + satisfied + dissatisfied) FROM cases_ratingsum"
    " WHERE field IS NOT NULL GROUP BY 1, 2",
}


class CannotCopy(RuntimeError):
    """Why copies cannot be made, or must not be kept."""


def people(content: Path, count: int, *, seed: int, known: set[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of `copy_person`: fictional people, no two with one personal id."""
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


def grow(
    address: str, *, content: Path, cases: int, told: Callable[[int], None] = lambda there: None
) -> dict[str, int]:  # fmt: skip
    """Copy lived cases until there are `cases`; returns the row counts of the big tables. `address`: the owner's.

    `told` hears after every batch how many there are.

    Raises:
        CannotCopy: no case to copy, or the copies break an invariant (then the last batch is not kept).
    """
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        there = _one(cursor, _COUNT)
        while there < cases:
            multiply(cursor, content=content, count=min(cases - there, _BATCH))
            connection.commit()
            there = _one(cursor, _COUNT)
            told(there)
        check(cursor)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        tables = ("cases_case", "cases_casestep", "cases_casedocument", "audit_entry")
        with connection.cursor() as cursor:
            return {table: _one(cursor, f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608 - our names


def _templates(cursor: psycopg.Cursor[Any]) -> list[int]:
    cursor.execute(_REFERRING)
    copied = {table for table, _, _ in _TABLES} | _OF_TRIGGERS
    others = " ".join(
        f"AND NOT EXISTS (SELECT 1 FROM {table} x WHERE x.{column} = c.id)"  # noqa: S608 - names of our own tables
        for table, column in cursor.fetchall()
        if table not in copied
    )
    cursor.execute(_TEMPLATES.format(others=others, most=_MOST_TEMPLATES).encode())
    found = [row[0] for row in cursor.fetchall()]
    if not found:
        raise CannotCopy("Chưa có hồ sơ mẫu nào để nhân bản; chạy «tinhso demo load» trước.")
    return found


def multiply(cursor: psycopg.Cursor[Any], *, content: Path, count: int) -> None:
    """One batch in the present transaction: `count` more cases, as copies of the lived ones."""
    templates, seed = _templates(cursor), _one(cursor, _COUNT)
    cursor.execute(_PREPARE)
    _copy_people(cursor, content, count, seed=seed)
    cursor.execute(_MAP, [templates])
    cursor.execute(_TOLD, [templates])
    cursor.execute("CREATE INDEX ON copy_case (from_id); CREATE INDEX ON copy_case (n); ANALYZE copy_case, copy_told")
    numbers = _numbers(cursor, templates)
    for table, source, changed in _TABLES:
        _clone(cursor, table, source, changed, numbers)
    cursor.execute(_COUNTERS)
    cursor.execute(_BOOKS)
    cursor.execute("DROP TABLE copy_person, copy_words, copy_place, copy_case, copy_told")


def _numbers(cursor: psycopg.Cursor[Any], templates: list[int]) -> dict[str, str]:
    """The numbers that copies get in the tables named by number, as SQL over `s` and `m`."""
    known = {"cases": templates, "streams": [f"case:{number}" for number in templates]}
    new = {}
    for table, rows in _NUMBERED_TABLES.items():
        cursor.execute(
            (
                f"INSERT INTO copy_place SELECT '{table}', id, row_number() OVER (PARTITION BY owner ORDER BY id)"  # noqa: S608 - ours
                f" FROM ({rows.format(table=table)}) AS r"
            ).encode(),
            known,
        )
        width = _one(cursor, f"SELECT coalesce(max(place), 0) FROM copy_place WHERE relation = '{table}'")  # noqa: S608 - ours
        base = _one(cursor, f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - ours
        new[table] = (
            f"({base} + (m.n - 1) * {width} + (SELECT k.place FROM copy_place k"  # noqa: S608 - our names and numbers
            f" WHERE k.relation = '{table}' AND k.id = {{of}}))"
        )
    cursor.execute("ANALYZE copy_place")
    return {
        **{f"own {table}": expression.format(of="s.id") for table, expression in new.items()},
        "book_id": new["documents_bookentry"].format(of="s.book_entry_id"),
        "subject_id": new["cases_supplement"].format(of="s.subject_id"),
        "told_supplement_id": new["cases_supplement"].format(of="(s.payload->>'supplement_id')::bigint"),
        "told_result_id": new["cases_result"].format(of="(s.payload->>'result_id')::bigint"),
    }


def check(cursor: psycopg.Cursor[Any]) -> None:
    """Prove what constraints cannot say.

    Raises:
        CannotCopy: naming the first broken invariant.
    """
    cursor.execute(
        "CREATE TEMP TABLE copy_codes AS SELECT regexp_replace(code, '-[0-9]+$', '') AS series FROM cases_case"
        " WHERE code IS NOT NULL"
    )
    cursor.execute("CREATE INDEX ON copy_codes (series)")
    cursor.execute("ANALYZE copy_codes")
    for name, statement in CHECKS.items():
        cursor.execute(statement + " LIMIT 3")
        if broken := cursor.fetchall():
            raise CannotCopy(f"dữ liệu nhân bản sai «{name}»: {broken}")
    cursor.execute("DROP TABLE copy_codes")


def _copy_people(cursor: psycopg.Cursor[Any], content: Path, count: int, *, seed: int) -> None:
    cursor.execute("SELECT personal_id FROM accounts_account")
    known = {row[0] for row in cursor.fetchall()}
    with cursor.copy("COPY copy_person FROM STDIN") as copy:
        for row in people(content, count, seed=seed, known=known):
            copy.write_row(row)
    cursor.execute("SELECT DISTINCT procedure_name FROM cases_case")
    for (name,) in cursor.fetchall():
        cursor.execute("INSERT INTO copy_words VALUES (%s, %s)", [name, fold(name)])
    cursor.execute("ANALYZE copy_person")


def _clone(
    cursor: psycopg.Cursor[Any], table: str, source: str, changed: dict[str, str], numbers: dict[str, str]
) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", [table]
    )
    left_out = {"transaction_id"} | ({"id"} - changed.keys())  # given by the database, as to any new row
    columns = [row[0] for row in cursor.fetchall() if row[0] not in left_out]
    known = {**numbers, "own_id": numbers.get(f"own {table}", ""), "table": table}
    chosen = ", ".join(changed[c].format(**known) if c in changed else f's."{c}"' for c in columns)
    names = ", ".join(f'"{c}"' for c in columns)
    order = _LOG_ORDER if table == "audit_entry" else ""
    statement = f"INSERT INTO {table} ({names}) SELECT {chosen} {source.format(**known)}{order}"
    cursor.execute(statement.encode())
    if "id" in changed:
        sequence = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))")
        cursor.execute(sequence.format(sql.Literal(table), sql.Identifier(table)))


def _one(cursor: psycopg.Cursor[Any], statement: str) -> int:
    cursor.execute(statement.encode())
    row = cursor.fetchone()
    return int(row[0]) if row else 0
