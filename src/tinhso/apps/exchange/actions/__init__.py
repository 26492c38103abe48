"""Acts of the data exchange: its registry, rights, keys, and its message log."""

from tinhso.apps.exchange.actions._journal import Journal, connect_like_django
from tinhso.apps.exchange.actions._keys import (
    LOG_OWNER,
    add_certificate,
    issue_client_token,
    make_connection_key,
    make_missing_keys,
    revoke_certificate,
    revoke_client_token,
    tell_expiring,
)
from tinhso.apps.exchange.actions._lookups import begin_lookup, finish_lookup
from tinhso.apps.exchange.actions._outbox import (
    claim_messages,
    forget_bodies,
    queue_message,
    record_delivered,
    record_failed,
    release_messages,
    replay_messages,
    resend_message,
    skip_message,
)
from tinhso.apps.exchange.actions._registry import publish_registry
from tinhso.apps.exchange.actions._rights import grant_access, revoke_access
from tinhso.apps.exchange.actions._seals import make_partitions, record_stamp, seal_messages

__all__ = [
    "LOG_OWNER",
    "Journal",
    "add_certificate",
    "begin_lookup",
    "claim_messages",
    "connect_like_django",
    "finish_lookup",
    "forget_bodies",
    "grant_access",
    "issue_client_token",
    "make_connection_key",
    "make_missing_keys",
    "make_partitions",
    "publish_registry",
    "queue_message",
    "record_delivered",
    "record_failed",
    "record_stamp",
    "release_messages",
    "replay_messages",
    "resend_message",
    "revoke_access",
    "revoke_certificate",
    "revoke_client_token",
    "seal_messages",
    "skip_message",
    "tell_expiring",
]
