"""`python -m bench.worklist_million`: the lists of a specialist and of a director over a million cases.

Rows are copies of cases lived through the real actions, made inside the database and dealt out over every commune and the
province's own offices; one in twenty is open. Only the table of cases is filled: the lists read nothing else of a case that
is not on the page. Times are those of the whole view in this process (rights, queries, template), without the network:
processor time of this process and of its backend in the database, and beside it what the clock says.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.province import Province, prepared

_COPIES = """
INSERT INTO cases_case ({columns})
SELECT {values}
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
JOIN bench_desk d ON d.place = CASE WHEN n %% 20 = 0 THEN (n / 20) %% %(open)s ELSE %(open)s + n %% %(closed)s END
JOIN cases_case s ON s.id = d.template_id
"""
_OWN = {
    "id": "%(base)s + n",
    "code": "d.prefix || '-' || to_char(now() - (n %% 900) * interval '1 day', 'YYMMDD') || '-' || lpad(n::text, 7, '0')",
    "unit_id": "d.unit_id",
    "intake_unit_id": "d.intake_id",
    "step_unit_id": "d.step_id",
    "desk_unit_ids": "d.desks",
    "account_id": "NULL",
    "mandate_id": "NULL",
    "parent_id": "NULL",
    "team_id": "NULL",
    # Two of three open cases are somebody's; the people are those of the demo, each in his own commune.
    "assignee_id": "CASE WHEN n %% 3 = 0 THEN NULL ELSE d.assignee_id END",
    "submitted_at": "s.submitted_at - (n %% 900) * interval '1 day'",
    "received_at": "s.received_at - CASE WHEN s.closed_at IS NULL THEN interval '0' ELSE (n %% 900) * interval '1 day' END",
    "due_at": "CASE WHEN s.closed_at IS NULL AND s.due_at IS NOT NULL"
    " THEN now() + ((n %% 2411) / 2411.0 * 30 - 2) * interval '1 day' ELSE s.due_at END",
    "resolved_at": "s.resolved_at - (n %% 900) * interval '1 day'",
}
_BATCH = 50_000


def grow(address: str, *, cases: int) -> dict[str, Any]:
    """Fill the table up to `cases` rows and analyse it; returns what was made and how long it took."""
    started = time.monotonic()
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("SET synchronous_commit = off")
        database.execute("SET maintenance_work_mem = '256MB'")
        open_places, closed_places = _deal(database)
        columns = [row[0] for row in database.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'cases_case' ORDER BY ordinal_position"
        )]  # fmt: skip
        base = _number(database, "SELECT max(id) FROM cases_case")
        here = _number(database, "SELECT count(*) FROM cases_case")
        statement = _COPIES.format(
            columns=", ".join(columns), values=", ".join(_OWN.get(name, f"s.{name}") for name in columns)
        )
        for first in range(1, cases - here + 1, _BATCH):
            last = min(first + _BATCH - 1, cases - here)
            span = {"first": first, "last": last, "base": base, "open": open_places, "closed": closed_places}
            database.execute(statement, span)  # type: ignore[arg-type]  # built from our own words
            print(f"   {last} rows, {time.monotonic() - started:.0f} s", flush=True)
        database.execute(f"SELECT setval(pg_get_serial_sequence('cases_case', 'id'), {base + cases})")
        database.execute("VACUUM ANALYZE cases_case")
        total = _number(database, "SELECT count(*) FROM cases_case")
        still_open = _number(
            database, "SELECT count(*) FROM cases_case WHERE closed_at IS NULL AND resolved_at IS NULL"
        )
    return {"cases": total, "open": still_open, "seconds": round(time.monotonic() - started)}


def _number(database: "psycopg.Connection[Any]", statement: str) -> int:
    row = database.execute(statement).fetchone()  # type: ignore[arg-type]  # our own words
    return int(row[0]) if row else 0


def _deal(database: "psycopg.Connection[Any]") -> tuple[int, int]:
    """`bench_desk`: every lived case as it would stand in every commune; open ones first. Returns how many of each."""
    from django.conf import settings  # noqa: F401 - the app registry must be up

    from tinhso.apps.directory import queries as directory
    from tinhso.kernel import clock

    units = {unit.id: unit for unit in directory.list_units()}
    by_path = {unit.path: unit.id for unit in units.values()}
    communes = directory.list_communes(clock.today())
    database.execute(
        "CREATE TEMP TABLE bench_desk (place bigint PRIMARY KEY, template_id bigint, unit_id bigint, intake_id bigint,"
        " step_id bigint, desks bigint[], assignee_id bigint, prefix text)"
    )
    lived = database.execute(
        "SELECT id, unit_id, intake_unit_id, step_unit_id, desk_unit_ids, assignee_id, closed_at IS NULL AND resolved_at"
        " IS NULL, code FROM cases_case WHERE code IS NOT NULL ORDER BY id"
    ).fetchall()
    rows: dict[bool, list[tuple[Any, ...]]] = {True: [], False: []}
    for template in lived:
        home = next((one for one in communes if units[template[1]].path.startswith(one.path)), None)
        for target in communes if home else [None]:

            def moved(unit_id: int | None, home: Any = home, target: Any = target) -> int | None:
                if unit_id is None or home is None:
                    return unit_id
                return by_path.get(units[unit_id].path.replace(home.path, target.path, 1))

            places = [moved(unit_id) for unit_id in template[4]]
            unit_id, intake_id, step_id = moved(template[1]), moved(template[2]), moved(template[3])
            if unit_id is None or intake_id is None or None in places or (step_id is None) != (template[3] is None):
                continue
            assignee_id = template[5] if home is None or target.id == home.id else None
            prefix = str(template[7]).split("-")[0]
            rows[template[6]].append((template[0], unit_id, intake_id, step_id, places, assignee_id, prefix))
    for found in rows.values():
        random.Random(1).shuffle(found)
    with database.cursor() as cursor, cursor.copy("COPY bench_desk FROM STDIN") as copy:
        for place, row in enumerate([*rows[True], *rows[False]]):
            copy.write_row([place, *row])
    return len(rows[True]), len(rows[False])


def measure(*, rounds: int, explain: bool = False) -> list[dict[str, Any]]:
    """Every shelf for a specialist, a director and a provincial observer: percentiles of server time in milliseconds."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench.pages import open_session
    from tinhso.config.bootstrap import spare_collector

    spare_collector()  # as a web process does
    found = []
    for who, username in _people():
        key, actor = open_session(username)
        client = Client(HTTP_HOST="localhost")
        client.cookies["sessionid"] = key
        for path in _paths(actor):
            answer = client.get(path)
            if answer.status_code != 200:
                print(f"   {path}: {answer.status_code}", flush=True)
                continue
            client.get(path)
            timed = list(_timed(client, path, rounds))
            wall, busy, of_database = (sorted(one[place] for one in timed) for place in range(3))
            with CaptureQueriesContext(connection) as asked:
                client.get(path)
            slowest = max(asked.captured_queries, key=lambda query: float(query["time"]))
            row = {
                "who": who, "page": path, "rows": answer.content.count(b"data-row"), "statements": len(asked),
                "server_p50_ms": _ms(busy, 0.5), "server_p95_ms": _ms(busy, 0.95), "database_p50_ms": _ms(of_database, 0.5),
                "wall_p50_ms": _ms(wall, 0.5), "wall_p95_ms": _ms(wall, 0.95), "slowest_ms": float(slowest["time"]) * 1000,
            }  # fmt: skip
            found.append(row)
            print("  ", json.dumps(row, ensure_ascii=False), flush=True)
            if explain and _ms(wall, 0.95) > 60:
                _explain(slowest["sql"])
    return found


def _timed(client: Any, path: str, rounds: int) -> Iterator[tuple[float, float, float]]:
    """Seconds of each request: on the clock, of processor time here and in the database, of the latter alone.

    Processor time says what the request costs, whatever else the machine does meanwhile; everything asked for lies in memory.
    """
    backend = _backend()
    for _ in range(rounds):
        started, own, theirs = time.perf_counter(), time.process_time(), _ran(backend)
        client.get(path)
        theirs = _ran(backend) - theirs
        yield time.perf_counter() - started, time.process_time() - own + theirs, theirs


def _backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _ran(process: int) -> float:
    """Seconds for which a process has had a processor."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def _ms(ordered: list[float], share: float) -> float:
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 1)


def _explain(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}")
        print("\n".join(row[0] for row in cursor.fetchall()), flush=True)
    print(statement[:3000], flush=True)


def _people() -> list[tuple[str, str]]:
    """The busiest specialist, leader and counter, and whoever sees the most units."""
    from bench.pages import _busiest

    roles = (("chuyên viên", "specialist"), ("trưởng phòng", "division_head"), ("lãnh đạo", "leader"),
             ("một cửa", "one_stop_officer"))  # fmt: skip
    found = [(name, username) for name, role in roles if (username := _busiest(role))]
    return [*found, ("giám sát cả tỉnh", _observer())]


def _observer() -> str:
    """Somebody who sees every unit of the province: the widest lists there can be."""
    from tinhso.apps.accounts.actions import assign_role, create_officer
    from tinhso.apps.accounts.queries import find_account
    from tinhso.apps.directory import queries as directory
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    name = "bench-observer"
    if find_account(name) is None:
        at = clock.now()
        account = create_officer(
            username=name,
            full_name="Giám sát",
            password="Núi-Ấn-Sông-Trà-2026",  # noqa: S106 - of a database that is thrown away
            actor=SYSTEM,
            at=at,
        )
        assign_role(
            account_id=account.id, role="auditor", unit_id=directory.get_province(clock.today()).id,
            valid_from=clock.today(), actor=SYSTEM, at=at,
        )  # fmt: skip
    return name


def _paths(actor: Any) -> list[str]:
    from tinhso.interfaces.workspace.shell import shelf_address, shelves_of

    searches = [
        "/can-bo/viec/tim?q=nguyen+van",
        "/can-bo/viec/tim?q=051090000001",
        "/can-bo/viec/tim?q=khong+co+ai+ten+nay",
    ]
    return [*(shelf_address(shelf) for shelf in shelves_of(actor)), *searches]


def main() -> None:
    """Prepare, fill, measure, print; `--json` keeps the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.worklist_million", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--templates", type=int, default=150)
    parser.add_argument("--explain", action="store_true", help="print the plan of what is slow")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--reuse", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with prepared(templates=options.templates, keep=options.keep, reuse=options.reuse) as province:
        import django

        django.setup()
        if options.reuse:
            province.tinhso("migrate")
        figures: dict[str, Any] = {"data": _filled(province, options.cases)}
        figures["pages"] = measure(rounds=options.rounds, explain=options.explain)
    worst = max(figures["pages"], key=lambda row: row["server_p95_ms"])
    print(f"{figures['data']['cases']} cases; worst p95 {worst['server_p95_ms']} ms: {worst['who']}, {worst['page']}")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))


def _filled(province: Province, cases: int) -> dict[str, Any]:
    with psycopg.connect(province.address("tinhso_owner")) as database:
        here = _number(database, "SELECT count(*) FROM cases_case")
    if here >= cases:
        return {"cases": here, "seconds": 0}
    return grow(province.address("tinhso_owner"), cases=cases)


if __name__ == "__main__":
    main()
