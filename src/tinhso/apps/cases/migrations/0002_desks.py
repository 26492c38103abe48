"""The desks each case has reached, so that who handled it keeps sight of it."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# Re-runnable: it computes the same value from the dated stays every time.
_FROM_STAYS = """
UPDATE cases_case AS c
SET desk_unit_ids = ARRAY[c.intake_unit_id] || ARRAY(
    SELECT DISTINCT s.unit_id FROM cases_casestep AS s
    WHERE s.case_id = c.id AND s.unit_id <> c.intake_unit_id
)
WHERE c.intake_unit_id IS NOT NULL AND c.status <> 'draft'
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="case",
            name="desk_unit_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.RunSQL(_FROM_STAYS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(fields=["desk_unit_ids"], name="case_of_desks"),
        ),
    ]
