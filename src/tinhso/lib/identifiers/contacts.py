"""Số điện thoại (Vietnamese phone numbers in E.164)."""

import re

from tinhso.lib.identifiers.errors import IdentifierError

_SEPARATORS = re.compile(r"[\s.\-()]+")
# Decision 798/2014/QĐ-BTTTT and later: mobiles are 03, 05, 07, 08, 09 + 8 digits; landlines 02 + 9 digits.
_MOBILE = re.compile(r"[35789][0-9]{8}")
_LANDLINE = re.compile(r"2[0-9]{9}")
_LONGEST_INPUT = 64


def parse_phone(text: str, *, landline: bool = False) -> str:
    """Đọc số điện thoại (a Vietnamese phone number as people write it, to E.164: `+84912345678`).

    Mobile numbers only, because notices go there by message; `landline=True` takes landlines too.

    Raises:
        IdentifierError: not such a number.
    """
    value = _SEPARATORS.sub("", text) if len(text) <= _LONGEST_INPUT else ""
    national = re.sub(r"^(\+84|0084|84(?=[0-9]{9})|0)", "", value)
    if national != value and _MOBILE.fullmatch(national):
        return f"+84{national}"
    if national != value and _LANDLINE.fullmatch(national):
        if landline:
            return f"+84{national}"
        raise IdentifierError("Hãy nhập số di động để nhận được tin nhắn, không phải số cố định.")
    if value.startswith("+") and not value.startswith("+84"):
        raise IdentifierError("Hệ thống chỉ gửi tin tới số điện thoại Việt Nam (bắt đầu bằng 0 hoặc +84).")
    raise IdentifierError("Số điện thoại di động gồm 10 chữ số, bắt đầu bằng 03, 05, 07, 08 hoặc 09.")


def format_phone(number: str) -> str:
    """Viết số điện thoại cho người đọc (E.164 to `0912 345 678`; anything else comes back unchanged)."""
    if re.fullmatch(r"\+84[0-9]{9,10}", number):
        national = "0" + number[3:]
        return f"{national[:4]} {national[4:7]} {national[7:]}"
    return number
