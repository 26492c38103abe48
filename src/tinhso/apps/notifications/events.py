"""What happens to notices. No words here: they stand in the notice, and may speak of a person's case."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class NoticesSent(Event):
    """People were told of something (đã thông báo)."""

    type: ClassVar[str] = "notice.sent"
    kind: str
    subject: str
    code: str
    account_ids: list[int]


@dataclass(frozen=True)
class NoticesRead(Event):
    """Somebody has seen notices of his (đã xem thông báo)."""

    type: ClassVar[str] = "notice.read"
    account_id: int
    count: int
