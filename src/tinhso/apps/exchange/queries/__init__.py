"""What the exchange can be asked: its registry, its keys, its log."""

from tinhso.apps.exchange.queries._keys import (
    Signer,
    authority_file,
    connection_key,
    key_folder,
    open_signers,
    public_keys,
)
from tinhso.apps.exchange.queries._log import (
    JOURNAL_LOCK,
    evidence_of,
    latest_seal,
    lines_between,
    list_messages,
    log_public_keys,
    seals_without_stamp,
    settled_up_to,
    verify_messages,
)
from tinhso.apps.exchange.queries._lookups import asking_system, get_source, lookups_about, source_keys
from tinhso.apps.exchange.queries._outbox import (
    count_dead,
    list_dead,
    list_outbox,
    messages_about,
    open_messages,
    outbox_state,
)
from tinhso.apps.exchange.queries._registry import openapi_of, read_registry, registry_version, usage_today
from tinhso.apps.exchange.rules import TOKEN_MARK, token_digest

__all__ = [
    "JOURNAL_LOCK",
    "TOKEN_MARK",
    "Signer",
    "asking_system",
    "authority_file",
    "connection_key",
    "count_dead",
    "evidence_of",
    "get_source",
    "key_folder",
    "latest_seal",
    "lines_between",
    "list_dead",
    "list_messages",
    "list_outbox",
    "log_public_keys",
    "lookups_about",
    "messages_about",
    "open_messages",
    "open_signers",
    "openapi_of",
    "outbox_state",
    "public_keys",
    "read_registry",
    "registry_version",
    "seals_without_stamp",
    "settled_up_to",
    "source_keys",
    "token_digest",
    "usage_today",
    "verify_messages",
]
