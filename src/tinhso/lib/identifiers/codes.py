"""Mã hồ sơ and mã định danh cơ quan (case codes and organisation codes)."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from tinhso.lib.identifiers.errors import IdentifierError

_ORG = r"[A-Z][0-9]{2}(?:\.[0-9]{2,3})*"
# Before QĐ 20/2020/QĐ-TTg codes were written lowest level first and padded: 000.00.12.H34. Still met on old cases.
_LEGACY_ORG = r"(?:[0-9]{2,3}\.){3}[A-Z][0-9]{2}"
_ORG_CODE = re.compile(f"{_ORG}|{_LEGACY_ORG}")
_CASE_CODE = re.compile(rf"({_ORG}|{_LEGACY_ORG})-([0-9]{{6}}|[0-9]{{8}})-([0-9]{{4,7}})")
_LONGEST_ORG_CODE = 35
_LONGEST_CASE_CODE = _LONGEST_ORG_CODE + len("-20261008-0092637")
_MINISTRY_DIGITS = 6
_FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class OrgCode:
    """Mã định danh điện tử của cơ quan (organisation code, QĐ 20/2020/QĐ-TTg): `H48`, `H48.12`, `H48.12.03`.

    The old reversed form (`000.00.12.H48`) is accepted and kept as it is: only the directory knows its successor.
    """

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code; case and outer spaces are forgiven.

        Raises:
            IdentifierError: not a code of that form, or longer than 35 characters.
        """
        value = text.strip().upper()
        if len(value) > _LONGEST_ORG_CODE or not _ORG_CODE.fullmatch(value):
            raise IdentifierError("Mã cơ quan có dạng H48 hoặc H48.12.03: một chữ cái, hai chữ số, rồi các cấp dưới.")
        return cls(value)

    @property
    def is_legacy(self) -> bool:
        return self.value[0].isdigit()

    @property
    def parts(self) -> tuple[str, ...]:
        """The levels, highest first in the present form."""
        return tuple(self.value.split("."))

    @property
    def level(self) -> int:
        """1 for a ministry or a province, 2 for a department or a commune, and so on; 0 in the old form."""
        return 0 if self.is_legacy else len(self.parts)

    @property
    def parent(self) -> "OrgCode | None":
        """The code one level up, None at the top and for codes of the old form."""
        return OrgCode(self.value.rpartition(".")[0]) if self.level > 1 else None

    def is_under(self, other: "OrgCode") -> bool:
        """True for the same code and for every code below it."""
        return self == other or self.value.startswith(f"{other.value}.")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class CaseCode:
    """Mã số hồ sơ (TT 03/2025 and TT 04/2025/TT-VPCP): organisation, day, running number of that unit and day.

    Provincial cases have a number of at least four digits (`H48.12-261008-0007`). Six digits or more belong to a
    ministry's system: the first two are then `owner_code`, the system's owner.
    """

    org_code: str
    day: date
    sequence: int
    owner_code: str = ""
    digits: int = 4
    long_year: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code as people type it: case, spaces and long dashes are forgiven; `str()` gives the exact code back.

        Raises:
            IdentifierError: not a case code, or its day does not exist.
        """
        value = re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"\s+", "", text)).upper()
        match = _CASE_CODE.fullmatch(value) if len(value) <= _LONGEST_CASE_CODE else None
        if match is None:
            raise IdentifierError("Mã hồ sơ có dạng H48.12-261008-0007. Hãy xem lại mã trên giấy tiếp nhận.")
        org_code, day, number = match.groups()
        owner = number[:2] if len(number) >= _MINISTRY_DIGITS else ""
        digits = number[len(owner) :]
        return cls(
            org_code=OrgCode.parse(org_code).value,
            day=_day(day),
            sequence=int(digits),
            owner_code=owner,
            digits=max(4, len(digits)) if digits.startswith("0") else 4,
            long_year=len(day) == len("20261008"),
        )

    @property
    def is_ministry(self) -> bool:
        return bool(self.owner_code)

    def format(self) -> str:
        """The code as it is printed."""
        day = self.day.strftime("%Y%m%d" if self.long_year else "%y%m%d")
        return f"{self.org_code}-{day}-{self.owner_code}{self.sequence:0{self.digits}d}"

    def __str__(self) -> str:
        return self.format()


def _day(text: str) -> date:
    text = text if len(text) == len("20261008") else f"20{text}"
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        day = date.min
    if day.year < _FIRST_YEAR:
        raise IdentifierError("Phần ngày trong mã hồ sơ không phải một ngày có thật.")
    return day


def certificate_serial(number: int) -> str:
    """The serial number of a certificate in hexadecimal digits, whole octets, as viewers of certificates write it."""
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big").hex()
