"""Registers of results: every signed result is one line, of the units it belongs to, and is seen by the units that may."""

import unicodedata
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tinhso.config.recount.findings import Tally

_BATCH = 2_000
_SIGNED = """
SELECT r.id, r.signed_at, r.number, c.unit_id, c.field, c.search_text, b.unit_id AS book_unit_id, b.book,
       c.desk_unit_ids || c.unit_id AS sight,
       (SELECT array_agg(DISTINCT s.unit_id) FROM cases_casestep s WHERE s.case_id = c.id) AS stays,
       (SELECT (e.payload ->> 'unit_id')::bigint FROM audit_entry e WHERE e.stream = 'case:' || c.id
        AND e.type IN ('case.submitted', 'case.handed_over', 'case.inherited') AND e.payload ? 'unit_id'
        ORDER BY e.sequence DESC LIMIT 1) AS told_unit_id,
       l.result_id IS NOT NULL AS stands, l.signed_at AS line_signed_at, l.unit_id AS line_unit_id,
       l.book_unit_id AS line_book_unit_id, l.book AS line_book, l.field AS line_field, l.number AS line_number,
       l.seen_unit_ids AS line_seen, l.search_text AS line_text
FROM cases_result r JOIN cases_case c ON c.id = r.case_id
LEFT JOIN documents_bookentry e ON e.id = r.book_entry_id LEFT JOIN documents_numberbook b ON b.id = e.book_id
LEFT JOIN cases_bookline l ON l.result_id = r.id
WHERE r.signed_at IS NOT NULL AND r.id > %s ORDER BY r.id LIMIT %s
"""
_TOO_MANY = """
SELECT l.result_id FROM cases_bookline l LEFT JOIN cases_result r ON r.id = l.result_id WHERE r.signed_at IS NULL
"""


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Every signed result beside its line; no line of anything else."""
    after = 0
    with connection.cursor(row_factory=dict_row) as cursor:
        while rows := cursor.execute(_SIGNED, (after, _BATCH)).fetchall():
            after = rows[-1]["id"]
            for row in rows:
                tally.count("dòng sổ kết quả")
                for kind, words in _wrong(row):
                    tally.wrong(kind, f"kết quả {row['id']}", words)
        for row in cursor.execute(_TOO_MANY).fetchall():
            tally.wrong("sổ kết quả thừa dòng", f"kết quả {row['result_id']}", "chưa ký hoặc không còn")


def _wrong(row: dict[str, Any]) -> list[tuple[str, str]]:
    if not row["stands"]:
        return [("kết quả không vào sổ", "đã ký nhưng sổ kết quả không có dòng")]
    found = []
    units = {row["unit_id"], row["book_unit_id"] or row["unit_id"]}
    told = {row["line_unit_id"], row["line_book_unit_id"] or row["line_unit_id"]}
    if told != units or row["line_unit_id"] != row["unit_id"]:
        found.append(("dòng sổ sai đơn vị", f"phải thuộc đơn vị {sorted(units)}, sổ ghi {sorted(told)}"))
    if row["told_unit_id"] not in {None, row["line_unit_id"]}:
        found.append(("dòng sổ sai đơn vị", f"nhật ký ghi {row['told_unit_id']}, sổ ghi {row['line_unit_id']}"))
    seen, sight = set(row["line_seen"]), set(row["sight"])
    if seen != sight or not seen.issuperset(row["stays"] or []):
        wanted = sorted(sight.union(row["stays"] or []))
        found.append(("dòng sổ sai nơi được xem", f"phải là đơn vị {wanted}, sổ ghi {sorted(seen)}"))
    number = _plain(row["number"])
    copied = (row["signed_at"], row["book"] or "", row["field"], number, f"{number} {row['search_text']}")
    if copied != tuple(row[f"line_{name}"] for name in ("signed_at", "book", "field", "number", "text")):
        found.append(("dòng sổ khác kết quả", "ngày ký, sổ, lĩnh vực, số hoặc chữ để tìm không như ở kết quả, hồ sơ"))
    return found


def _plain(text: str) -> str:
    """Small letters without marks."""
    letters = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
