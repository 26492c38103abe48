"""What a migration may do to a province at work: judged by squawk for its locks, and here for the version that still runs.

While a province is brought up to a new version, the old one goes on serving on the new schema. Migrations that were there
before (`released_migrations.txt`, written anew at each release) are not judged again.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.migrations import Migration
from django.db.migrations.operations import AddField, CreateModel, RunPython
from django.db.models import NOT_PROVIDED, GeneratedField

RELEASED = Path(__file__).with_name("released_migrations.txt")
# What the product's own `migrate` sees to (locks are waited for briefly, and again), and what Django decides.
_NOT_ASKED = ("require-lock-timeout", "require-statement-timeout", "prefer-bigint-over-int", "prefer-robust-stmts")
_OLDEST_POSTGRESQL = "15"


@dataclass(frozen=True, slots=True)
class Finding:
    """One danger: its rule, and what to do instead."""

    migration: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.rule}: {self.message}"


def released() -> frozenset[str]:
    """The migrations a running province may have, as `app/name`."""
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def judge(name: str, migration: Migration, sql: str, *, tables: frozenset[str] = frozenset()) -> list[Finding]:
    """The dangers of one migration, but those it names and gives a reason for in `accepted = {rule: reason}`.

    `tables`: models that are new since the release, as `app.model`; nobody uses them yet.
    """
    accepted: dict[str, str] = getattr(migration, "accepted", {})
    found = [*_of_the_old_version(name, migration, tables), *_of_locks(name, sql, is_atomic=migration.atomic)]
    return [one for one in found if not accepted.get(one.rule, "").strip()]


def new_models(migrations: Iterable[Migration]) -> frozenset[str]:
    """The models these migrations make."""
    return frozenset(
        f"{migration.app_label}.{operation.name_lower}"
        for migration in migrations
        for operation in migration.operations
        if isinstance(operation, CreateModel)
    )


def _of_the_old_version(name: str, migration: Migration, tables: frozenset[str]) -> Iterator[Finding]:
    """What the version before cannot live with: it knows nothing of a new column, and sets none."""
    moves_data = any(isinstance(operation, RunPython) for operation in migration.operations)
    changes_schema = any(not isinstance(operation, RunPython) for operation in migration.operations)
    if moves_data and changes_schema:
        yield Finding(
            name, "data-with-schema", "move the data in a migration of its own: the table is locked meanwhile"
        )
    for operation in migration.operations:
        if isinstance(operation, AddField) and _must_be_given(migration.app_label, operation, tables):
            message = f"{operation.name}: give it db_default, or null=True: the version before does not set it"
            yield Finding(name, "required-by-new-code-only", message)


def _must_be_given(app_label: str, operation: AddField, tables: frozenset[str]) -> bool:
    field = operation.field
    is_set_by_database = field.null or field.db_default is not NOT_PROVIDED or isinstance(field, GeneratedField)
    return not (is_set_by_database or field.many_to_many or f"{app_label}.{operation.model_name_lower}" in tables)


def _of_locks(name: str, sql: str, *, is_atomic: bool) -> list[Finding]:
    """What squawk says of its statements; a table made in the same migration may be treated as one likes."""
    command = [
        str(Path(sys.executable).with_name("squawk")), "--reporter", "json", "--pg-version", _OLDEST_POSTGRESQL,
        "--exclude", ",".join(_NOT_ASKED), "--stdin-filepath", f"{name}.sql",
        *(["--assume-in-transaction"] if is_atomic else []),
    ]  # fmt: skip
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1} or not done.stdout:
        raise RuntimeError(f"squawk: {done.stderr}")
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return [Finding(name, row["rule_name"], f"{row['message']} {row.get('help') or ''}".strip()) for row in rows]
