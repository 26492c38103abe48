"""Ngày tháng (cleaning of days and of days known only in part)."""

import calendar
import re
from datetime import date
from typing import Any

from tinhso.lib.forms.answers import AnswerError, Surroundings, lowered
from tinhso.lib.forms.language import Field
from tinhso.lib.forms.texts import read_text

_FIRST_YEAR, _LAST_YEAR = 1800, 2200
_LONGEST_TYPED = 60
_BETWEEN = r"\s*[/. -]\s*"
_WORDS = re.compile(r"ngày|tháng|năm", re.IGNORECASE)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TYPED_DAY = re.compile(rf"([0-9]{{1,2}}){_BETWEEN}([0-9]{{1,2}}){_BETWEEN}([0-9]{{4}})")
# Number keypads of phones have no slash.
_RUN_TOGETHER = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_SHORT_YEAR = re.compile(rf"[0-9]{{1,2}}{_BETWEEN}[0-9]{{1,2}}{_BETWEEN}[0-9]{{1,3}}")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_TYPED_MONTH = re.compile(rf"([0-9]{{1,2}}){_BETWEEN}([0-9]{{4}})")
_YEAR = re.compile(r"[0-9]{4}")


def clean_date(field: Field, raw: Any, surroundings: Surroundings) -> str:
    text = _typed(raw)
    if not text:
        return ""
    day = _day(text)
    if day is None:
        raise AnswerError(f"Hãy nhập {lowered(field.label)} dạng ngày/tháng/năm, ví dụ 02/01/1990.")
    _check_limits(field, day, day, surroundings)
    return day.isoformat()


def clean_partial_date(field: Field, raw: Any, surroundings: Surroundings) -> str:
    """Ngày có thể không đủ (some civil-status papers know only the year of a birth)."""
    text = _typed(raw)
    if not text:
        return ""
    day = _day(text)
    if day is not None:
        _check_limits(field, day, day, surroundings)
        return day.isoformat()
    if match := _ISO_MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
    elif match := _TYPED_MONTH.fullmatch(text):
        year, month = int(match[2]), int(match[1])
    elif _YEAR.fullmatch(text):
        year, month = int(text), 0
    else:
        raise AnswerError(f"Hãy nhập {lowered(field.label)} dạng 02/01/1957, 01/1957 hoặc 1957.")
    _check_year(year)
    if month > 12 or (month == 0 and len(text) > 4):
        raise AnswerError(f"Không có tháng {month}. Hãy xem lại.")
    first = date(year, month or 1, 1)
    last = date(year, month or 12, calendar.monthrange(year, month or 12)[1])
    _check_limits(field, first, last, surroundings)
    return f"{year}-{month:02d}" if month else str(year)


def format_partial_date(value: str) -> str:
    """`1957-01-02` as 02/01/1957, `1957-01` as 01/1957, `1957` as it is."""
    return "/".join(reversed(value.split("-")))


def _typed(raw: Any) -> str:
    text = read_text(raw)
    return " ".join(_WORDS.sub(" ", text).split()) if len(text) <= _LONGEST_TYPED else "?"


def _day(text: str) -> date | None:
    """A full day, None if the text has another shape."""
    if match := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _TYPED_DAY.fullmatch(text) or _RUN_TOGETHER.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif _SHORT_YEAR.fullmatch(text):
        raise AnswerError("Hãy viết đủ bốn chữ số của năm, ví dụ 02/01/1990.")
    else:
        return None
    _check_year(year)
    try:
        return date(year, month, day)
    except ValueError:
        raise AnswerError(f"{day:02d}/{month:02d}/{year} không phải một ngày có thật.") from None


def _check_year(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise AnswerError(f"Năm {year:04d} không hợp lý. Hãy xem lại.")


def _check_limits(field: Field, first: date, last: date, surroundings: Surroundings) -> None:
    """`first` and `last` are the days a partial date may mean; it is refused only when none of them is allowed."""
    if isinstance(field.max, str) and first > surroundings.day(field.max):
        if field.max == "today":
            raise AnswerError(f"{field.label} không thể ở tương lai.")
        raise AnswerError(f"{field.label} không được sau ngày {surroundings.day(field.max):%d/%m/%Y}.")
    if isinstance(field.min, str) and last < surroundings.day(field.min):
        if field.min == "today":
            raise AnswerError(f"{field.label} không thể ở quá khứ.")
        raise AnswerError(f"{field.label} không được trước ngày {surroundings.day(field.min):%d/%m/%Y}.")
