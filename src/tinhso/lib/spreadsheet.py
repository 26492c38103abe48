"""Tables as files, a row at a time: CSV for any program, XLSX for the offices."""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from lxml import etree

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


class SheetError(ValueError):
    """Tệp không phải bảng tính XLSX đọc được."""


_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MOST_UNPACKED = 60_000_000
_REFERENCE = re.compile(r"^([A-Z]{1,3})\d+$")


# What damaged bytes come to, in the archive, in its compression, in its XML.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, etree.XMLSyntaxError, KeyError, IndexError, ValueError, RuntimeError,
)  # fmt: skip


def read_csv(text: str) -> list[list[str]]:
    """The cells of a table as text, without empty lines; comma, semicolon or tab, whichever the first line has most of.

    Raises:
        SheetError: it cannot be read as a table.
    """
    plain = text.removeprefix("\ufeff").lstrip("\r\n")
    mark = max(",;\t", key=plain.split("\n", 1)[0].count)
    rows = csv.reader(StringIO(plain, newline=""), delimiter=mark)
    try:
        return [row for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise SheetError(f"Dòng {rows.line_num} không đọc được như một dòng của bảng.") from error


def read_xlsx(content: bytes, *, most_rows: int, most_columns: int) -> list[list[str]]:
    """The cells of the first sheet as text, without empty rows; a number as the file keeps it, a day as its number of days.

    Raises:
        SheetError: no workbook, damaged, or larger than asked for.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            if sum(part.file_size for part in book.infolist()) > _MOST_UNPACKED:
                raise SheetError("Bảng tính quá lớn.")
            shared = _shared_words(book)
            sheets = sorted(
                (name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)),
                key=lambda name: int(re.sub(r"\D", "", name)),
            )
            if not sheets:
                raise SheetError("Tệp không có trang tính nào.")
            return _rows(book.read(sheets[0]), shared, most_rows, most_columns)
    except _DAMAGED as error:
        if isinstance(error, SheetError):
            raise
        raise SheetError("Tệp không phải bảng tính XLSX đọc được.") from error


def _parsed(xml: bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _shared_words(book: zipfile.ZipFile) -> list[str]:
    name = "xl/sharedStrings.xml"
    if name not in book.namelist():
        return []
    return ["".join(part.text or "" for part in one.iter(f"{_MAIN}t")) for one in _parsed(book.read(name))]


def _rows(xml: bytes, shared: Sequence[str], most_rows: int, most_columns: int) -> list[list[str]]:
    found: list[list[str]] = []
    for row in _parsed(xml).iter(f"{_MAIN}row"):
        cells: dict[int, str] = {}
        for place, cell in enumerate(row.iter(f"{_MAIN}c")):
            column = _column(cell.get("r", ""), place)
            text = _text(cell, shared).strip()
            if text and column >= most_columns:
                raise SheetError(f"Bảng tính có hơn {most_columns} cột.")
            if text:
                cells[column] = text
        if cells:
            found.append([cells.get(column, "") for column in range(max(cells) + 1)])
        if len(found) > most_rows:
            raise SheetError(f"Bảng tính có hơn {most_rows - 1} dòng.")
    return found


def _text(cell: Any, shared: Sequence[str]) -> str:
    kind, value = cell.get("t", "n"), cell.find(f"{_MAIN}v")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    said = (value.text or "") if value is not None else ""
    if kind == "s":
        return shared[int(said)] if said else ""
    return said


def _column(reference: str, place: int) -> int:
    """`C7` is column 2; a cell that does not say stands after the one before."""
    found = _REFERENCE.match(reference)
    if not found:
        return place
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1
