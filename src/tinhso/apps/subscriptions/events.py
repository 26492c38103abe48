"""What happens to subscriptions. Stream `subscription:<id>`."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class SubscriptionMade(Event):
    """Một hệ thống đăng ký nhận sự kiện; nothing of what happened before `position` is sent."""

    type: ClassVar[str] = "subscription.made"
    subscription_id: int
    account_id: int
    sink: str
    url: str
    types: list[str]
    procedures: list[str]
    unit_ids: list[int]
    position: int


@dataclass(frozen=True)
class SubscriptionPaused(Event):
    """Tạm dừng gửi sự kiện: by the operator, or because the receiver has been dead too long."""

    type: ClassVar[str] = "subscription.paused"
    subscription_id: int
    reason: str
    position: int


@dataclass(frozen=True)
class SubscriptionResumed(Event):
    """Gửi tiếp sự kiện, from where it stood."""

    type: ClassVar[str] = "subscription.resumed"
    subscription_id: int
    position: int


@dataclass(frozen=True)
class SubscriptionRewound(Event):
    """Gửi lại sự kiện từ một vị trí: everything after `position` that its owner may see goes out again."""

    type: ClassVar[str] = "subscription.rewound"
    subscription_id: int
    before: int
    position: int


@dataclass(frozen=True)
class SubscriptionEndedFor(Event):
    """Kết thúc đăng ký nhận sự kiện."""

    type: ClassVar[str] = "subscription.ended"
    subscription_id: int
    reason: str
