"""Ratings: each as the log tells it, and the sums of units, fields and days made up of all of them and nothing else."""

from collections import Counter
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from tinhso.config.recount.findings import Tally

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_BATCH = 5_000
_LEVELS = ("very_satisfied", "satisfied", "dissatisfied")
_FAULTS = ("attitude", "time", "papers", "guidance", "fees", "system", "result")
_COLUMNS = (*_LEVELS, *(f"fault_{name}" for name in _FAULTS))
_GIVEN = """
SELECT r.case_id, r.satisfaction, r.faults, r.rated_at, c.unit_id, c.field,
       (SELECT jsonb_agg(e.payload) FROM audit_entry e WHERE e.stream = 'case:' || r.case_id AND e.type = 'case.rated') AS told
FROM cases_rating r JOIN cases_case c ON c.id = r.case_id WHERE r.case_id > %s ORDER BY r.case_id LIMIT %s
"""
_LOST = """
SELECT e.stream FROM audit_entry e WHERE e.type = 'case.rated'
AND NOT EXISTS (SELECT FROM cases_rating r WHERE e.stream = 'case:' || r.case_id)
"""
_Place = tuple[int, str | None, date]


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """Every rating beside its entry in the log, then every sum."""
    found: dict[_Place, Counter[str]] = {}
    after = 0
    with connection.cursor(row_factory=dict_row) as cursor:
        while rows := cursor.execute(_GIVEN, (after, _BATCH)).fetchall():
            after = rows[-1]["case_id"]
            for row in rows:
                tally.count("đánh giá")
                told = [(one["satisfaction"], one.get("faults", [])) for one in row["told"] or []]
                if told != [(row["satisfaction"], row["faults"])]:
                    tally.wrong("đánh giá không như nhật ký", f"hồ sơ {row['case_id']}", f"nhật ký ghi {told}")
                _add(found, row)
        for row in cursor.execute(_LOST).fetchall():
            tally.wrong("đánh giá không như nhật ký", row["stream"], "có trong nhật ký, không có trong bảng")
        for row in cursor.execute("SELECT * FROM cases_ratingsum").fetchall():
            place = (row["unit_id"], row["field"], row["day"])
            counted = found.pop(place, Counter())
            if {name: counted[name] for name in _COLUMNS} != {name: row[name] for name in _COLUMNS}:
                tally.wrong("tổng đánh giá sai", _words(place), f"đếm được {dict(counted)}")
    for place, counted in found.items():
        tally.wrong("tổng đánh giá sai", _words(place), f"không có tổng, đếm được {dict(counted)}")


def _add(found: dict[_Place, Counter[str]], row: dict[str, Any]) -> None:
    if row["unit_id"] is None:
        return
    day = row["rated_at"].astimezone(_ZONE).date()
    for field in (None, row["field"]):
        counted = found.setdefault((row["unit_id"], field, day), Counter())
        counted.update([row["satisfaction"], *{f"fault_{name}" for name in row["faults"]}])


def _words(place: _Place) -> str:
    unit_id, field, day = place
    return f"đơn vị {unit_id}, {field or 'mọi lĩnh vực'}, {day:%d/%m/%Y}"
