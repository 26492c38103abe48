"""Số và tiền (cleaning of numbers and money, as they are typed in Vietnamese: 1.250.000 and 12,5)."""

import math
import re
from decimal import Decimal
from typing import Any

from tinhso.lib.forms.answers import AnswerError, Surroundings
from tinhso.lib.forms.language import Field, FieldType

LARGEST_NUMBER = 10**15
_LONGEST_TYPED = 60
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_ENGLISH_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.[0-9]+)?")
_COMMA = re.compile(r"[0-9]+(?:,[0-9]+)?")
_DOT = re.compile(r"[0-9]+\.[0-9]+")
_CURRENCY = re.compile(r"(?:₫|đồng|đ|vnđ|vnd)\.?$", re.IGNORECASE)


def clean_number(field: Field, raw: Any, _: Surroundings) -> int | float | None:
    value = _decimal(field, raw)
    if value is None:
        return None
    if field.integer and value != value.to_integral_value():
        raise AnswerError(f"{field.label} phải là số nguyên.")
    if not field.integer and value != round(value, field.decimals):
        raise AnswerError(f"{field.label} chỉ lấy {field.decimals} chữ số sau dấu phẩy.")
    _check_limits(field, value)
    # Adding zero turns a typed -0 into 0.
    return int(value) if field.integer else float(value) + 0.0


def clean_money(field: Field, raw: Any, _: Surroundings) -> int | None:
    value = _decimal(field, raw)
    if value is None:
        return None
    if value != value.to_integral_value():
        raise AnswerError(f"{field.label} phải là số đồng chẵn, ví dụ 1.250.000.")
    if value < 0:
        raise AnswerError(f"{field.label} không thể là số âm.")
    _check_limits(field, value)
    return int(value)


def format_number(value: float, decimals: int = 2) -> str:
    """`1250.5` as `1.250,5`: dots between thousands, a comma before decimals, no idle zeros."""
    text = f"{value:,.{decimals}f}" if isinstance(value, float) else f"{value:,}"
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    return whole.replace(",", ".") + (f",{rest}" if rest else "")


def _decimal(field: Field, raw: Any) -> Decimal | None:
    if isinstance(raw, str):
        return _typed(field, raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or (isinstance(raw, float) and not math.isfinite(raw)):
        raise AnswerError(f"{field.label} phải là số.")
    if abs(raw) > LARGEST_NUMBER:
        raise AnswerError(f"{field.label} lớn quá mức có thể.")
    return Decimal(str(raw))


def _typed(field: Field, raw: str) -> Decimal | None:
    text = "".join(raw[: _LONGEST_TYPED + 1].split())
    if not text and len(raw) <= _LONGEST_TYPED:
        return None
    if field.type is FieldType.MONEY:
        text = _CURRENCY.sub("", text)
    if field.unit:
        text = text.removesuffix("".join(field.unit.split()))
    is_negative = text.startswith(("-", "\u2212"))
    plain = _plain(text[1:] if is_negative else text) if len(raw) <= _LONGEST_TYPED else ""
    if not plain:
        example = "1.250.000" if field.type is FieldType.MONEY else "12" if field.integer else "12,5"
        raise AnswerError(f"{field.label} phải là số, ví dụ {example}.")
    value = Decimal(plain)
    if value > LARGEST_NUMBER:
        raise AnswerError(f"{field.label} lớn quá mức có thể.")
    return -value if is_negative else value


def _plain(text: str) -> str:
    """Digits with a decimal point, whatever separators they were typed with; empty if it is no number."""
    if _GROUPED.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if _ENGLISH_GROUPS.fullmatch(text):
        return text.replace(",", "")
    if _COMMA.fullmatch(text) or _DOT.fullmatch(text):
        return text.replace(",", ".")
    return ""


def _check_limits(field: Field, value: Decimal) -> None:
    unit = " đồng" if field.type is FieldType.MONEY else f" {field.unit}" if field.unit else ""
    if isinstance(field.min, int | float) and value < Decimal(str(field.min)):
        raise AnswerError(f"{field.label} phải từ {format_number(field.min, field.decimals)}{unit} trở lên.")
    if isinstance(field.max, int | float) and value > Decimal(str(field.max)):
        raise AnswerError(f"{field.label} nhiều nhất là {format_number(field.max, field.decimals)}{unit}.")
