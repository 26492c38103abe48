"""Bank statements as CSV: our own template, and the words banks' exports use for the same columns."""

import re
from datetime import datetime

from tinhso.apps.payments.data import StatementLine
from tinhso.apps.payments.rules._days import PROVINCE
from tinhso.lib.jsontext import read_json
from tinhso.lib.spreadsheet import read_csv
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
    """The lines of a statement (CSV, UTF-8); lines are counted without empty ones.

    Raises:
        ValueError: with the number of the line that cannot be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("tệp không phải UTF-8") from error
    head, *rows = read_csv(text) or [[]]
    places = _places(head)
    return [_line(row, places, number) for number, row in enumerate(rows, 2)]


def read_transfer(raw: bytes) -> tuple[StatementLine, str]:
    """The bank's message about one transfer (JSON), and the number of the account that it came into.

    Raises:
        ValueError: it cannot be read.
    """
    told = read_json(raw)
    try:
        line = StatementLine(
            external_id=str(told["id"])[:100], at=datetime.fromisoformat(told["at"]), amount_vnd=int(told["amount"]),
            text=str(told["content"]), counterparty=str(told.get("payer", "")),
            counterparty_account=str(told.get("payer_account", "")),
        )  # fmt: skip
        return line, str(told["account"])
    except (LookupError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("a part is missing or of another kind") from error


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
