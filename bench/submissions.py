"""Submissions through the HTTP API, and the floor of the same machine, framework and database in the same run."""

import json
import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg

from bench import floor, machine, traffic
from bench.province import Province, web
from bench.tables import table
from tinhso.config.demo.names import Names
from tinhso.lib.yamltext import load_yaml

PROCEDURE, SCENARIOS = "1.013225", "procedures/xay-dung/1.013225/scenarios"
COMMUNES = ("21025", "23293", "21172", "21040", "23401", "21548")  # the communes that the demo staffs
_WARM_UP = 64


def measure(province: Province, content: Path, *, requests: int, unpooled: bool) -> dict[str, Any]:
    """Submissions to the served province, and the floor on a server of its own; `unpooled`: also a connection a request."""
    found: dict[str, Any] = {"requests": requests, "clients": traffic.CLIENTS}
    ways = {"pooled": True, **({"unpooled": False} if unpooled else {})}
    before = _counts(province)
    for name, pool in ways.items():
        port = province.port if pool else province.port + 1
        with nullcontext() if pool else web(port, pool=False):
            found[name] = _timed(port, Filings(province, content, mark=name).requests(requests + _WARM_UP))
    after = _counts(province)
    made = len(ways) * (requests + _WARM_UP)
    if any(after[table] - before[table] < made for table in after):
        raise SystemExit(f"rows missing after {made} submissions: {before} -> {after}")
    found["rows"] = {table: round((after[table] - before[table]) / made, 2) for table in after}
    _create_floor(province)
    for name, pool in ways.items():
        with web(province.port + 1, application="bench.floor:application", pool=pool):
            found[f"floor_{name}"] = _timed(
                province.port + 1, _floor_requests(province, content, requests + _WARM_UP, name)
            )
    found["ratio"] = round(found["floor_pooled"]["rate"] / found["pooled"]["rate"], 1)
    return found


def _timed(port: int, lot: list[bytes]) -> dict[str, float]:
    traffic.run(port, lot[:_WARM_UP], expect=201)
    before = machine.served_s()
    figures = _figures(traffic.run(port, lot[_WARM_UP:], expect=201))
    return {**figures, "processor_ms": round((machine.served_s() - before) * 1000 / (len(lot) - _WARM_UP), 1)}


def _floor_requests(province: Province, content: Path, wanted: int, name: str) -> list[bytes]:
    body = {"answers": _scenario(content)["answers"]}
    keys = ({"Idempotency-Key": f"{os.getpid()}-floor-{name}-{number}"} for number in range(wanted))
    return [traffic.render("POST", "/", port=province.port + 1, headers=key, body=body) for key in keys]


def _figures(result: traffic.Result) -> dict[str, float]:
    return {
        "rate": round(result.rate, 1),
        "p50_ms": round(result.percentile_ms(0.5), 1),
        "p95_ms": round(result.percentile_ms(0.95), 1),
        "p99_ms": round(result.percentile_ms(0.99), 1),
    }


def _scenario(content: Path) -> dict[str, Any]:
    first = sorted((content / SCENARIOS).glob("*.yaml"))[0]
    found: dict[str, Any] = json.loads(json.dumps(load_yaml(first.read_text(encoding="utf-8")), default=str))
    return found


class Filings:
    """Requests that file cases of the procedure, each for somebody of its own; `mark` keeps runs apart."""

    def __init__(self, province: Province, content: Path, *, mark: str) -> None:
        self._port, self._token, self._mark = province.port, str(province.accounts()["api_token"]), mark
        self._scenario, self._names = _scenario(content), Names(content, seed=len(mark))

    def request(self, number: int) -> tuple[str, bytes]:
        """The commune it goes to and the request."""
        person, commune = self._names.citizen(number), COMMUNES[number % len(COMMUNES)]
        own = {"full_name": person.full_name, "personal_id": person.personal_id, "phone": person.phone}
        body = {
            "procedure": PROCEDURE, "unit": commune, "applicant": {**self._scenario["applicant"], **own},
            "answers": {key: own.get(key, value) for key, value in self._scenario["answers"].items()},
            "documents": [{"key": key, "presence": "paper"} for key in self._scenario["documents"]],
        }  # fmt: skip
        key = f"bench-{os.getpid()}-{self._mark}-{number}"
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        return commune, traffic.render("POST", "/api/v1/cases", port=self._port, headers=headers, body=body)

    def requests(self, wanted: int) -> list[bytes]:
        """So many requests."""
        return [self.request(number)[1] for number in range(wanted)]


def _counts(province: Province) -> dict[str, int]:
    tables = ("cases_case", "audit_entry", "audit_idempotencykey")
    with psycopg.connect(province.address("tinhso_app")) as connection:
        return {
            table: int(connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()[0])  # type: ignore[index]  # noqa: S608 - our names
            for table in tables
        }


def _create_floor(province: Province) -> None:
    with psycopg.connect(province.address("tinhso_owner"), autocommit=True) as connection:
        connection.execute(floor.TABLES.encode())


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    rows = [
        (label, *(found[key][name] for name in ("rate", "p50_ms", "p95_ms", "p99_ms", "processor_ms")))
        for key, label in (
            ("pooled", "submission, connections pooled"),
            ("unpooled", "submission, a connection a request"),
            ("floor_pooled", "floor, connections pooled"),
            ("floor_unpooled", "floor, a connection a request"),
        )
        if key in found
    ]
    rows_written = ", ".join(f"{number} in `{table}`" for table, number in found["rows"].items())
    return (
        f"### Submissions through the API\n\n{found['requests']} submissions of procedure 1.013225 by {found['clients']}"
        " clients to 2 web processes of 4 threads; form, documents and competence checked, case code issued, events"
        f" recorded, idempotency key kept. Rows per submission: {rows_written}. The floor is four ORM statements in one"
        " transaction, without the product.\n\n"
        + table(["", "requests/s", "p50 ms", "p95 ms", "p99 ms", "processor ms each"], rows)
        + f"\n\nThe floor does {found['ratio']:.1f} times as many."
    )
