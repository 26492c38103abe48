"""/healthz."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tinhso.interfaces.access import health


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_is_migrated", False)


def beat(ago: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s)", [ago])


@pytest.mark.parametrize(
    ("ago", "worker", "status"), [(timedelta(seconds=5), "ok", "ok"), (timedelta(minutes=5), "silent", "degraded")]
)
def test_alive(client: Client, ago: timedelta, worker: str, status: str) -> None:
    beat(ago)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": status, "database": "ok", "migrations": "ok", "worker": worker}


def test_without_a_worker_pages_still_work(client: Client) -> None:
    assert client.get("/healthz").json()["worker"] == "missing"


def test_pending_migrations_are_unhealthy(client: Client) -> None:
    with patch.object(health.MigrationExecutor, "migration_plan", return_value=[("accounts", "0009")]):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "pending")


def test_database_away(client: Client) -> None:
    with patch.object(health.connection, "cursor", side_effect=OperationalError):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"], answer.json()["database"]) == (503, "down", "down")
