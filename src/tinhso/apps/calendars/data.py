"""What a calendar says, as values."""

from dataclasses import dataclass
from datetime import date, datetime

from tinhso.lib.worktime import CalendarRules, OfficeHours, SpecialDay


@dataclass(frozen=True, slots=True)
class DatedHours:
    """Giờ làm việc áp dụng từ một ngày: a weekly pattern and the date from which it holds."""

    valid_from: date
    hours: OfficeHours
    basis: str


@dataclass(frozen=True, slots=True)
class CalendarDefinition:
    """Lịch làm việc đã khai đầy đủ: everything one calendar says, public days included.

    `units` are prefixes of organisation codes (`H48`); `assumptions` are sentences naming what is assumed or still to
    be confirmed, for the people who check the content.
    """

    key: str
    title: str
    units: tuple[str, ...]
    first: date
    last: date
    office_hours: tuple[DatedHours, ...]
    reception_hours: tuple[DatedHours, ...]
    days: tuple[SpecialDay, ...]
    rules: CalendarRules
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarVersionData:
    """Một phiên bản lịch đã công bố."""

    key: str
    number: int
    digest: str
    title: str
    published_at: datetime
