"""Results that were signed before, as lines of registers. In batches of their own transactions; run again, nothing changes.

The triggers stand already, and write the line of a result whose case changes even where there is none yet: what is read here
and changes before it is written meets their line, and leaves it.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_BATCH = 5_000
_MARKED = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_PLAIN = "aaaaaaaaaaaaaaaaadeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyy"
_NUMBER = f"translate(lower(normalize(r.number, NFC)), '{_MARKED}', '{_PLAIN}')"
_FILL = f"""
INSERT INTO cases_bookline
    (result_id, signed_at, unit_id, book_unit_id, book, field, number, seen_unit_ids, search_text)
SELECT r.id, r.signed_at, c.unit_id, nullif(b.unit_id, c.unit_id), coalesce(b.book, ''), c.field, {_NUMBER},
       array_append(c.desk_unit_ids, c.unit_id), {_NUMBER} || ' ' || c.search_text
FROM cases_result r JOIN cases_case c ON c.id = r.case_id
LEFT JOIN documents_bookentry e ON e.id = r.book_entry_id LEFT JOIN documents_numberbook b ON b.id = e.book_id
WHERE r.id = ANY(%s)
ON CONFLICT (result_id) DO NOTHING
"""  # noqa: S608 - our own words
_NEXT = """
SELECT r.id FROM cases_result r WHERE r.id > %s AND r.signed_at IS NOT NULL
AND NOT EXISTS (SELECT FROM cases_bookline l WHERE l.result_id = r.id) ORDER BY r.id LIMIT %s
"""


def fill(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Batch after batch in the order of results."""
    latest = 0
    with editor.connection.cursor() as cursor:
        while True:
            cursor.execute(_NEXT, [latest, _BATCH])
            numbers = [row[0] for row in cursor.fetchall()]
            if not numbers:
                break
            cursor.execute(_FILL, [numbers])
            latest = numbers[-1]
        # How rare a unit or a word is, is not known of a new index before it is looked at.
        cursor.execute("ANALYZE cases_bookline")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0017_lines_of_registers"), ("documents", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
