"""Acts of the data exchange: its registry, rights, keys, and its message log."""

from tinhso.apps.exchange.actions._alarms import acknowledge_alarm, watch_exchange
from tinhso.apps.exchange.actions._axis import (
    record_axis_directory,
    record_axis_failure,
)
from tinhso.apps.exchange.actions._bodies import forget_kept_bodies, keep_body, read_bodies
from tinhso.apps.exchange.actions._journal import Journal, connect_like_django
from tinhso.apps.exchange.actions._keys import (
    LOG_OWNER,
    add_certificate,
    ensure_server_key,
    issue_client_token,
    make_connection_key,
    make_missing_keys,
    revoke_certificate,
    revoke_client_token,
    tell_expiring,
)
from tinhso.apps.exchange.actions._lookups import begin_lookup, close_lookup, finish_lookup
from tinhso.apps.exchange.actions._maintenance import announce_maintenance, cancel_maintenance
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
from tinhso.apps.exchange.actions._requests import approve_access, ask_access, refuse_access, withdraw_access
from tinhso.apps.exchange.actions._rights import grant_access, revoke_access
from tinhso.apps.exchange.actions._seals import make_partitions, record_stamp, seal_messages
from tinhso.apps.exchange.actions._statistics import forget_traffic, gather_traffic
from tinhso.apps.exchange.actions._trials import record_contract_check, record_trial

__all__ = [
    "LOG_OWNER",
    "Journal",
    "acknowledge_alarm",
    "add_certificate",
    "announce_maintenance",
    "approve_access",
    "ask_access",
    "begin_lookup",
    "cancel_maintenance",
    "claim_messages",
    "close_lookup",
    "connect_like_django",
    "ensure_server_key",
    "finish_lookup",
    "forget_bodies",
    "forget_kept_bodies",
    "forget_traffic",
    "gather_traffic",
    "grant_access",
    "issue_client_token",
    "keep_body",
    "make_connection_key",
    "make_missing_keys",
    "make_partitions",
    "publish_registry",
    "queue_message",
    "read_bodies",
    "record_axis_directory",
    "record_axis_failure",
    "record_contract_check",
    "record_delivered",
    "record_failed",
    "record_stamp",
    "record_trial",
    "refuse_access",
    "release_messages",
    "replay_messages",
    "resend_message",
    "revoke_access",
    "revoke_certificate",
    "revoke_client_token",
    "seal_messages",
    "skip_message",
    "tell_expiring",
    "watch_exchange",
    "withdraw_access",
]
