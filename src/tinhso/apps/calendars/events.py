"""What happens to calendars."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class CalendarPublished(Event):
    """A new version of a working calendar holds from now on (đã công bố lịch làm việc).

    Recorded on the stream `calendar:<key>`. Not sent when a calendar is published again unchanged.
    """

    type: ClassVar[str] = "calendar.published"
    key: str
    number: int
    digest: str


@dataclass(frozen=True)
class DayAnnounced(Event):
    """A day off became known after the calendar was made (đã công bố thêm ngày nghỉ, ngày làm bù).

    `made_up_on` is the rest day worked instead. The new version of the calendar is told by an event of its own. A file
    published later keeps the day unless it names that date itself.
    """

    type: ClassVar[str] = "calendar.day_announced"
    key: str
    day: date
    kind: str
    name: str
    basis: str
    made_up_on: date | None = None


@dataclass(frozen=True)
class DayWithdrawn(Event):
    """A day announced on a page does not hold after all (đã bỏ ngày công bố thêm)."""

    type: ClassVar[str] = "calendar.day_withdrawn"
    key: str
    day: date
    reason: str
