"""Officers by name, apart from the citizens of a province.

Made beside the traffic. Cut off, such an index stays behind unfinished; so what is there of it is taken away first, and
the migration can be tried as often as it needs.
"""

from django.db import migrations, models
from django.db.models import Q

_AWAY = "DROP INDEX CONCURRENTLY IF EXISTS account_officers"
_MADE = "CREATE INDEX CONCURRENTLY account_officers ON accounts_account (full_name, id) WHERE kind = 'officer'"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0002_sessions_ended")]

    operations = [
        migrations.RunSQL(
            [_AWAY, _MADE], [_AWAY],
            state_operations=[
                migrations.AddIndex(
                    model_name="account",
                    index=models.Index(fields=["full_name", "id"], name="account_officers", condition=Q(kind="officer")),
                )
            ],
        )
    ]  # fmt: skip
