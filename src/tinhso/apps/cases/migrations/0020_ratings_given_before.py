"""Ratings given before, added up. Unit by unit, each in a transaction of its own; run again, nothing changes.

The triggers stand already. While a unit is counted nobody adds to a sum: who has added is waited for and counted, who
comes waits and adds to what was counted.
"""

from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_LEVELS = ("very_satisfied", "satisfied", "dissatisfied")
_FAULTS = ("attitude", "time", "papers", "guidance", "fees", "system", "result")
_COLUMNS = {
    **{name: f"r.satisfaction = '{name}'" for name in _LEVELS},
    **{f"fault_{name}": f"'{name}' = ANY(r.faults)" for name in _FAULTS},
}
_UNITS = "SELECT id FROM directory_unit ORDER BY id"
_FORGET = "DELETE FROM cases_ratingsum WHERE unit_id = %s"
_COUNT = f"""
INSERT INTO cases_ratingsum (unit_id, field, day, {", ".join(_COLUMNS)})
SELECT c.unit_id, g.field, (r.rated_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
       {", ".join(f"count(*) FILTER (WHERE {told})" for told in _COLUMNS.values())}
FROM cases_case c JOIN cases_rating r ON r.case_id = c.id CROSS JOIN LATERAL (VALUES (NULL), (c.field)) AS g (field)
WHERE c.unit_id = %s GROUP BY 1, 2, 3
"""  # noqa: S608 - our own words


def fill(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Unit after unit."""
    with editor.connection.cursor() as cursor:
        cursor.execute(_UNITS)
        for (unit_id,) in cursor.fetchall():
            with transaction.atomic(using=editor.connection.alias):
                cursor.execute("LOCK TABLE cases_ratingsum IN SHARE ROW EXCLUSIVE MODE")
                cursor.execute(_FORGET, [unit_id])
                cursor.execute(_COUNT, [unit_id])
        cursor.execute("ANALYZE cases_ratingsum")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0019_sums_of_ratings"), ("directory", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
