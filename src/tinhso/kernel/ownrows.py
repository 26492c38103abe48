"""A second layer under a citizen's pages: the database itself shows her own rows only (decision 0046).

While a view for citizens runs, the connection plays a role that may read and nothing else, and for which restrictive
policies hold: rows of somebody else are not there, whatever a query forgot to ask. An action lifts the role for its own
transaction, because it checks the right on what it locks. The application's own role is not touched by the policies, so
officers' lists, searches and jobs are planned as before.

The policies are made from the models: `own_rows` of a model says in SQL which rows are a citizen's, and what refers to
such a model follows it. `tinhso ownrows` writes them down for the database's administrator.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.db import connection, models

from tinhso.kernel.actor import Actor

ROLE = "tinhso_citizen"
POLICY, REST = "own_rows", "whole_table"
# In a condition of a model: who asks. Read once a statement, not once a row.
ACCOUNT = "(SELECT nullif(current_setting('tinhso.account', true), '')::bigint)"
PERSON = "(SELECT nullif(current_setting('tinhso.person', true), ''))"
# Those whom a person represents, and the mandates a person has given, as conditions of models name them.
REPRESENTED = f"SELECT principal_id FROM accounts_mandate WHERE representative_id = {ACCOUNT} AND revoked_at IS NULL"  # noqa: S608
GIVEN = f"SELECT id FROM accounts_mandate WHERE principal_subject = 'person' AND principal_id = {PERSON}"  # noqa: S608
OWN_ORGANISATION = f"SELECT organisation_id FROM accounts_account WHERE id = {ACCOUNT} AND organisation_id <> ''"  # noqa: S608

_asking: ContextVar[bool] = ContextVar("own_rows", default=False)


def guarded() -> dict[str, str]:
    """Every guarded table with the condition of a citizen's own rows: the declared ones, and what refers to them."""
    found: dict[str, str] = {}
    known: dict[type[models.Model], str] = {}
    tables = {model: model._meta for model in apps.get_models()}  # noqa: SLF001 - Django's public description of a model
    for model in tables:
        if condition := getattr(model, "own_rows", ""):
            known[model] = found[tables[model].db_table] = condition
    waiting = list(known)
    while waiting:
        owner = waiting.pop(0)
        for model, told in tables.items():
            for field in told.concrete_fields:
                if model not in known and field.related_model is owner and not field.null:
                    condition = f'"{field.column}" IN (SELECT id FROM "{tables[owner].db_table}")'  # noqa: S608 - names of ours
                    known[model] = found[told.db_table] = condition
                    waiting.append(model)
    return found


def statements(application: str) -> list[str]:
    """The SQL that puts the layer in place, for a superuser; running it again changes nothing."""
    lines = [
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} NOLOGIN; END IF; END $$",  # noqa: E501
        f"GRANT USAGE ON SCHEMA public TO {ROLE}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}",
        # Playing the role is allowed; inheriting it would put the application's own role under the policies.
        f'ALTER ROLE "{application}" NOINHERIT',
        f'GRANT {ROLE} TO "{application}"',
    ]
    for table, condition in guarded().items():
        lines += _policies(table, condition)
    return lines


def _policies(table: str, condition: str) -> list[str]:
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS {REST} ON "{table}"',
        f'DROP POLICY IF EXISTS {POLICY} ON "{table}"',
        f'CREATE POLICY {REST} ON "{table}" USING (true) WITH CHECK (true)',
        f'CREATE POLICY {POLICY} ON "{table}" AS RESTRICTIVE FOR SELECT TO {ROLE} USING ({condition})',
    ]


def take_in_new_tables() -> list[str]:
    """Where the layer is in place, put under it what an upgrade has brought; runs as the tables' owner. Returns which."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = %s", [POLICY])
        known = {row[0] for row in cursor.fetchall()}
        if not known:
            return []
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}")
        new = [table for table in guarded() if table not in known]
        for table in new:
            for line in _policies(table, guarded()[table]):
                cursor.execute(line)
    return new


def removal() -> list[str]:
    """The SQL that takes the layer away."""
    return [
        line
        for table in guarded()
        for line in (
            f'DROP POLICY IF EXISTS {REST} ON "{table}"',
            f'DROP POLICY IF EXISTS {POLICY} ON "{table}"',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        )
    ]


@contextmanager
def own_rows(actor: Actor) -> Iterator[None]:
    """Inside, the connection reads this citizen's own rows and writes nothing outside actions."""
    _tell(ROLE, str(actor.account_id or ""), actor.personal_id, local=False)
    token = _asking.set(True)
    try:
        yield
    finally:
        _asking.reset(token)
        # A transaction that has failed takes the role back with it.
        if not connection.needs_rollback:
            _tell("none", "", "", local=False)


def lift() -> None:
    """Within an action's transaction, and until its end: the application's own role again."""
    if _asking.get():
        _tell("none", "", "", local=True)


def _tell(role: str, account: str, person: str, *, local: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, %s), set_config('tinhso.account', %s, %s), set_config('tinhso.person', %s, %s)",
            [role, local, account, local, person, local],
        )
