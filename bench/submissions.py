"""Submissions through the HTTP API, and the floor of the same machine, framework and database in the same run."""

import json
import os
from pathlib import Path
from typing import Any

import psycopg

from bench import floor, traffic
from bench.province import Province, web
from tinhso.config.demo.names import Names
from tinhso.lib.yamltext import load_yaml

PROCEDURE, SCENARIOS = "1.013225", "procedures/xay-dung/1.013225/scenarios"
COMMUNES = ("21025", "23293", "21172", "21040", "23401", "21548")  # the communes that the demo staffs
_WARM_UP = 64


def measure(province: Province, content: Path, *, requests: int) -> dict[str, Any]:
    """Submissions and floor, each with and without a pool of connections."""
    found: dict[str, Any] = {"requests": requests, "clients": traffic.CLIENTS}
    before = _counts(province)
    for name, pool in (("pooled", True), ("unpooled", False)):
        with web(province.port, pool=pool):
            lot = Filings(province, content, mark=name).requests(requests + _WARM_UP)
            traffic.run(province.port, lot[:_WARM_UP], expect=201)
            found[name] = _figures(traffic.run(province.port, lot[_WARM_UP:], expect=201))
    after = _counts(province)
    made = 2 * (requests + _WARM_UP)
    if any(after[table] - before[table] < made for table in after):
        raise SystemExit(f"rows missing after {made} submissions: {before} -> {after}")
    found["rows"] = {table: round((after[table] - before[table]) / made, 2) for table in after}
    _create_floor(province)
    body = {"answers": _scenario(content)["answers"]}
    for name, pool in (("floor_pooled", True), ("floor_unpooled", False)):
        with web(province.port, application="bench.floor:application", pool=pool):
            lot = [
                traffic.render(
                    "POST", "/", port=province.port, headers={"Idempotency-Key": f"{os.getpid()}-{name}-{n}"}, body=body
                )
                for n in range(requests + _WARM_UP)
            ]
            traffic.run(province.port, lot[:_WARM_UP], expect=201)
            found[name] = _figures(traffic.run(province.port, lot[_WARM_UP:], expect=201))
    found["ratio"] = found["floor_pooled"]["rate"] / found["pooled"]["rate"]
    return found


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
