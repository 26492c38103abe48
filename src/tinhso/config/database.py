"""Preparing the database: migrations as the owner, then the rights of the application's role."""

from django.core.management import call_command
from django.db import connection
from psycopg import sql

from tinhso.config import embedded

# The application may only add to these; triggers refuse the owner too (decision: one event log).
APPEND_ONLY = (
    "audit_entry", "audit_seal", "audit_sealedentry", "exchange_message", "exchange_messageseal", "exchange_sealstamp",
)  # fmt: skip


def migrate(*, verbosity: int = 0) -> None:
    """Bring the schema up to date and give the application its rights. Runs as the owner."""
    call_command("migrate", verbosity=verbosity, interactive=False)
    grant_application(embedded.APPLICATION)


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
