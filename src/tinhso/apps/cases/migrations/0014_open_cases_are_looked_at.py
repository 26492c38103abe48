"""Cases that were open before are looked at for reminders in the next round. Run again, nothing changes."""

from django.db import migrations

_FILL = """
INSERT INTO cases_reminderlook (case_id, at, changed_by)
SELECT id, '1970-01-01T00:00:00+00:00', 0 FROM cases_case
WHERE status IN ('received', 'processing', 'supplement', 'financial_duty') AND paused_since IS NULL
ON CONFLICT (case_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_when_to_look_for_reminders")]

    operations = [migrations.RunSQL(_FILL, migrations.RunSQL.noop)]
