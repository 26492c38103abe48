"""What operators watch: right sums over processes, every question answerable, nothing of people in any line."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test import Client
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from tinhso.config.metrics import state
from tinhso.config.metrics.__main__ import application
from tinhso.config.metrics.catalogue import counted, figures_by_part, names
from tinhso.kernel.clock import now

pytestmark = pytest.mark.django_db
_FOLDER = "deploy/monitoring"


def collected() -> dict[str, list[Any]]:
    return {family.name: family.samples for family in state.State().collect()}


def value(found: dict[str, list[Any]], name: str, **labels: str) -> float:
    return next(float(one.value) for one in found[name] if one.labels == labels)


def test_every_part_can_be_asked() -> None:
    found = collected()
    assert {one.labels["part"]: one.value for one in found["tinhso_part_readable"]} == {
        one.name: 1 for one in state.PARTS
    }
    declared = {figure.name: figure.labels for _, figures in figures_by_part() for figure in figures}
    for name, samples in found.items():
        assert all(tuple(one.labels) == declared[name] for one in samples), name
    assert value(found, "tinhso_database_writable") == 1
    assert value(found, "tinhso_disk_free_bytes", folder="data") > 0


def test_a_part_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Any:
        raise OSError("gone")

    broken = state.Part("disks", (), fail)
    monkeypatch.setattr(state, "PARTS", (broken, state._WORKERS))
    found = collected()
    assert {one.labels["part"]: one.value for one in found["tinhso_part_readable"]} == {"disks": 0, "workers": 1}
    assert value(found, "tinhso_workers_alive") == 0


def test_jobs_by_task() -> None:
    task = "cases.jobs.some_task"
    for _ in range(2):
        _queue(task)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '90 seconds'")
    found = collected()
    assert value(found, "tinhso_jobs_waiting", task=task) == 2
    assert 89 < value(found, "tinhso_jobs_oldest_seconds", task=task) < 120
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert value(collected(), "tinhso_jobs_failed", task=task) == 2


def _queue(task: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, args) VALUES (%s, 'default', '{}') RETURNING id",
            [task],
        )
        cursor.execute(
            "INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'deferred', now())", [cursor.fetchone()[0]]
        )


def test_age_of_the_backup(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_DIR = str(tmp_path)
    assert not [row for row in state._backups() if row[0] is not state._BACKUPS]
    (tmp_path / "base" / "one").mkdir(parents=True)
    ended = now() - timedelta(hours=3)
    (tmp_path / "base" / "one" / "base.json").write_text(json.dumps({"ended_at": ended.isoformat()}))
    (tmp_path / "verified").touch()
    (tmp_path / "reached.json").write_text(
        json.dumps({"lsn": "0/3000148", "at": (now() - timedelta(hours=1)).isoformat()})
    )
    found = {figure.name: row[0] for figure, row in state._backups()}
    assert (found["tinhso_backups"], round(found["tinhso_backup_age_seconds"])) == (1, 10_800)
    assert found["tinhso_backup_verified_age_seconds"] < 60
    assert round(found["tinhso_backup_whole_age_seconds"]) == 3_600


def test_routes_are_named_not_spelled(client: Client, settings: Any) -> None:
    settings.MIDDLEWARE = ["tinhso.interfaces.access.metering.MeteringMiddleware", *settings.MIDDLEWARE]
    client.get("/healthz")
    client.get("/nguyen-van-an/051090000001")
    client.generic("ANCIENT", "/healthz")
    routes = {
        (labels["route"], labels["method"])
        for family in REGISTRY.collect() if family.name == "tinhso_http_requests"
        for one in family.samples if (labels := one.labels)
    }  # fmt: skip
    assert {("access:healthz", "GET"), ("unknown", "GET"), ("access:healthz", "other")} <= routes
    assert not any("051090000001" in route or "nguyen" in route for route, _ in routes)
    assert REGISTRY.get_sample_value("tinhso_http_request_seconds_count", {"route": "unknown"})
    assert REGISTRY.get_sample_value("tinhso_http_under_way") == 0


_CHILDREN = """
import os, sys
from tinhso.lib import meters
for _ in range(3):
    if os.fork() == 0:
        meters.request_answered(route="a:b", method="GET", status=200, seconds=0.02)
        meters.UNDER_WAY.inc()
        os._exit(0)
    os.wait()
"""


def test_counts_of_processes_are_summed(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", _CHILDREN], env=environment, check=True)
    from prometheus_client.multiprocess import MultiProcessCollector

    from tinhso.lib import meters

    meters.forget_the_dead(tmp_path)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(tmp_path))
    labels = {"route": "a:b", "method": "GET", "status": "200"}
    assert registry.get_sample_value("tinhso_http_requests_total", labels) == 3
    assert registry.get_sample_value("tinhso_http_request_seconds_bucket", {"route": "a:b", "le": "0.025"}) == 3
    assert not registry.get_sample_value("tinhso_http_under_way"), "what the dead had under way is over"
    meters.forget_the_dead(tmp_path, counts=True)
    assert not list(tmp_path.glob("counter_*.db"))


def test_page_of_the_process(tmp_path: Path, settings: Any) -> None:
    settings.METRICS_DIR, settings.METRICS_TOKEN = str(tmp_path), "secret"
    serve = application()
    assert ask(serve, "/other")[0] == 404
    assert ask(serve, "/metrics")[0] == 401
    assert ask(serve, "/metrics", HTTP_AUTHORIZATION="Bearer wrong")[0] == 401
    status, text = ask(serve, "/metrics", HTTP_AUTHORIZATION="Bearer secret")
    assert status == 200
    told = {family.name for family in text_string_to_metric_families(text)}
    assert {"tinhso_part_readable", "tinhso_workers_alive"} <= told <= names()


def ask(serve: Any, path: str, **headers: str) -> tuple[int, str]:
    told: list[int] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", **headers}
    body = b"".join(serve(environ, lambda status, _headers: told.append(int(status[:3]))))
    return told[0], body.decode()


def test_rules_and_dashboards_name_what_exists(project_root: Path) -> None:
    folder = project_root / _FOLDER
    rules = yaml.safe_load((folder / "rules.yaml").read_text(encoding="utf-8"))
    asked = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"], rule["alert"]
        assert rule["annotations"]["do"], rule["alert"]
    for file in sorted(folder.glob("*.json")):
        board = json.loads(file.read_text(encoding="utf-8"))
        asked += [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    used = {name for expression in asked for name in re.findall(r"\btinhso_\w+", expression)}
    assert used <= names(), sorted(used - names())
    # What can go wrong is watched: every gauge of the state stands in a rule or on a board.
    unwatched = names() - used - {f"{name}_{end}" for name, kind, *_ in counted() for end in ("bucket", "count", "sum")}
    assert not unwatched, sorted(unwatched)
