"""The rows of the log by their transaction, which is nearly the order in which they lie."""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audit", "0002_where_the_next_sealer_looks_from")]

    operations = [
        AddIndexConcurrently(
            model_name="entry",
            index=BrinIndex(
                autosummarize=True, fields=["transaction_id"], name="audit_entry_transaction", pages_per_range=32
            ),
        )
    ]
