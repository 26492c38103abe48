"""Signed results as lines of the registers of units, with the units that see them; kept by the database.

Written with the rights of the functions' owner: the version that still serves is granted the new table only after all
migrations.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# What `lib.text.fold` does to the letters of numbers, which are those of the Vietnamese alphabet.
_MARKED = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_PLAIN = "aaaaaaaaaaaaaaaaadeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyy"
_NUMBER = f"translate(lower(normalize(r.number, NFC)), '{_MARKED}', '{_PLAIN}')"
_COLUMNS = "signed_at, unit_id, book_unit_id, book, field, number, seen_unit_ids, search_text"
_LINES = f"""
    INSERT INTO cases_bookline AS line (result_id, {_COLUMNS})
    SELECT r.id, r.signed_at, c.unit_id, nullif(b.unit_id, c.unit_id), coalesce(b.book, ''), c.field, {_NUMBER},
           array_append(c.desk_unit_ids, c.unit_id), {_NUMBER} || ' ' || c.search_text
    FROM cases_result r JOIN cases_case c ON c.id = r.case_id
    LEFT JOIN documents_bookentry e ON e.id = r.book_entry_id LEFT JOIN documents_numberbook b ON b.id = e.book_id
    WHERE r.signed_at IS NOT NULL AND {{which}}
    ON CONFLICT (result_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", "))}
"""  # noqa: S608 - our own words
_COPIED = "({row}.signed_at, {row}.book_entry_id, {row}.number, {row}.case_id)"
_OF_CASE = "({row}.unit_id, {row}.desk_unit_ids, {row}.field, {row}.search_text)"
_FUNCTION = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN"
_KEEP = f"""
CREATE FUNCTION cases_keep_book_line() {_FUNCTION}
    IF TG_OP = 'DELETE' OR NEW.signed_at IS NULL THEN
        DELETE FROM cases_bookline WHERE result_id = OLD.id;
    ELSE
        {_LINES.format(which="r.id = NEW.id").strip()};
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION cases_keep_book_lines_of_case() {_FUNCTION}
    {_LINES.format(which="r.case_id = NEW.id").strip()};
    RETURN NULL;
END $$;
CREATE TRIGGER cases_book_line_new AFTER INSERT ON cases_result FOR EACH ROW
    WHEN (NEW.signed_at IS NOT NULL) EXECUTE FUNCTION cases_keep_book_line();
CREATE TRIGGER cases_book_line_changed AFTER UPDATE ON cases_result FOR EACH ROW
    WHEN ({_COPIED.format(row="OLD")} IS DISTINCT FROM {_COPIED.format(row="NEW")}
          AND (OLD.signed_at IS NOT NULL OR NEW.signed_at IS NOT NULL))
    EXECUTE FUNCTION cases_keep_book_line();
CREATE TRIGGER cases_book_line_gone AFTER DELETE ON cases_result FOR EACH ROW
    WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION cases_keep_book_line();
CREATE TRIGGER cases_book_lines_of_case AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN ({_OF_CASE.format(row="OLD")} IS DISTINCT FROM {_OF_CASE.format(row="NEW")} AND NEW.unit_id IS NOT NULL)
    EXECUTE FUNCTION cases_keep_book_lines_of_case();
"""  # noqa: S608 - our own words
_LEAVE = """
DROP TRIGGER cases_book_lines_of_case ON cases_case;
DROP TRIGGER cases_book_line_gone ON cases_result;
DROP TRIGGER cases_book_line_changed ON cases_result;
DROP TRIGGER cases_book_line_new ON cases_result;
DROP FUNCTION cases_keep_book_lines_of_case();
DROP FUNCTION cases_keep_book_line();
"""
_STANDS_AT = models.Func(
    "unit_id", "book_unit_id", template="ARRAY[%(expressions)s]",
    output_field=django.contrib.postgres.fields.ArrayField(models.BigIntegerField(null=True)),
)  # fmt: skip
_DECIDED_ELSEWHERE = models.Q(book_unit_id__isnull=False)


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_cases_that_had_ended"), ("documents", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="BookLine",
            fields=[
                (
                    "result",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name="+",
                        serialize=False, to="cases.result",
                    ),
                ),
                ("signed_at", models.DateTimeField()),
                ("unit_id", models.BigIntegerField(help_text="the unit that holds the case")),
                (
                    "book_unit_id",
                    models.BigIntegerField(
                        null=True, help_text="the unit whose book the number is of, where another"
                    ),
                ),
                ("book", models.TextField()),
                ("field", models.TextField()),
                ("number", models.TextField(help_text="as printed, in small letters without marks")),
                (
                    "seen_unit_ids",
                    django.contrib.postgres.fields.ArrayField(
                        models.BigIntegerField(), help_text="every unit that sees the case"
                    ),
                ),
                ("search_text", models.TextField(help_text="the number, and what the case is found by")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["unit_id", "signed_at", "result"], name="book_of_unit"),
                    models.Index(fields=["unit_id", "book", "signed_at", "result"], name="book_of_unit_by_book"),
                    models.Index(fields=["unit_id", "field", "signed_at", "result"], name="book_of_unit_by_field"),
                    models.Index(
                        fields=["book_unit_id", "signed_at", "result"], name="book_of_decider",
                        condition=_DECIDED_ELSEWHERE,
                    ),
                    models.Index(
                        fields=["book_unit_id", "book", "signed_at", "result"], name="book_of_decider_by_book",
                        condition=_DECIDED_ELSEWHERE,
                    ),
                    models.Index(fields=["signed_at", "result"], name="book_whole"),
                    models.Index(fields=["book", "signed_at", "result"], name="book_whole_by_book"),
                    models.Index(fields=["number", "unit_id"], name="book_number"),
                    django.contrib.postgres.indexes.GinIndex(
                        _STANDS_AT,
                        django.contrib.postgres.indexes.OpClass(models.F("search_text"), "gin_trgm_ops"),
                        name="book_words", gin_pending_list_limit=256,
                    ),
                ]
            },
        ),
        migrations.RunSQL(_KEEP, _LEAVE),
    ]  # fmt: skip
