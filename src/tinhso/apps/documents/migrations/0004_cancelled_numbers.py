"""Cancelled numbers, of a book and of all, apart from the hundreds of times as many that were issued.

Made beside the traffic. Cut off, such an index stays behind unfinished; so what is there of it is taken away first, and
the migration can be tried as often as it needs.
"""

from django.db import migrations, models
from django.db.models import Q

_CANCELLED = Q(status="cancelled")
_INDEXES = [
    (
        "(book_id, settled_at, id)",
        models.Index(fields=["book", "settled_at", "id"], name="documents_cancelled_of_book", condition=_CANCELLED),
    ),
    ("(settled_at, id)", models.Index(fields=["settled_at", "id"], name="documents_cancelled", condition=_CANCELLED)),
]


def _made(columns: str, index: models.Index) -> migrations.RunSQL:
    away = f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}"
    made = f"CREATE INDEX CONCURRENTLY {index.name} ON documents_bookentry {columns} WHERE status = 'cancelled'"
    return migrations.RunSQL(
        [away, made], [away], state_operations=[migrations.AddIndex(model_name="bookentry", index=index)]
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("documents", "0003_disposal_lists")]

    operations = [_made(columns, index) for columns, index in _INDEXES]
