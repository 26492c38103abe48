"""The rows of the log by their transaction, which is nearly the order in which they lie.

Made beside the traffic. Cut off, such an index stays behind unfinished; so what is there of it is taken away first, and
the migration can be tried as often as it needs.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations

_NAME = "audit_entry_transaction"
_AWAY = f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}"
_OPTIONS = "autosummarize = on, pages_per_range = 32"
_MADE = f"CREATE INDEX CONCURRENTLY {_NAME} ON audit_entry USING brin (transaction_id) WITH ({_OPTIONS})"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audit", "0002_where_the_next_sealer_looks_from")]

    operations = [
        migrations.RunSQL(
            [_AWAY, _MADE], [_AWAY],
            state_operations=[
                migrations.AddIndex(
                    model_name="entry",
                    index=BrinIndex(
                        autosummarize=True, fields=["transaction_id"], name=_NAME, pages_per_range=32
                    ),
                )
            ],
        )
    ]  # fmt: skip
