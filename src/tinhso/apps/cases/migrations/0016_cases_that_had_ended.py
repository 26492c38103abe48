"""Cases that ended before, with a file that has no retention period yet. Run again, nothing changes."""

from django.db import migrations

_OVER = "c.status IN ('delivered', 'intake_refused', 'withdrawn', 'stopped')"
_FILES = {
    "cases_casedocument d": "d.case_id",
    "cases_scan d": "d.case_id",
    "cases_scansource d JOIN cases_scan s ON s.id = d.scan_id": "s.case_id",
}
# Later than the day on which retention began, roughly: the round itself compares civil dates.
_FILL = "".join(
    f"""
INSERT INTO cases_endedcase (case_id, written_by)
SELECT DISTINCT c.id, 0::bigint
FROM {table} JOIN cases_case c ON c.id = {case} JOIN documents_storedfile f ON f.id = d.file_id
WHERE {_OVER} AND f.disposed_at IS NULL
AND (f.retain_from IS NULL OR f.retain_from < coalesce(c.delivered_at, c.closed_at)::date + 1)
ON CONFLICT (case_id) DO NOTHING;
"""  # noqa: S608 - our own words
    for table, case in _FILES.items()
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_ended_cases"), ("documents", "0003_disposal_lists")]

    operations = [migrations.RunSQL(_FILL, migrations.RunSQL.noop)]
