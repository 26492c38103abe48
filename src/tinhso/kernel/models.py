"""Abstract models and database guards shared by every app."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import DEFAULT_DB_ALIAS, models

from tinhso.kernel import prepared


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

    # Django's two hooks below `save()`: what is written is the same, its statement is composed once (decision 0048).

    def _do_insert(
        self, manager: Any, using: str, fields: Sequence[Any], returning_fields: Sequence[Any], raw: bool
    ) -> list[tuple[Any, ...]]:
        if not raw and using == DEFAULT_DB_ALIAS:
            values = [(field, field.pre_save(self, add=True)) for field in fields]
            if all(prepared.can_be_filled_in(value) for _, value in values):
                return [prepared.inserted(fields[0].model, values, returning_fields)]
        given: list[tuple[Any, ...]] = super()._do_insert(manager, using, fields, returning_fields, raw)  # type: ignore[misc]
        return given

    def _do_update(  # type: ignore[override]  # the stubs describe the next Django
        self, base_qs: Any, using: str, pk_val: Any, values: Sequence[Any], update_fields: Any, forced_update: bool
    ) -> bool:
        if values and using == DEFAULT_DB_ALIAS and all(prepared.can_be_filled_in(value) for _, _, value in values):
            pairs = [(field, value) for field, _, value in values]
            return prepared.written(values[0][0].model, pk_val, pairs)
        there: bool = super()._do_update(base_qs, using, pk_val, values, update_fields, forced_update)  # type: ignore[call-arg, assignment]
        return there


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
