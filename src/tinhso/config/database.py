"""Preparing the database: migrations as the owner, then the rights of the application's role."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from django.db.migrations.state import ModelState, ProjectState
from psycopg import sql

from tinhso.config import embedded

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


def migrate(*, verbosity: int = 0) -> None:
    """Bring the schema up to date and give the application its rights. Runs as the owner."""
    apply_migrations(verbosity=verbosity)
    grant_application(embedded.APPLICATION)
    grant_mail(MAIL_ROLE)


def apply_migrations(*, verbosity: int = 0) -> None:
    """Bring the schema up to date, without rights."""
    with _new_models_made_alone():
        call_command("migrate", verbosity=verbosity, interactive=False)


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
