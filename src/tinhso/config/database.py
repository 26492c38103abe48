"""Preparing the database: migrations as the owner, then the rights of the application's role."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.state import ModelState, ProjectState
from psycopg import sql
from psycopg.errors import LockNotAvailable

from tinhso.config import embedded
from tinhso.kernel import ownrows

# The application may only add to these; triggers refuse the owner too (decision: one event log).
APPEND_ONLY = (
    "audit_entry", "audit_seal", "audit_sealedentry", "exchange_message", "exchange_messageseal", "exchange_sealstamp",
    "payments_ledgerentry", "payments_ledgerposting", "payments_providermessage",
)  # fmt: skip

# What the mail servers read, by a role of their own that sees nothing else.
MAIL_VIEWS = (
    "mail_box", "mail_store", "mail_route", "mail_refused", "mail_sender", "mail_login", "mail_guarded",
    "mail_group_sender", "mail_reply",
)  # fmt: skip
MAIL_ROLE = "tinhso_mail"


# A process that stopped in the middle of a change (a debugger, a swapping machine, a frozen container) holds what it has
# locked, and whoever waits for it is held too. After this long the database ends its session; what it wakes up to do is
# refused. No change of the product thinks for so long: calls to others happen between two transactions.
IDLE_IN_TRANSACTION_S = 20

# How long a change of the schema may wait for a table, with everybody behind it.
LOCK_TIMEOUT_MS = 200
_TRY_AGAIN_S = 0.3


def migrate(*, verbosity: int = 0) -> None:
    """Bring the schema up to date and give the application its rights. Runs as the owner."""
    apply_migrations(verbosity=verbosity)
    limit_idle_transactions()
    grant_application(embedded.APPLICATION)
    grant_mail(MAIL_ROLE)
    ownrows.take_in_new_tables()


def apply_migrations(*, verbosity: int = 0, patience_s: float = 300.0) -> None:
    """Bring the schema up to date, without rights, while people work.

    A change of a table waits for whoever uses it, and everybody who comes after waits behind the change. So it gives up
    after a moment, lets them pass and tries again; the migrations before it stay applied.

    Raises:
        OperationalError: a table was not free for `patience_s` seconds on end.
    """
    until = time.monotonic() + patience_s
    with _new_models_made_alone(), _bounded_waits():
        while True:
            _drop_unfinished_indexes()
            try:
                call_command("migrate", verbosity=verbosity, interactive=False)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable) or time.monotonic() > until:
                    raise
                time.sleep(_TRY_AGAIN_S)
            else:
                return


@contextmanager
def _bounded_waits() -> Iterator[None]:
    """While it lasts, a migration in a transaction waits for no lock longer than others can bear to wait for it.

    One without (an index made beside the work) holds nobody up, and waits for as long as it takes.
    """
    whole = Migration.apply

    def apply(
        self: Migration, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS if self.atomic else 0}")
        return whole(self, project_state, schema_editor, collect_sql)

    Migration.apply = apply  # type: ignore[method-assign]
    try:
        yield
    finally:
        Migration.apply = whole  # type: ignore[method-assign]
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


def _drop_unfinished_indexes() -> None:
    """What is left of an index whose making beside the work was broken off: it costs every write and serves no reader."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = 'public'::regnamespace"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))


@contextmanager
def _new_models_made_alone() -> Iterator[None]:
    """While it lasts, a table that a migration adds is described to Django without describing all related ones anew.

    Django makes the classes of every model that can be reached from a new one again, whichever way the relation points:
    with all models related, that was half of what migrating an empty database took. What a migration does to the database
    needs the new class, and those it points to, only.
    """
    whole = ProjectState.add_model

    def add_model(self: ProjectState, model_state: ModelState) -> None:
        key = model_state.app_label, model_state.name_lower
        apps = self.__dict__.get("apps")
        if apps is None or key[1] in apps.all_models[key[0]]:
            whole(self, model_state)
            return
        self.models[key] = model_state
        if self._relations is not None:  # type: ignore[attr-defined]  # not in the stubs
            self.resolve_model_relations(key)
        apps.render_multiple([model_state])
        apps.clear_cache()

    ProjectState.add_model = add_model  # type: ignore[method-assign]
    try:
        yield
    finally:
        ProjectState.add_model = whole  # type: ignore[method-assign]


def limit_idle_transactions() -> None:
    """Let the database end sessions that stand idle in a transaction; sessions opened from now on."""
    with connection.cursor() as cursor:
        name = sql.Identifier(connection.settings_dict["NAME"])
        seconds = sql.Literal(f"{IDLE_IN_TRANSACTION_S}s")
        cursor.execute(sql.SQL("ALTER DATABASE {} SET idle_in_transaction_session_timeout = {}").format(name, seconds))


def grant_application(role: str) -> None:
    """Give the application's role everything it needs and nothing more; no effect where the role does not exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            return
        name = sql.Identifier(role)
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}",
        ):
            cursor.execute(sql.SQL(statement).format(name))
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = ANY(%s::regclass[])",
            [list(APPEND_ONLY)],
        )
        parts = [row[0] for row in cursor.fetchall()]
        for table in (*APPEND_ONLY, *parts):
            cursor.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), name))


def grant_mail(role: str) -> None:
    """Let the mail servers' role read their views and nothing else; no effect where the role does not exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            return
        name = sql.Identifier(role)
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
        views = sql.SQL(", ").join(map(sql.Identifier, MAIL_VIEWS))
        cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(views, name))
