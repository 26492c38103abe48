"""How values are written for people: dates, money, numbers, working time (cách ghi ngày, tiền, số, thời gian)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tinhso.lib.timebar import time_left, working_time

__all__ = [
    "LOCAL", "WEEKDAYS", "format_date", "format_datetime", "format_day", "format_long", "format_money", "format_number",
    "format_percent", "format_size", "format_time", "local", "since", "time_left", "working_time",
]  # fmt: skip

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_SIZES = ("B", "kB", "MB", "GB")


def local(value: datetime) -> datetime:
    """The instant on the clock of Việt Nam.

    Raises:
        ValueError: the instant has no time zone, so nobody knows which hour it means.
    """
    if value.tzinfo is None:
        raise ValueError("Thời điểm phải có múi giờ")
    return value.astimezone(LOCAL)


def format_datetime(value: datetime) -> str:
    """`22/11/2026 14:05`, on the clock of Việt Nam."""
    return f"{local(value):%d/%m/%Y %H:%M}"


def format_date(value: date) -> str:
    """`22/11/2026`; an instant gives its day in Việt Nam."""
    return f"{local(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


def format_time(value: datetime) -> str:
    """`14:05`."""
    return f"{local(value):%H:%M}"


def format_long(value: datetime) -> str:
    """`17:00 thứ Sáu, 22/11/2026`: how a person would say an appointment."""
    moment = local(value)
    return f"{moment:%H:%M} {WEEKDAYS[moment.weekday()]}, {moment:%d/%m/%Y}"


def format_day(value: date) -> str:
    """`thứ Sáu, 22/11/2026`."""
    day = local(value) if isinstance(value, datetime) else value
    return f"{WEEKDAYS[day.weekday()]}, {day:%d/%m/%Y}"


def format_number(value: int | float | Decimal, decimals: int | None = None) -> str:
    """`1.250.000` or `98,7`: dots between groups of three, a comma before decimals.

    Without `decimals`, a whole value has none and another keeps the ones it has (at most three).
    """
    number = Decimal(str(value))
    text = f"{number:,.3f}".rstrip("0").rstrip(".") if decimals is None else f"{number:,.{decimals}f}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")


def format_money(value_vnd: int) -> str:
    """`1.250.000 ₫` of whole đồng."""
    return f"{format_number(int(value_vnd))} ₫"


def format_percent(ratio: float | Decimal, decimals: int = 1) -> str:
    """`98,7%` of a share between 0 and 1."""
    return f"{format_number(Decimal(str(ratio)) * 100, decimals)}%"


def format_size(size: int) -> str:
    """`1,2 MB` of bytes."""
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(_SIZES) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{format_number(round(amount, 1) if unit else int(amount))} {_SIZES[unit]}"


def since(value: datetime, at: datetime) -> str:
    """How long ago, by the clock: `vừa xong`, `5 phút trước`, `3 giờ trước`, else the date and time."""
    gone = at - value
    if gone < timedelta(minutes=1):
        return "vừa xong"
    if gone < timedelta(hours=1):
        return f"{gone // timedelta(minutes=1)} phút trước"
    if gone < timedelta(hours=24):
        return f"{gone // timedelta(hours=1)} giờ trước"
    return format_datetime(value)
