"""Writing as no action does: for tests of what is found, kept or mended afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def without_triggers() -> Iterator[Any]:
    """A cursor whose writes the database's own triggers do not see; nor does anything else of this connection meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("RESET session_replication_role")
