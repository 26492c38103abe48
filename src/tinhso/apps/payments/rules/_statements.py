"""Bank statements as CSV: our own template, and the words banks' exports use for the same columns."""

import csv
import io
import re
from datetime import datetime

from tinhso.apps.payments.data import StatementLine
from tinhso.apps.payments.rules._days import PROVINCE
from tinhso.lib.text import fold

_COLUMNS = {
    "external_id": ("so giao dich", "ma giao dich", "so ct", "so but toan", "reference", "id"),
    "at": ("ngay giao dich", "thoi gian", "ngay", "date"),
    "amount": ("so tien", "amount"),
    "credit": ("ghi co", "phat sinh co", "credit"),
    "debit": ("ghi no", "phat sinh no", "debit"),
    "text": ("noi dung", "dien giai", "description"),
    "counterparty": ("nguoi chuyen", "ben doi ung", "ten doi ung"),
    "counterparty_account": ("tai khoan doi ung", "so tai khoan doi ung"),
}
_TIMES = ("%Y-%m-%dT%H:%M:%S%z", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y", "%Y-%m-%d")


def read_statement(content: bytes) -> list[StatementLine]:
    """The lines of a statement (CSV with `,` or `;`, UTF-8).

    Raises:
        ValueError: with the number of the line that cannot be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("tệp không phải UTF-8") from error
    first = text.splitlines()[0] if text.strip() else ""
    rows = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    places = _places(next(rows, []))
    return [_line(row, places, number) for number, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]


def _places(head: list[str]) -> dict[str, int]:
    names = [fold(cell) for cell in head]
    places = {
        key: next(names.index(word) for word in words if word in names)
        for key, words in _COLUMNS.items()
        if any(word in names for word in words)
    }
    if not {"external_id", "at", "text"} <= places.keys() or not {"amount", "credit"} & places.keys():
        raise ValueError("dòng 1: cần các cột số giao dịch, ngày giao dịch, số tiền (hoặc ghi có, ghi nợ), nội dung")
    return places


def _line(row: list[str], places: dict[str, int], number: int) -> StatementLine:
    def cell(key: str) -> str:
        place = places.get(key)
        return row[place].strip() if place is not None and place < len(row) else ""

    try:
        amount = _sum(cell("amount")) if cell("amount") else _sum(cell("credit")) - _sum(cell("debit"))
        line = StatementLine(
            external_id=cell("external_id")[:100], at=_time(cell("at")), amount_vnd=amount, text=cell("text"),
            counterparty=cell("counterparty"), counterparty_account=cell("counterparty_account"),
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(f"dòng {number}: {error}") from error
    if not line.external_id or not amount:
        raise ValueError(f"dòng {number}: thiếu số giao dịch hoặc số tiền")
    return line


def _sum(text: str) -> int:
    plain = re.sub(r"[\s.,đ]|VND", "", text)
    if not plain:
        return 0
    if not re.fullmatch(r"[+-]?\d{1,15}", plain):
        raise ValueError(f"«{text}» không phải số tiền")
    return int(plain)


def _time(text: str) -> datetime:
    for shape in _TIMES:
        try:
            at = datetime.strptime(text, shape)  # noqa: DTZ007 - the province's time is put to it below
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=PROVINCE)
    raise ValueError(f"«{text}» không phải ngày giờ")
