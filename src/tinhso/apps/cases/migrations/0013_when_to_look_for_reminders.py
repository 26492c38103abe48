"""When each open case is next looked at for reminders; kept by the database whenever a date of a case changes."""

from django.db import migrations, models

# What `enums.OPEN_STATUSES` holds, written out: a migration stands alone.
_RUNS = "({row}.status IN ('received', 'processing', 'supplement', 'financial_duty') AND {row}.paused_since IS NULL)"
_DATES = "({row}.status, {row}.received_at, {row}.due_at, {row}.step_due_at, {row}.paused_since, {row}.unit_id)"
_AT_ONCE = "'1970-01-01T00:00:00+00:00'"
# With its owner's rights: the version that still serves is granted the new table only after all migrations.
_KEEP = f"""
CREATE FUNCTION cases_keep_reminder_looks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM cases_reminderlook WHERE case_id = OLD.id;
    ELSIF {_RUNS.format(row="NEW")} THEN
        INSERT INTO cases_reminderlook AS look (case_id, at, changed_by)
        VALUES (NEW.id, {_AT_ONCE}, pg_current_xact_id()::text::bigint)
        ON CONFLICT (case_id) DO UPDATE SET at = excluded.at, changed_by = excluded.changed_by;
    ELSE
        DELETE FROM cases_reminderlook WHERE case_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cases_reminder_look_new AFTER INSERT ON cases_case FOR EACH ROW
    WHEN ({_RUNS.format(row="NEW")}) EXECUTE FUNCTION cases_keep_reminder_looks();
CREATE TRIGGER cases_reminder_look_changed AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN ({_DATES.format(row="OLD")} IS DISTINCT FROM {_DATES.format(row="NEW")}
          AND ({_RUNS.format(row="OLD")} OR {_RUNS.format(row="NEW")}))
    EXECUTE FUNCTION cases_keep_reminder_looks();
CREATE TRIGGER cases_reminder_look_gone AFTER DELETE ON cases_case FOR EACH ROW
    WHEN ({_RUNS.format(row="OLD")}) EXECUTE FUNCTION cases_keep_reminder_looks();
"""  # noqa: S608 - our own words
_LEAVE = """
DROP TRIGGER cases_reminder_look_gone ON cases_case;
DROP TRIGGER cases_reminder_look_changed ON cases_case;
DROP TRIGGER cases_reminder_look_new ON cases_case;
DROP FUNCTION cases_keep_reminder_looks();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_counted_in_indexes")]

    operations = [
        migrations.CreateModel(
            name="ReminderLook",
            fields=[
                ("case_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "changed_by",
                    models.BigIntegerField(help_text="the transaction that last changed a date of the case"),
                ),
            ],
            options={"indexes": [models.Index(fields=["at", "case_id"], name="case_reminder_look")]},
        ),
        migrations.RunSQL(_KEEP, _LEAVE),
    ]
