"""Limits of time (thời hạn giải quyết): an amount and a unit, written `7 working_day`, `24 clock_hour`, `same_day`."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Self

from tinhso.lib.worktime.errors import LimitError

MAX_AMOUNT = 10_000


class LimitUnit(StrEnum):
    """Đơn vị tính thời hạn."""

    WORKING_DAY = "working_day"
    WORKING_HOUR = "working_hour"
    CLOCK_HOUR = "clock_hour"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"
    YEAR = "year"
    SAME_DAY = "same_day"


_TEXT = re.compile(rf"(?P<amount>\d{{1,5}}(?:[.,]\d{{1,4}})?)\s+(?P<unit>{'|'.join(LimitUnit)})", re.ASCII)
_LABELS = {
    LimitUnit.WORKING_DAY: "ngày làm việc",
    LimitUnit.WORKING_HOUR: "giờ làm việc",
    LimitUnit.CLOCK_HOUR: "giờ",
    LimitUnit.CALENDAR_DAY: "ngày",
    LimitUnit.MONTH: "tháng",
    LimitUnit.YEAR: "năm",
    LimitUnit.SAME_DAY: "trong ngày làm việc",
}
# Half a calendar day or half a month has no agreed legal meaning; half a working day and half an hour do.
_DIVISIBLE = frozenset({LimitUnit.WORKING_DAY, LimitUnit.WORKING_HOUR, LimitUnit.CLOCK_HOUR})


@dataclass(frozen=True, slots=True)
class Limit:
    """Thời hạn: `amount` of `unit`; `same_day` always has the amount 1.

    Raises:
        LimitError: amount not above zero, above 10 000, finer than 0.0001, or a fraction of a unit that has none.
    """

    amount: Decimal
    unit: LimitUnit

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or not 0 < self.amount <= MAX_AMOUNT:
            raise LimitError(f"Thời hạn phải lớn hơn 0 và không quá {MAX_AMOUNT}: “{self.amount}”.")
        if self.amount != round(self.amount, 4):
            raise LimitError(f"Thời hạn chỉ được có tối đa bốn chữ số lẻ: “{self.amount}”.")
        if self.unit not in _DIVISIBLE and self.amount != self.amount.to_integral_value():
            raise LimitError(f"Thời hạn tính bằng “{_LABELS[self.unit]}” phải là số nguyên: “{self.amount}”.")
        if self.unit is LimitUnit.SAME_DAY and self.amount != 1:
            raise LimitError("Thời hạn “same_day” (trong ngày làm việc) không đi kèm con số.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `"7 working_day"`, `"7.5 working_day"` or `"same_day"`; `str(limit)` writes it back.

        Raises:
            LimitError: the text is not a limit; the message lists the units.
        """
        words = text.strip()
        if words == LimitUnit.SAME_DAY:
            return cls(Decimal(1), LimitUnit.SAME_DAY)
        match = _TEXT.fullmatch(words)
        if match is None:
            units = ", ".join(LimitUnit)
            raise LimitError(
                f"Không hiểu thời hạn “{text}”: hãy viết một con số rồi đơn vị, ví dụ “7 working_day”. "
                f"Đơn vị dùng được: {units}."
            )
        return cls(Decimal(match["amount"].replace(",", ".")), LimitUnit(match["unit"]))

    def label(self) -> str:
        """The limit as people write it: `7 ngày làm việc`, `7,5 ngày làm việc`, `trong ngày làm việc`."""
        if self.unit is LimitUnit.SAME_DAY:
            return _LABELS[self.unit]
        return f"{self._amount_text().replace('.', ',')} {_LABELS[self.unit]}"

    def __str__(self) -> str:
        if self.unit is LimitUnit.SAME_DAY:
            return self.unit.value
        return f"{self._amount_text()} {self.unit.value}"

    def _amount_text(self) -> str:
        return f"{self.amount.normalize():f}"
