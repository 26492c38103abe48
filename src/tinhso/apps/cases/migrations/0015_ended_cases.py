"""Which cases have ended, or got a file after their end, since their files were last given a retention period.

Written by the database, with the rights of the functions' owner: the version that still serves is granted the new table
only after all migrations.
"""

from django.db import migrations, models

_OVER = "('delivered', 'intake_refused', 'withdrawn', 'stopped')"
_ENDS = "({row}.status, {row}.delivered_at, {row}.closed_at, {row}.unit_id)"
_FUNCTION = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN"
# Whoever is taking the row away just now is waited for, and the row is written anew.
_AGAIN = "ON CONFLICT (case_id) DO UPDATE SET written_by = excluded.written_by"
_WRITE = "INSERT INTO cases_endedcase (case_id, written_by)"
_SELF = "pg_current_xact_id()::text::bigint"


def _of_files(table: str, case: str) -> str:
    return f"""
CREATE FUNCTION {table}_came_late() {_FUNCTION}
    {_WRITE} SELECT c.id, {_SELF} FROM cases_case c WHERE c.id = {case} AND c.status IN {_OVER} {_AGAIN};
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_came_late AFTER INSERT OR UPDATE OF file_id ON {table} FOR EACH ROW
    WHEN (NEW.file_id IS NOT NULL) EXECUTE FUNCTION {table}_came_late();
"""  # noqa: S608 - our own words


_TABLES = {
    "cases_casedocument": "NEW.case_id",
    "cases_scan": "NEW.case_id",
    "cases_scansource": "(SELECT s.case_id FROM cases_scan s WHERE s.id = NEW.scan_id)",
}
_KEEP = f"""
CREATE FUNCTION cases_note_ended() {_FUNCTION}
    {_WRITE} VALUES (NEW.id, {_SELF}) {_AGAIN};
    RETURN NULL;
END $$;
CREATE TRIGGER cases_ended_new AFTER INSERT ON cases_case FOR EACH ROW
    WHEN (NEW.status IN {_OVER}) EXECUTE FUNCTION cases_note_ended();
CREATE TRIGGER cases_ended AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN (NEW.status IN {_OVER} AND {_ENDS.format(row="OLD")} IS DISTINCT FROM {_ENDS.format(row="NEW")})
    EXECUTE FUNCTION cases_note_ended();
{"".join(_of_files(table, case) for table, case in _TABLES.items())}
"""
_LEAVE = "".join(
    f"DROP TRIGGER {table}_came_late ON {table}; DROP FUNCTION {table}_came_late();" for table in _TABLES
) + (
    "DROP TRIGGER cases_ended ON cases_case; DROP TRIGGER cases_ended_new ON cases_case;"
    "DROP FUNCTION cases_note_ended();"
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_open_cases_are_looked_at")]

    operations = [
        migrations.CreateModel(
            name="EndedCase",
            fields=[
                ("case_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("written_by", models.BigIntegerField(help_text="the transaction that wrote it last")),
            ],
        ),
        migrations.RunSQL(_KEEP, _LEAVE),
    ]
