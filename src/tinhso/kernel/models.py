"""Abstract models and database guards shared by every app."""

from typing import ClassVar

from django.db import models


class Model(models.Model):
    """Base of every table.

    `personal_data` names the fields that hold personal data and for how long they are kept and why; empty when none
    (Law 91/2025 on personal data). An architecture test refuses a model that does not say.
    """

    personal_data: ClassVar[dict[str, str]]
    # Which rows are a citizen's own, in SQL, where the table is one from which her pages read (`kernel/ownrows.py`).
    own_rows: ClassVar[str] = ""

    class Meta:
        abstract = True


APPEND_ONLY_FUNCTION = """
CREATE OR REPLACE FUNCTION tinhso_deny_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$;
"""


def append_only_sql(table: str) -> tuple[str, str]:
    """The SQL that makes a table append-only, and its reverse; for `RunSQL` in migrations."""
    forward = f"""
    {APPEND_ONLY_FUNCTION}
    CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
      FOR EACH ROW EXECUTE FUNCTION tinhso_deny_change();
    CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
      FOR EACH STATEMENT EXECUTE FUNCTION tinhso_deny_change();
    """
    backward = f"""
    DROP TRIGGER IF EXISTS {table}_no_change ON {table};
    DROP TRIGGER IF EXISTS {table}_no_truncate ON {table};
    """
    return forward, backward
