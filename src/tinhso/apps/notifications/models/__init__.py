"""Tables of notices and of the messages that carry them outside."""

from tinhso.apps.notifications.models._chat import ChatAnswer, ChatFollow, ChatIncoming, ChatUser, ZaloToken
from tinhso.apps.notifications.models._contacts import Choice, Contact, ContactCode
from tinhso.apps.notifications.models._deliveries import Delivery, QuotaUse
from tinhso.apps.notifications.models._notices import Notice

__all__ = [
    "ChatAnswer",
    "ChatFollow",
    "ChatIncoming",
    "ChatUser",
    "Choice",
    "Contact",
    "ContactCode",
    "Delivery",
    "Notice",
    "QuotaUse",
    "ZaloToken",
]
