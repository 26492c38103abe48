"""Values of notices that other apps and pages see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tinhso.apps.notifications.enums import Channel, DeliveryState, Intent, NoticeKind, NoticeSubject, Topic
from tinhso.kernel.errors import DomainError, Invalid, NotFound, Unavailable


class ContactInvalid(Invalid):
    """Địa chỉ nhận thông báo này không đúng."""


class TooManyCodes(DomainError):
    """Đã gửi nhiều mã trong thời gian ngắn. Mời thử lại sau một giờ."""

    status = 429


class CodeWrong(Invalid):
    """Mã không đúng hoặc đã hết hạn. Mời lấy mã mới."""


class DeliveryNotFound(NotFound):
    """Không tìm thấy tin gửi này."""


class ChannelUnavailable(Unavailable):
    """Kênh nhận này chưa dùng được ở đây."""


@dataclass(frozen=True, slots=True)
class NoticeData:
    """One notice as its reader sees it; `code` names the case or petition it leads to."""

    id: int
    kind: NoticeKind
    subject: NoticeSubject
    code: str
    words: str
    sent_at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a round of notices: who is told what about which case, once for each `source`.

    `facts` fill templates (`date`, `unit`): nothing personal, because they go into short messages. `unit_id` pays.
    """

    account_id: int
    code: str
    words: str
    source: str
    unit_id: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


# --- content


@dataclass(frozen=True, slots=True)
class ZnsParameter:
    """One parameter of a registered ZNS template: where its value comes from, and the type it was registered with."""

    name: str
    value: str
    type: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What one channel says of one kind of notice; only the parts this channel has."""

    text: str
    title: str = ""
    template_id: str = ""
    parameters: tuple[ZnsParameter, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """The templates of one kind of notice (mẫu tin)."""

    kind: NoticeKind
    topic: Topic
    urgent: bool
    optional: bool
    lives_hours: int
    wordings: Mapping[str, Wording]  # by "email", "sms", "zalo", "zns", "push"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """One way to the carriers: its name in the settings, and what one part costs in đồng."""

    key: str
    name: str
    price_vnd: int


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """What a province decides about messages: order, limits, prices, quiet hours."""

    order: tuple[Channel, ...]
    gateways: tuple[GatewaySettings, ...]
    brand: str
    sms_plain: bool
    sms_most_segments: int
    zns_price_vnd: int
    chat_window_hours: int
    quiet_from: int
    quiet_to: int
    quiet_channels: frozenset[Channel]
    per_recipient_day: Mapping[str, int]
    per_unit_day: Mapping[str, int]
    per_province_day: Mapping[str, int]
    dedupe_minutes: int
    most_tries: int
    codes_per_hour: int
    chat_days: int
    notice_days: int


@dataclass(frozen=True, slots=True)
class Messages:
    """Everything under `content/messages`."""

    settings: MessageSettings
    templates: Mapping[NoticeKind, MessageTemplate]


@dataclass(frozen=True, slots=True)
class Preview:
    """One template of one channel with sample values, as it would go out, and how long that is."""

    kind: NoticeKind
    channel: str
    title: str
    text: str
    length: int
    segments: int
    alphabet: str
    cost_vnd: int


# --- deliveries


@dataclass(frozen=True, slots=True)
class DeliveryData:
    """One message as operators see it: no address, no words."""

    id: int
    channel: Channel
    state: DeliveryState
    kind: NoticeKind
    code: str
    address: str
    provider: str
    provider_id: str
    attempts: int
    cost_vnd: int
    segments: int
    error: str
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that was claimed for sending: everything its channel needs, read before any call."""

    id: int
    key: str
    channel: Channel
    attempts: int
    address: str
    details: Mapping[str, Any]
    title: str
    text: str
    link: str
    unsubscribe: str
    template_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    chat_user: str = ""
    phone: str = ""
    last_provider: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try: taken (with the provider's number), refused for good, or to be tried again."""

    taken: bool
    provider: str = ""
    provider_id: str = ""
    cost_vnd: int = 0
    segments: int = 0
    error: str = ""
    final: bool = False
    gone: bool = False
    stale_token: bool = False


@dataclass(frozen=True, slots=True)
class ContactData:
    """One address of a person."""

    id: int
    channel: Channel
    address: str
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChoiceData:
    """How a person wants to be told."""

    order: tuple[Channel, ...]
    quiet_from: int | None
    quiet_to: int | None
    muted: frozenset[str]
    is_own: bool


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """What a channel has done since a day."""

    channel: Channel
    states: Mapping[str, int]
    cost_vnd: int
    segments: int


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What one unit has sent by one channel in a month, and what it cost (chi phí tin nhắn); unit 0: the province."""

    unit_id: int
    channel: Channel
    sent: int
    arrived: int
    segments: int
    cost_vnd: int


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """What somebody wrote in the chat, what is wished and about what (a case's code, a linking code, a question)."""

    id: int
    user: str
    intent: Intent
    about: str
    account_id: int | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """One call of Zalo's webhook, proved to be Zalo's."""

    name: str
    user: str
    message_key: str
    text: str
    number: str = ""
    tracking: str = ""

    @property
    def is_receipt(self) -> bool:
        """Whether it tells that a message of ours has reached or was read, and nobody wrote anything."""
        return self.name in {"user_received_message", "user_seen_message"}
