"""What happens to calendars."""

from dataclasses import dataclass
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
