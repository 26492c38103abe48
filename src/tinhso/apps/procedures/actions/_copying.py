"""Many rows at once through COPY: the whole national catalogue is thirty megabytes of JSON."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of a table in the present transaction; dicts and lists go as JSON."""
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001 - Django's documented meta API
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([json.dumps(v, ensure_ascii=False) if isinstance(v, dict | list) else v for v in row])


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Reserve primary keys, so that rows written by COPY are known before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],  # noqa: SLF001 - Django's documented meta API
        )
        return [row[0] for row in cursor.fetchall()]
