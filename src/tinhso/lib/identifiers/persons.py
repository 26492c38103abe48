"""Số định danh cá nhân and mã số thuế (personal ids and tax codes): structure, check digit, masking."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tinhso.lib.identifiers.errors import IdentifierError

# A personal id keeps the code of the province where the birth was registered, by the numbering of the 63 provinces
# before the mergers of 1 July 2025; numbers already given were not changed.
PROVINCES_OF_BIRTH = frozenset(
    f"{number:03d}"
    for number in (
        *(1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38),
        *(40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80),
        *(82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96),
    )
)
# Births registered abroad carry a country code; the official list was not found, so the range is what we hold to.
_FIRST_COUNTRY_CODE = 101
_SEPARATORS = re.compile(r"[\s.\-]+")
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_LONGEST_INPUT = 64


class Sex(StrEnum):
    """Giới tính (sex as the personal id records it)."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class PersonalId:
    """Số định danh cá nhân (the 12 digits and what they tell).

    `province_code` is the first three digits: an old province code or, from 101, a country code.
    """

    value: str
    province_code: str
    sex: Sex
    birth_year: int

    @property
    def born_abroad(self) -> bool:
        return int(self.province_code) >= _FIRST_COUNTRY_CODE


def _digits(text: str) -> str:
    # A pasted novel is not worth scanning: it is no identifier.
    return _SEPARATORS.sub("", text) if len(text) <= _LONGEST_INPUT else ""


def parse_personal_id(text: str, *, on: date | None = None) -> PersonalId:
    """Đọc số định danh cá nhân (read a 12-digit personal id; NĐ 137/2015 Art. 13, TT 07/2016 Art. 7).

    There is no check digit: structure only. Spaces, dots and hyphens between digits are ignored. With `on`, a person
    born after that year is refused.

    Raises:
        IdentifierError: not twelve digits, unknown province code, or a birth year in the future.
    """
    value = _digits(text)
    if not re.fullmatch(r"[0-9]{12}", value):
        if re.fullmatch(r"[0-9]{9}", value):
            raise IdentifierError(
                "Đây là số chứng minh nhân dân cũ (9 số). Hãy nhập số định danh cá nhân gồm 12 chữ số."
            )
        raise IdentifierError("Số định danh cá nhân phải gồm đúng 12 chữ số, như in trên thẻ căn cước.")
    province_code, century_digit = value[:3], int(value[3])
    if province_code not in PROVINCES_OF_BIRTH and int(province_code) < _FIRST_COUNTRY_CODE:
        raise IdentifierError(
            f"Ba số đầu {province_code} không phải mã của tỉnh nào. Hãy kiểm tra lại số định danh trên thẻ căn cước."
        )
    birth_year = 1900 + 100 * (century_digit // 2) + int(value[4:6])
    if on is not None and birth_year > on.year:
        raise IdentifierError(
            f"Số định danh này chỉ năm sinh {birth_year}, ở tương lai. Hãy kiểm tra lại số trên thẻ căn cước."
        )
    sex = Sex.FEMALE if century_digit % 2 else Sex.MALE
    return PersonalId(value=value, province_code=province_code, sex=sex, birth_year=birth_year)


def mask_personal_id(value: str) -> str:
    """Che số định danh (what pages show: `051 090 •••• 01`). Total: of any text the middle is hidden."""
    if len(value) == 12:
        return f"{value[:3]} {value[3:6]} •••• {value[10:]}"
    if len(value) >= 6:
        return f"{value[:2]} •••• {value[-2:]}"
    return "••••" if value else ""


def check_tax_code(text: str) -> str:
    """Kiểm tra mã số thuế (tax code: 10 digits, 10 + 3 of a branch, or a person's 12; TT 86/2024/TT-BTC).

    Returns the code as it is written on papers: `0100047516`, `0100047516-001` or twelve digits.

    Raises:
        IdentifierError: another length, or the check digit does not agree.
    """
    value = _digits(text)
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}|[0-9]{13}", value):
        raise IdentifierError("Mã số thuế gồm 10 chữ số, 13 chữ số (chi nhánh) hoặc 12 chữ số (số định danh cá nhân).")
    if len(value) == 12:
        return parse_personal_id(value).value
    remainder = sum(int(digit) * weight for digit, weight in zip(value, _TAX_WEIGHTS, strict=False)) % 11
    # 10 - remainder must be one digit; a remainder of 0 means the tax authority never issues such a number.
    if remainder == 0 or int(value[9]) != 10 - remainder:
        raise IdentifierError("Mã số thuế không đúng: chữ số kiểm tra không khớp. Hãy xem lại từng chữ số.")
    if len(value) == 10:
        return value
    if value[10:] == "000":
        raise IdentifierError("Ba số cuối của mã số thuế chi nhánh phải từ 001 đến 999.")
    return f"{value[:10]}-{value[10:]}"
