"""Migrations since the last release can be applied while the version before serves: no long lock, nothing taken from it."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from tests.architecture.new_migrations import judge, new_models, released

ROOT = Path(__file__).resolve().parents[2]


@cache
def _present() -> frozenset[str]:
    files = (ROOT / "src" / "tinhso" / "apps").glob("*/migrations/[0-9]*.py")
    return frozenset(f"{file.parents[1].name}/{file.stem}" for file in files)


def test_a_released_migration_stays_as_it_was_named() -> None:
    assert released() <= _present(), f"a province has applied them: {sorted(released() - _present())}"


@pytest.mark.django_db
def test_new_migrations_can_be_applied_under_traffic() -> None:
    names = sorted(_present() - released())
    if not names:
        return
    loader = MigrationLoader(connection)
    found = {name: loader.disk_migrations[(name.split("/")[0], name.split("/")[1])] for name in names}
    tables = new_models(found.values())
    told = [
        str(danger)
        for name, migration in found.items()
        for danger in judge(name, migration, _sql(loader, migration), tables=tables)
    ]
    assert not told, "\n".join(told)


def _sql(loader: MigrationLoader, migration: Migration) -> str:
    from django.db.migrations.graph import Node

    node = loader.graph.node_map[(migration.app_label, migration.name)]
    assert isinstance(node, Node)
    return "\n".join(loader.collect_sql([(migration, False)]))


def _migration(*operations: Operation, **attributes: object) -> Migration:
    made = type("Migration", (Migration,), {"operations": list(operations), **attributes})
    return made("0099_tried", "cases")


def _rules(sql: str = "", *operations: Operation, **attributes: object) -> set[str]:
    return {one.rule for one in judge("cases/0099_tried", _migration(*operations, **attributes), sql)}


DANGERS = {
    "adding-required-field": 'ALTER TABLE "cases_case" ADD COLUMN "y" integer NOT NULL',
    "ban-drop-default": 'ALTER TABLE "cases_case" ALTER COLUMN "y" DROP DEFAULT',
    "ban-drop-column": 'ALTER TABLE "cases_case" DROP COLUMN "note" CASCADE',
    "renaming-column": 'ALTER TABLE "cases_case" RENAME COLUMN "note" TO "notes"',
    "ban-drop-table": 'DROP TABLE "cases_message" CASCADE',
    "renaming-table": 'ALTER TABLE "cases_message" RENAME TO "cases_talk"',
    "require-concurrent-index-creation": 'CREATE INDEX "i" ON "cases_case" ("code")',
    "adding-not-nullable-field": 'ALTER TABLE "cases_case" ALTER COLUMN "code" SET NOT NULL',
    "changing-column-type": 'ALTER TABLE "cases_case" ALTER COLUMN "id" TYPE numeric USING "id"::numeric',
    "constraint-missing-not-valid": 'ALTER TABLE "cases_case" ADD CONSTRAINT "c" CHECK ("paid_vnd" >= 0)',
}


@pytest.mark.parametrize("rule", DANGERS)
def test_each_danger_is_refused_by_its_rule(rule: str) -> None:
    assert rule in _rules(f"{DANGERS[rule]};")


def test_what_holds_nobody_up_is_not_refused() -> None:
    harmless = """
        CREATE TABLE "cases_talk" ("id" bigint NOT NULL PRIMARY KEY, "case_id" bigint NOT NULL);
        CREATE INDEX "t" ON "cases_talk" ("case_id");
        ALTER TABLE "cases_talk" ADD CONSTRAINT "f" FOREIGN KEY ("case_id") REFERENCES "cases_case" ("id");
        ALTER TABLE "cases_case" ADD COLUMN "x" bigint NULL;
        ALTER TABLE "cases_case" ADD COLUMN "y" integer DEFAULT 0 NOT NULL;
    """
    assert _rules(harmless) == set()
    assert _rules('CREATE INDEX CONCURRENTLY "i" ON "cases_case" ("code");', atomic=False) == set()


def test_a_column_that_only_new_code_sets_is_refused() -> None:
    required = migrations.AddField("case", "rounds", models.IntegerField(default=0))
    given = migrations.AddField("case", "rounds", models.IntegerField(default=0, db_default=0))
    empty = migrations.AddField("case", "rounds", models.IntegerField(null=True))
    assert _rules("", required) == {"required-by-new-code-only"}
    assert _rules("", given) == _rules("", empty) == set()
    on_new = judge("cases/0099_tried", _migration(required), "", tables=frozenset({"cases.case"}))
    assert on_new == []


def test_data_is_moved_apart_from_the_schema() -> None:
    moving = migrations.RunPython(migrations.RunPython.noop)
    adding = migrations.AddField("case", "rounds", models.IntegerField(null=True))
    assert _rules("", moving, adding) == {"data-with-schema"}
    assert _rules("", moving) == set()


def test_a_danger_is_accepted_with_a_reason_only() -> None:
    sql = 'ALTER TABLE "cases_case" DROP COLUMN "note" CASCADE;'
    assert _rules(sql, accepted={"ban-drop-column": "no version since the last release reads it"}) == set()
    assert _rules(sql, accepted={"ban-drop-column": " "}) == {"ban-drop-column"}


def test_the_linter_is_the_one_that_is_locked() -> None:
    program = Path(sys.executable).with_name("squawk")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    assert f"squawk-cli=={told} " in (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
