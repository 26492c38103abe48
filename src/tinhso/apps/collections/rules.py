"""Lists read line by line, codes of lines, and what a reduction leaves. Plain Python."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from tinhso.apps.collections.data import Exemption, LineRow
from tinhso.lib.amounts import dong
from tinhso.lib.identifiers import IdentifierError, parse_personal_id
from tinhso.lib.text import fold

MOST_LINES = 20_000
HEADER = (
    "ho_ten", "ngay_sinh", "ma_so", "nhom", "noi_dung", "so_tien", "mien_giam", "minh_chung", "so_dinh_danh_nguoi_nop",
)  # fmt: skip
_MOST_VND = 10**11
_FIRST_DAY = date(1900, 1, 1)
# Day 1 of spreadsheet programs that count days, as they count them after February 1900.
_SHEET_EPOCH = date(1899, 12, 30)
_OWN_NUMBER = re.compile(r"^[0-9A-Za-zĐđ._/-]{3,30}$")
_CODE = re.compile(r"^T\d{13}$")


def new_code() -> str:
    """A code nobody guesses: T, twelve random digits (40 bits), a check digit; letter and digits as banks leave them."""
    digits = f"{secrets.randbelow(10**12):012d}"
    return spelled(f"T{digits}{_luhn(digits)}")


def spelled(bare: str) -> str:
    """`T4827190345526` as it is printed: `T4827-1903-45526`."""
    return f"{bare[:5]}-{bare[5:9]}-{bare[9:]}"


def read_code(typed: str) -> str:
    """The code in what a person typed or scanned, as it is printed; empty: it cannot be one (a digit is wrong)."""
    bare = re.sub(r"[^0-9A-Z]", "", typed.upper()[:60])
    if not _CODE.match(bare) or _luhn(bare[1:-1]) != bare[-1]:
        return ""
    return spelled(bare)


def left_after(amount_vnd: int, percent: int) -> int:
    """What is still owed after a reduction, whole đồng; the part of a đồng goes to the payer."""
    return amount_vnd * (100 - percent) // 100


def part_problem(part_vnd: int, *, left_vnd: int, least_vnd: int | None) -> str:
    """Why a part may not be paid by itself, as a sentence; empty when it may. All that is left may always be paid."""
    if part_vnd == left_vnd:
        return ""
    if least_vnd is None:
        return "Khoản này nộp một lần đủ số tiền."
    least = min(least_vnd, left_vnd)
    if least <= part_vnd < left_vnd:
        return ""
    return f"Mỗi lần nộp ít nhất {dong(least)}, nhiều nhất {dong(left_vnd)}."


def matches(typed: str, *, birth_date: date | None, own_number: str) -> bool:
    """Whether what was typed is the birth date or the number the school or hospital gave."""
    plain = fold(typed).replace(" ", "")
    if own_number and plain and plain == fold(own_number).replace(" ", ""):
        return True
    return birth_date is not None and _day(typed.strip()) == birth_date


def read_rows(
    table: Sequence[Sequence[str]], exemptions: Mapping[str, Exemption], *, today: date
) -> tuple[list[LineRow], list[str]]:
    """Lines of a list, and what is wrong with it, each line in words. The first line is HEADER."""
    if not table or tuple(fold(cell).replace(" ", "_") for cell in table[0] if cell.strip()) != HEADER:
        return [], [f"Dòng đầu phải là: {', '.join(HEADER)}."]
    if len(table) - 1 > MOST_LINES:
        return [], [f"Tệp có {len(table) - 1} dòng, tối đa {MOST_LINES}."]
    rows: list[LineRow] = []
    problems: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in enumerate(table[1:], 2):
        padded = [cell.strip() for cell in cells] + [""] * (len(HEADER) - len(cells))
        if any(padded[len(HEADER) :]):
            problems.append(f"Dòng {number}: có {len(padded)} ô, phải có {len(HEADER)}.")
            continue
        row, wrong = read_row(dict(zip(HEADER, padded, strict=False)), exemptions, today=today)
        if row is not None:
            who = (row.own_number or f"{fold(row.full_name)}|{row.birth_date}", fold(row.words))
            if who in seen:
                wrong = [f"trùng người và nội dung với dòng {seen[who]}"]
            seen.setdefault(who, number)
        if wrong or row is None:
            problems.append(f"Dòng {number}: {'; '.join(wrong)}.")
        else:
            rows.append(row)
    return rows, problems if rows or problems else ["Tệp không có dòng nào."]


def read_row(
    said: Mapping[str, str], exemptions: Mapping[str, Exemption], *, today: date
) -> tuple[LineRow | None, list[str]]:
    """One line by the names of HEADER, and what is wrong with it in words."""
    wrong = [f"chưa có {name}" for key, name in (("ho_ten", "họ tên"), ("noi_dung", "nội dung")) if not said[key]]
    wrong += [f"{key} dài quá {most} ký tự" for key, most in _LONGEST.items() if len(said[key]) > most]
    born = _day(said["ngay_sinh"]) if said["ngay_sinh"] else None
    if said["ngay_sinh"] and (born is None or not _FIRST_DAY <= born <= today):
        wrong.append("ngày sinh ghi như 05/09/2015")
    if said["ma_so"] and not _OWN_NUMBER.match(said["ma_so"]):
        wrong.append("mã số gồm 3 đến 30 chữ, số")
    if not said["ngay_sinh"] and not said["ma_so"]:
        wrong.append("phải có ngày sinh hoặc mã số để người nộp tra cứu được")
    amount = _vnd(said["so_tien"])
    if not 0 < amount < _MOST_VND:
        wrong.append("số tiền phải là số đồng lớn hơn 0")
    found = exemptions.get(said["mien_giam"]) if said["mien_giam"] else None
    if said["mien_giam"] and found is None:
        wrong.append(f"không có diện miễn, giảm “{said['mien_giam'][:40]}” cho khoản thu này")
    if found is not None and not said["minh_chung"]:
        wrong.append("miễn, giảm phải ghi minh chứng")
    payer = said["so_dinh_danh_nguoi_nop"]
    if payer:
        try:
            payer = parse_personal_id(payer).value
        except IdentifierError as error:
            wrong.append(f"người nộp: {str(error).rstrip('.').lower()}")
    if wrong:
        return None, wrong
    row = LineRow(
        full_name=said["ho_ten"], birth_date=born, own_number=said["ma_so"], group_name=said["nhom"],
        words=said["noi_dung"], amount_vnd=amount, due_vnd=left_after(amount, found.percent if found else 0),
        exemption=found.key if found else "", evidence=said["minh_chung"] if found else "", payer_personal_id=payer,
    )  # fmt: skip
    return row, []


_LONGEST = {"ho_ten": 200, "nhom": 60, "noi_dung": 200, "minh_chung": 200}


def _vnd(text: str) -> int:
    """Whole đồng: `1.250.000`, `1250000`, `1250000.0` as a sheet may keep it; 0 where it is none of these."""
    plain = text.replace(" ", "").removesuffix("đ").removesuffix(".0")
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", plain):
        plain = re.sub(r"[.,]", "", plain)
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 13 else 0


def _day(text: str) -> date | None:
    """A day as people and spreadsheet programs write it."""
    if re.fullmatch(r"\d{4,5}(\.0)?", text):
        return _SHEET_EPOCH + timedelta(days=int(float(text)))
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
