"""Files of pay-outs: lists read line by line, the file to the bank with its sum, the bank's results. Plain Python."""

import csv
import hashlib
import io
import re
from collections.abc import Sequence

from tinhso.apps.payouts.data import Bank, FileLine, PayeeRow, ResultRow
from tinhso.lib.identifiers import IdentifierError, parse_personal_id
from tinhso.lib.spreadsheet import SheetError, read_csv
from tinhso.lib.text import fold

MOST_LINES = 20_000
LIST_HEADER = ("ho_ten", "so_dinh_danh", "so_tien", "ngan_hang", "so_tai_khoan")
RESULT_HEADER = ("tham_chieu", "so_tien", "ket_qua", "ly_do", "so_giao_dich")
_PAID, _RETURNED = "00", "99"
_ACCOUNT = re.compile(r"^[0-9A-Z]{5,19}$")


def bank_bin(name: str, banks: Sequence[Bank]) -> str:
    """The BIN behind what a person wrote: a BIN itself, or a bank's name however spelled; empty: not known."""
    typed = fold(name)
    for bank in banks:
        if typed == bank.bin or typed in {fold(one) for one in (bank.name, *bank.also)}:
            return bank.bin
    return ""


def account_problem(number: str) -> str:
    """What is wrong with an account number; empty: nothing that can be seen."""
    return "" if _ACCOUNT.match(number) else "số tài khoản gồm 5 đến 19 chữ số"


def read_list(text: str, banks: Sequence[Bank]) -> tuple[list[PayeeRow], list[str]]:
    """A list of payees from CSV (comma or semicolon), and what is wrong with it, each line in words.

    Without bank and account a person is paid in cash. Header: ho_ten, so_dinh_danh, so_tien, ngan_hang, so_tai_khoan.
    """
    try:
        table = read_csv(text)
    except SheetError as error:
        return [], [str(error)]
    if not table or tuple(cell.strip() for cell in table[0]) != LIST_HEADER:
        return [], [f"Dòng đầu phải là: {', '.join(LIST_HEADER)}."]
    if len(table) - 1 > MOST_LINES:
        return [], [f"Tệp có {len(table) - 1} dòng, tối đa {MOST_LINES}."]
    rows: list[PayeeRow] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table[1:], 2):
        row, wrong = _payee([cell.strip() for cell in cells], banks)
        if row is not None and row.personal_id in seen:
            wrong = [f"trùng số định danh với dòng {seen[row.personal_id]}"]
        if wrong or row is None:
            problems.append(f"Dòng {number}: {'; '.join(wrong)}.")
            continue
        seen[row.personal_id] = number
        rows.append(row)
    return rows, problems if rows or problems else ["Tệp không có dòng nào."]


def _payee(cells: list[str], banks: Sequence[Bank]) -> tuple[PayeeRow | None, list[str]]:
    if len(cells) != len(LIST_HEADER):
        return None, [f"có {len(cells)} ô, phải có {len(LIST_HEADER)}"]
    name, personal_id, amount, bank, account = cells
    wrong = [] if name else ["chưa có họ tên"]
    try:
        personal_id = parse_personal_id(personal_id).value
    except IdentifierError as error:
        wrong.append(str(error).rstrip(".").lower())
    plain = amount.replace(".", "").replace(" ", "")
    if not _is_number(plain) or not 0 < int(plain) < 10**11:
        wrong.append("số tiền phải là số đồng lớn hơn 0")
    found = bank_bin(bank, banks) if bank else ""
    if bank and not found:
        wrong.append(f"không biết ngân hàng “{bank}”")
    if bool(bank) != bool(account):
        wrong.append("phải ghi cả ngân hàng và số tài khoản, hoặc để trống cả hai")
    elif account and (problem := account_problem(account)):
        wrong.append(problem)
    return (None, wrong) if wrong else (PayeeRow(name[:200], personal_id, int(plain), found, account), [])


def _is_number(text: str) -> bool:
    """Whether it is a number of digits that a sum of money can have."""
    return text.isascii() and text.isdecimal() and len(text) <= 15


def bank_file(lines: Sequence[FileLine], *, columns: Sequence[str], separator: str) -> str:
    """The file to the bank: a header, a line each, and a last line with count, sum and SHA-256 of all before it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(columns)
    for line in lines:
        writer.writerow([getattr(line, column) for column in columns])
    body = out.getvalue()
    digest = hashlib.sha256(body.encode()).hexdigest()
    return (
        f"{body}TONG{separator}{len(lines)}{separator}{sum(line.amount_vnd for line in lines)}{separator}{digest}\r\n"
    )


def file_is_whole(text: str, *, separator: str) -> bool:
    """Whether a file to the bank is as it was made: its last line agrees with what stands before it."""
    body, _, last = text.rstrip("\r\n").rpartition("\n")
    parts = last.split(separator)
    return parts[0] == "TONG" and len(parts) == 4 and parts[3] == hashlib.sha256(f"{body}\n".encode()).hexdigest()


def read_results(text: str) -> tuple[list[ResultRow], list[str]]:
    """The bank's results from CSV, and what is wrong with them in words. `ket_qua` 00: paid, 99: returned."""
    try:
        table = read_csv(text)
    except SheetError as error:
        return [], [str(error)]
    if not table or tuple(cell.strip() for cell in table[0]) != RESULT_HEADER:
        return [], [f"Dòng đầu phải là: {', '.join(RESULT_HEADER)}."]
    rows: list[ResultRow] = []
    problems: list[str] = []
    for number, cells in enumerate(table[1:], 2):
        values = [cell.strip() for cell in cells]
        if len(values) != len(RESULT_HEADER) or not _is_number(values[1]) or values[2] not in {_PAID, _RETURNED}:
            problems.append(
                f"Dòng {number}: cần tham chiếu, số tiền, kết quả {_PAID} hoặc {_RETURNED}, lý do, số giao dịch."
            )
        elif values[2] == _RETURNED and not values[3]:
            problems.append(f"Dòng {number}: tiền trả lại phải có lý do.")
        else:
            rows.append(ResultRow(values[0], int(values[1]), values[2] == _PAID, values[3][:300], values[4][:60]))
    twice = (
        {row.reference for row in rows if sum(other.reference == row.reference for other in rows) > 1}
        if len({row.reference for row in rows}) < len(rows)
        else set()
    )
    problems += [f"Tham chiếu {reference} có hai dòng kết quả." for reference in sorted(twice)]
    return rows, problems
