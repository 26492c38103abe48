"""Legal time at scale: explaining one due date, and computing every open one anew after a calendar change."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bench.tables import table

_OPEN = "status IN ('received', 'processing', 'supplement', 'financial_duty') AND received_at IS NOT NULL"


def grow_open(count: int) -> int:
    """Copy open cases, each with its log and the step it lies at, until there are `count`; how many there are then."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM cases_case WHERE {_OPEN}")  # noqa: S608 - our own words
        there = int(cursor.fetchone()[0])
        if there == 0:
            raise SystemExit("no open case to copy")
        cursor.execute(
            "CREATE TEMP TABLE bench_open AS SELECT c.id AS from_id, row_number() OVER () + (SELECT max(id) FROM"  # noqa: S608
            f" cases_case) AS to_id FROM (SELECT id FROM cases_case WHERE {_OPEN}) c"
            " CROSS JOIN generate_series(1, %s) LIMIT %s",
            [max(-(-count // there), 1), max(count - there, 0)],
        )
        _copy(cursor, "cases_case", "id", {"id": "b.to_id", "code": "'B-' || b.to_id"})
        _copy(cursor, "cases_casestep", "case_id", {"id": "nextval('cases_casestep_id_seq')", "case_id": "b.to_id"})
        stream = {"id": "nextval('audit_entry_id_seq')", "stream": "'case:' || b.to_id"}
        _copy(cursor, "audit_entry", "substring(t.stream from '^case:([0-9]+)$')::bigint", stream)
        cursor.execute("SELECT setval('cases_case_id_seq', (SELECT max(id) FROM cases_case))")
        cursor.execute("DROP TABLE bench_open; ANALYZE cases_case; ANALYZE cases_casestep; ANALYZE audit_entry")
    return max(count, there)


def _copy(cursor: Any, table: str, key: str, changed: dict[str, str]) -> None:
    """The rows of the copied cases in one table, with other values in the columns named."""
    cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    columns = [name for (name,) in cursor.fetchall()]
    values = ", ".join(changed.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    where = key if "(" in key else f"t.{key}"
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} t JOIN bench_open b ON {where} = b.from_id"  # noqa: S608
    )


def measure(*, cases: int = 100_000, explained: int = 1_000) -> dict[str, Any]:
    """Explain open cases one by one, then publish a calendar with one more holiday and recompute every open case.

    Times in milliseconds a case (explaining, query and words included) and seconds (the whole round); one process.
    """
    from tinhso.apps.calendars.actions import publish_calendar
    from tinhso.apps.calendars.queries import get_definition, latest_version
    from tinhso.apps.cases import flows, queries
    from tinhso.apps.cases.enums import OPEN_STATUSES
    from tinhso.apps.cases.models import Case, Recomputation
    from tinhso.kernel import clock, jobs
    from tinhso.kernel.actor import SYSTEM
    from tinhso.lib.worktime import DayKind, SpecialDay

    grow_open(cases)
    now = clock.now()
    running = Case.objects.filter(status__in=OPEN_STATUSES, received_at__isnull=False).order_by("id")
    took = []
    for case in running[:explained]:
        started = time.perf_counter()
        queries.explain_deadline(case, now)
        took.append((time.perf_counter() - started) * 1000)
    took.sort()
    known = get_definition()
    day = next(
        day for day in ((now + timedelta(days=shift)).date() for shift in range(1, 15))
        if known.first <= day <= known.last and day.weekday() < 5 and all(s.day != day for s in known.days)
    )  # fmt: skip
    special = SpecialDay(day, DayKind.HOLIDAY, "Nghỉ đột xuất", "đo hiệu năng")
    with jobs.held():  # the round is run here, not by a worker
        publish_calendar(definition=replace(known, days=(*known.days, special)), actor=SYSTEM, at=now)
    latest = latest_version(calendar_key=known.key)
    assert latest is not None
    started = time.perf_counter()
    flows.recompute_open_deadlines(calendar_key=known.key, calendar_number=latest.number, at=clock.now())
    seconds = time.perf_counter() - started
    work = Recomputation.objects.get(calendar_key=known.key, calendar_number=latest.number)
    return {
        "explained": len(took), "explain_median_ms": round(took[len(took) // 2], 2) if took else None,
        "explain_p95_ms": round(took[int(len(took) * 0.95)], 2) if took else None, "examined": work.examined,
        "changed": work.changed, "recompute_seconds": round(seconds, 1),
        "recompute_rate": round(work.examined / seconds) if seconds else None,
    }  # fmt: skip


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    head = ("explain one case p50", "p95", "open cases looked at", "dates moved", "recomputed in", "cases a second")
    row = (
        f"{found['explain_median_ms']} ms", f"{found['explain_p95_ms']} ms", found["examined"], found["changed"],
        f"{found['recompute_seconds']} s", found["recompute_rate"],
    )  # fmt: skip
    told = "One more holiday is published; every open due date is computed anew from its log, one process."
    return f"### Deadlines\n\n{told}\n\n{table(head, [row])}"
