"""What somebody was told, how, and how far messages are."""

from tinhso.apps.notifications.queries._chat import (
    chat_account,
    get_chat,
    has_followers,
    stored_tokens,
    token_state,
    waiting_answers,
)
from tinhso.apps.notifications.queries._contacts import (
    browser_key,
    choice_of,
    contacts_of,
    open_channels,
    topics_for,
    unsubscribe_token,
    who_unsubscribes,
)
from tinhso.apps.notifications.queries._content import get_settings, get_template, previews
from tinhso.apps.notifications.queries._deliveries import (
    costs_of,
    due_now,
    figures_since,
    get_delivery,
    list_deliveries,
    quotas_on,
)
from tinhso.apps.notifications.queries._hooks import LONGEST_CALL, read_report, read_zalo
from tinhso.apps.notifications.queries._notices import MOST_UNREAD, list_notices, unread_count

__all__ = [
    "LONGEST_CALL",
    "MOST_UNREAD",
    "browser_key",
    "chat_account",
    "choice_of",
    "contacts_of",
    "costs_of",
    "due_now",
    "figures_since",
    "get_chat",
    "get_delivery",
    "get_settings",
    "get_template",
    "has_followers",
    "list_deliveries",
    "list_notices",
    "open_channels",
    "previews",
    "quotas_on",
    "read_report",
    "read_zalo",
    "stored_tokens",
    "token_state",
    "topics_for",
    "unread_count",
    "unsubscribe_token",
    "waiting_answers",
    "who_unsubscribes",
]
