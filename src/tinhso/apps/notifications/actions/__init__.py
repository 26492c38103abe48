"""Telling people, sending what is told outside, their addresses and choices, and the chat."""

from tinhso.apps.notifications.actions._chat import (
    follow_case,
    link_chat,
    queue_answer,
    receive_chat,
    record_chat,
    store_tokens,
    tell_followers,
    unlink_chat,
)
from tinhso.apps.notifications.actions._contacts import (
    add_browser,
    ask_code,
    confirm_code,
    forget_messages,
    forget_notices,
    keep_official_address,
    make_choice,
    mute_topic,
    remove_contact,
    start_linking,
)
from tinhso.apps.notifications.actions._notices import mark_read, notify, notify_many
from tinhso.apps.notifications.actions._sending import claim_due, record_receipt, record_report, record_round, resend

__all__ = [
    "add_browser",
    "ask_code",
    "claim_due",
    "confirm_code",
    "follow_case",
    "forget_messages",
    "forget_notices",
    "keep_official_address",
    "link_chat",
    "make_choice",
    "mark_read",
    "mute_topic",
    "notify",
    "notify_many",
    "queue_answer",
    "receive_chat",
    "record_chat",
    "record_receipt",
    "record_report",
    "record_round",
    "remove_contact",
    "resend",
    "start_linking",
    "store_tokens",
    "tell_followers",
    "unlink_chat",
]
