"""Ratings added up by unit, field and day; kept by the database.

Written with the rights of the functions' owner: the version that still serves is granted the new table only after all
migrations.
"""

from django.db import migrations, models

_LEVELS = ("very_satisfied", "satisfied", "dissatisfied")
_FAULTS = ("attitude", "time", "papers", "guidance", "fees", "system", "result")
_COLUMNS = {
    **{name: f"x.satisfaction = '{name}'" for name in _LEVELS},
    **{f"fault_{name}": f"'{name}' = ANY(x.faults)" for name in _FAULTS},
}
_ADDED = ", ".join(f"{name} = s.{name} + excluded.{name}" for name in _COLUMNS)
_SUMMED = ", ".join(f"sum(CASE WHEN {told} THEN x.sign ELSE 0 END)" for told in _COLUMNS.values())
# Each rating counts in the sum of its unit and in that of its unit and field; rows are met in one order, the sum of the
# unit first, so that two who add at once wait for each other and never in a circle.
_ADD = f"""
    INSERT INTO cases_ratingsum AS s (unit_id, field, day, {", ".join(_COLUMNS)})
    SELECT x.unit_id, g.field, x.day, {_SUMMED}
    FROM ({{rows}}) AS x CROSS JOIN LATERAL (VALUES (NULL), (x.field)) AS g (field)
    WHERE x.unit_id IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY x.unit_id, x.day, g.field NULLS FIRST
    ON CONFLICT (field, day, unit_id) DO UPDATE SET {_ADDED};
"""  # noqa: S608 - our own words
_DAY = "(r.rated_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day"
# The case is held while it is read: its unit must not change between here and the end of the transaction.
_OF_RATINGS = f"""
        SELECT c.unit_id, c.field, {_DAY}, r.satisfaction, r.faults, {{sign}} AS sign
        FROM {{table}} r JOIN (
            SELECT id, unit_id, field FROM cases_case WHERE id IN (SELECT case_id FROM {{table}}) FOR SHARE
        ) c ON c.id = r.case_id"""  # noqa: S608 - our own words
_OF_CASE = f"""
        SELECT {{row}}.unit_id, {{row}}.field, {_DAY}, r.satisfaction, r.faults, {{sign}} AS sign
        FROM cases_rating r WHERE r.case_id = OLD.id"""  # noqa: S608 - our own words
_TAKEN_OFF, _PUT_ON = _OF_CASE.format(row="OLD", sign="-1"), _OF_CASE.format(row="NEW", sign="1")
_FUNCTION = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN"
_PLACE = "({row}.unit_id, {row}.field)"
_KEEP = f"""
CREATE FUNCTION cases_add_ratings() {_FUNCTION}
    IF TG_OP <> 'INSERT' THEN {_ADD.format(rows=_OF_RATINGS.format(table="ratings_before", sign="-1"))} END IF;
    IF TG_OP <> 'DELETE' THEN {_ADD.format(rows=_OF_RATINGS.format(table="ratings_after", sign="1"))} END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION cases_move_rating() {_FUNCTION}
    IF TG_OP = 'DELETE' THEN {_ADD.format(rows=_TAKEN_OFF)} RETURN OLD; END IF;
    {_ADD.format(rows=f"{_TAKEN_OFF} UNION ALL {_PUT_ON}")}
    RETURN NULL;
END $$;
CREATE TRIGGER cases_rating_given AFTER INSERT ON cases_rating
    REFERENCING NEW TABLE AS ratings_after FOR EACH STATEMENT EXECUTE FUNCTION cases_add_ratings();
CREATE TRIGGER cases_rating_changed AFTER UPDATE ON cases_rating
    REFERENCING OLD TABLE AS ratings_before NEW TABLE AS ratings_after
    FOR EACH STATEMENT EXECUTE FUNCTION cases_add_ratings();
CREATE TRIGGER cases_rating_gone AFTER DELETE ON cases_rating
    REFERENCING OLD TABLE AS ratings_before FOR EACH STATEMENT EXECUTE FUNCTION cases_add_ratings();
CREATE TRIGGER cases_rating_moved AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN ({_PLACE.format(row="OLD")} IS DISTINCT FROM {_PLACE.format(row="NEW")})
    EXECUTE FUNCTION cases_move_rating();
CREATE TRIGGER cases_rating_of_case_gone BEFORE DELETE ON cases_case FOR EACH ROW
    WHEN (OLD.unit_id IS NOT NULL) EXECUTE FUNCTION cases_move_rating();
"""
_LEAVE = """
DROP TRIGGER cases_rating_of_case_gone ON cases_case;
DROP TRIGGER cases_rating_moved ON cases_case;
DROP TRIGGER cases_rating_gone ON cases_rating;
DROP TRIGGER cases_rating_changed ON cases_rating;
DROP TRIGGER cases_rating_given ON cases_rating;
DROP FUNCTION cases_move_rating();
DROP FUNCTION cases_add_ratings();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_lines_of_results_signed_before")]

    operations = [
        migrations.CreateModel(
            name="RatingSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("unit_id", models.BigIntegerField(help_text="the unit that resolves the cases")),
                ("field", models.TextField(help_text="empty: of all fields together", null=True)),
                ("day", models.DateField(help_text="the civil day on which they were given")),
                *((name, models.IntegerField(default=0)) for name in _COLUMNS),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["field", "day", "unit_id"], name="cases_rating_sum_once", nulls_distinct=False
                    )
                ]
            },
        ),
        migrations.RunSQL(_KEEP, _LEAVE),
    ]
