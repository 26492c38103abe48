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


@dataclass(frozen=True)
class MessagesQueued(Event):
    """Messages to people outside the portal wait to be sent (tin chờ gửi)."""

    type: ClassVar[str] = "message.queued"
    count: int
    channels: list[str]


@dataclass(frozen=True)
class MessagesTried(Event):
    """A round of sending ended: how many were taken, put off, and given up (đã gửi một lượt)."""

    type: ClassVar[str] = "message.tried"
    channel: str
    taken: int
    put_off: int
    failed: int
    cost_vnd: int


@dataclass(frozen=True)
class DeliveryReported(Event):
    """A provider said what became of a message (nhà cung cấp báo kết quả gửi)."""

    type: ClassVar[str] = "message.reported"
    delivery_id: int
    provider: str
    report: str


@dataclass(frozen=True)
class DeliveryResent(Event):
    """An operator had a dead message sent again (gửi lại)."""

    type: ClassVar[str] = "message.resent"
    delivery_id: int


@dataclass(frozen=True)
class ContactCodeSent(Event):
    """A code was sent to an address to prove it (đã gửi mã xác nhận)."""

    type: ClassVar[str] = "contact.code_sent"
    account_id: int
    channel: str


@dataclass(frozen=True)
class ContactVerified(Event):
    """A person has proved an address to be hers (đã xác nhận địa chỉ nhận thông báo)."""

    type: ClassVar[str] = "contact.verified"
    account_id: int
    channel: str
    contact_id: int


@dataclass(frozen=True)
class ContactRemoved(Event):
    """A person took an address away, or its provider says it is gone (bỏ địa chỉ nhận thông báo)."""

    type: ClassVar[str] = "contact.removed"
    account_id: int
    channel: str
    contact_id: int


@dataclass(frozen=True)
class NoticeChoiceMade(Event):
    """A person chose how to be told (chọn cách nhận thông báo)."""

    type: ClassVar[str] = "notice.choice_made"
    account_id: int
    order: list[str]
    muted: list[str]


@dataclass(frozen=True)
class ChatReceived(Event):
    """Somebody wrote to the province in the chat (có tin nhắn đến); the words stand in their row."""

    type: ClassVar[str] = "chat.received"
    message_id: int


@dataclass(frozen=True)
class ChatAnswered(Event):
    """An answer in the chat waits to be sent (trả lời tin nhắn)."""

    type: ClassVar[str] = "chat.answered"
    answer_id: int


@dataclass(frozen=True)
class ChatSent(Event):
    """An answer in the chat was sent, or given up (đã gửi trả lời)."""

    type: ClassVar[str] = "chat.sent"
    answer_id: int
    state: str


@dataclass(frozen=True)
class ChatFollowed(Event):
    """Somebody follows a case by its code in the chat, or no longer (theo dõi hồ sơ qua Zalo)."""

    type: ClassVar[str] = "chat.followed"
    code: str
    follows: bool


@dataclass(frozen=True)
class ZaloTokenRenewed(Event):
    """The access token of the official account was renewed (đã đổi mã truy cập Zalo)."""

    type: ClassVar[str] = "zalo.token_renewed"
    app_id: str
    generation: int
