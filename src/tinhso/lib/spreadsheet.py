"""Tables as files, a row at a time: CSV for any program, XLSX for the offices."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path

Cell = str | int | None

# A cell that begins with one of these is a formula to a spreadsheet program; what people typed must never be one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The table as lines of CSV (RFC 4180), the byte order mark first so that spreadsheet programs read Vietnamese."""
    yield "\ufeff" + _line(header)
    for row in rows:
        yield _line([_safe(cell) for cell in row])


def write_xlsx(path: Path, *, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write the table as one sheet, in constant memory; gives the number of rows written."""
    import xlsxwriter  # slow to import, and few processes export

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(title[:31])
    bold, wrapped = (
        book.add_format({"bold": True, "text_wrap": True}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    sheet.set_column(0, len(header) - 1, 22)
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
    written = 0
    for written, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(written, column, cell)
            elif cell:
                sheet.write_string(written, column, cell, wrapped)
    book.close()
    return written


def _line(cells: Sequence[Cell]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(["" if cell is None else cell for cell in cells])
    return out.getvalue()


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
