"""Migrating while people work: no lock is waited for long, and who stands idle in a transaction holds nobody for ever."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState
from psycopg.errors import LockNotAvailable, UndefinedTable

from tinhso.config import database

pytestmark = pytest.mark.django_db


def _refused(because: type[Exception]) -> OperationalError:
    error = OperationalError("canceling statement")
    error.__cause__ = because()
    return error


def test_a_table_in_use_is_tried_again_and_no_other_error_is(monkeypatch: pytest.MonkeyPatch) -> None:
    course: list[Exception | None] = [
        _refused(LockNotAvailable),
        _refused(LockNotAvailable),
        None,
        _refused(UndefinedTable),
    ]

    def migrate(*_arguments: str, **_options: Any) -> None:
        if (error := course.pop(0)) is not None:
            raise error

    monkeypatch.setattr(database, "call_command", migrate)
    monkeypatch.setattr(database, "_TRY_AGAIN_S", 0)
    database.apply_migrations()
    assert len(course) == 1
    with pytest.raises(OperationalError):
        database.apply_migrations()
    course.append(_refused(LockNotAvailable))
    with pytest.raises(OperationalError):
        database.apply_migrations(patience_s=-1)


@pytest.mark.parametrize(("atomic", "waits"), [(True, "200ms"), (False, "0")])
def test_a_migration_in_a_transaction_waits_a_moment_only(
    monkeypatch: pytest.MonkeyPatch, atomic: bool, waits: str
) -> None:
    seen: list[str] = []

    def look(*_arguments: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            seen.append(cursor.fetchone()[0])

    def migrate(*_arguments: str, **_options: Any) -> None:
        made = type("Tried", (Migration,), {"atomic": atomic})("0099_tried", "cases")
        with connection.schema_editor(atomic=False) as editor:
            made.apply(ProjectState(), editor)

    monkeypatch.setattr(Migration, "apply", look)
    monkeypatch.setattr(database, "call_command", migrate)
    database.apply_migrations()
    look()
    assert seen == [waits, "0"], "as it was, afterwards"


def test_who_stands_idle_in_a_transaction_is_ended_by_the_database() -> None:
    database.limit_idle_transactions()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
            " WHERE d.datname = current_database() AND s.setrole = 0"
        )
        assert (f"idle_in_transaction_session_timeout={database.IDLE_IN_TRANSACTION_S}s",) in cursor.fetchall()
