"""What the portal's first page says of this month: right, and counted without the months before."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.cases import CaseMaker
from tinhso.apps.cases import queries
from tinhso.apps.cases.models import Case

pytestmark = pytest.mark.django_db
MARCH = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)


def _copies(case: Case, number: int, *, resolved_at: str, lateness: str, channel: str) -> None:
    columns = [str(field.column) for field in Case._meta.concrete_fields if field.column != "id"]
    values = {
        "code": f"'H48.99-{lateness}-' || n", "resolved_at": f"'{resolved_at}'::timestamptz",
        "lateness": f"'{lateness}'", "channel": f"'{channel}'",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_case ({', '.join(columns)}) SELECT {', '.join(values.get(one, one) for one in columns)}"  # noqa: S608
            f" FROM cases_case, generate_series(1, {number}) AS n WHERE id = %s",
            [case.pk],
        )


def test_a_month_is_counted_from_its_first_moment_here(maker: CaseMaker) -> None:
    case = maker.received()
    _copies(case, 2, resolved_at="2026-02-28 16:59:59+00", lateness="late", channel="online")
    _copies(case, 3, resolved_at="2026-02-28 17:00:00+00", lateness="on_time", channel="online")
    _copies(case, 1, resolved_at="2026-03-19 17:00:00+00", lateness="early", channel="counter")
    _copies(case, 5, resolved_at="2026-03-20 02:00:01+00", lateness="", channel="counter")
    found = queries.public_figures(now=MARCH)
    assert (found.resolved, found.in_time, found.online) == (4, 1.0, 0.75)
    assert queries.public_figures(now=datetime(2026, 2, 28, 17, 0, tzinfo=UTC)).in_time == 1.0
    february = queries.public_figures(now=datetime(2026, 2, 28, 16, 59, 59, tzinfo=UTC))
    assert (february.resolved, february.in_time, february.online) == (2, 0.0, 1.0)


def test_it_costs_no_more_for_the_months_before(maker: CaseMaker) -> None:
    case = maker.received()
    _copies(case, 3000, resolved_at="2025-11-05 03:00:00+00", lateness="on_time", channel="online")
    _copies(case, 20, resolved_at="2026-03-05 03:00:00+00", lateness="late", channel="online")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case")
        # What a vacuum would tell the planner.
        cursor.execute("UPDATE pg_class SET relallvisible = relpages WHERE relname LIKE 'cases_case%'")
    with CaptureQueriesContext(connection) as asked:
        assert queries.public_figures(now=MARCH).resolved == 20
    statement = next(one["sql"] for one in asked if '"cases_case"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using case_resolved" in plan, plan
    touched = sum(int(number) for number in re.findall(r"shared (?:hit|read)=(\d+)", plan.split("Planning")[0]))
    assert touched < 60, f"{plan}\n3,000 cases of another month lie in more than 300 blocks"
