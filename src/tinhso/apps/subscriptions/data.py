"""Values of the feed and of subscriptions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tinhso.apps.subscriptions.enums import Sink, SubscriptionStatus
from tinhso.kernel.errors import Conflict, DomainError, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One event as other systems see it; the same bytes however often it is read or sent (sự kiện công bố)."""

    position: int
    type: str
    at: datetime
    subject: str
    procedure: str
    data: dict[str, Any]

    @property
    def id(self) -> str:
        """The name by which a receiver recognises an event it has had already."""
        return f"evt_{self.position}"


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Events in order; ask again with `after` = `next`, whether or not there were any."""

    items: tuple[FeedItem, ...]
    next: int
    more: bool


@dataclass(frozen=True, slots=True)
class SubscriptionData:
    """A subscription as its owner and the operator see it (đăng ký nhận sự kiện)."""

    id: int
    account_id: int
    name: str
    sink: Sink
    url: str
    types: tuple[str, ...]
    procedures: tuple[str, ...]
    unit_ids: tuple[int, ...]
    status: SubscriptionStatus
    position: int
    delivered: int
    failures: int
    failing_since: datetime | None
    next_attempt_at: datetime | None
    latest_error: str
    delivered_at: datetime | None
    pause_reason: str
    created_at: datetime
    waiting: int = 0


class SubscriptionNotFound(NotFound):
    """Không tìm thấy đăng ký nhận sự kiện này."""


class SubscriptionInvalid(Invalid):
    """Đăng ký nhận sự kiện chưa hợp lệ."""


class SubscriptionEnded(Conflict):
    """Đăng ký này đã kết thúc; mời tạo đăng ký mới."""


class DeliveryFailed(DomainError):
    """Hệ thống nhận không nhận sự kiện.

    `is_gone`: it said that it wants no more (HTTP 410).
    """

    status = 502

    def __init__(self, message: str = "", *, is_gone: bool = False) -> None:
        self.is_gone = is_gone
        super().__init__(message)
