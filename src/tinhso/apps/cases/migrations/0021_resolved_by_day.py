"""Cases in the order in which they were resolved, with what the portal's first page counts of them.

Made beside the traffic. Cut off, such an index stays behind unfinished; so what is there of it is taken away first, and the
migration can be tried as often as it needs.
"""

from django.db import migrations, models
from django.db.models import Q

_AWAY = "DROP INDEX CONCURRENTLY IF EXISTS case_resolved"
_MADE = (
    "CREATE INDEX CONCURRENTLY case_resolved ON cases_case (resolved_at, id) INCLUDE (lateness, channel)"
    " WHERE resolved_at IS NOT NULL"
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0020_ratings_given_before")]

    operations = [
        migrations.RunSQL(
            [_AWAY, _MADE],
            [_AWAY],
            state_operations=[
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        fields=["resolved_at", "id"],
                        name="case_resolved",
                        condition=Q(resolved_at__isnull=False),
                        include=["lateness", "channel"],
                    ),
                )
            ],
        ),
    ]
