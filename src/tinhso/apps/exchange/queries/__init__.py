"""What the exchange can be asked: its registry, its keys, its log."""

from tinhso.apps.exchange.queries._keys import Signer, authority_file, connection_key, key_folder, open_signers
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
from tinhso.apps.exchange.queries._registry import openapi_of, read_registry, registry_version, usage_today
from tinhso.apps.exchange.rules import TOKEN_MARK, token_digest

__all__ = [
    "JOURNAL_LOCK",
    "TOKEN_MARK",
    "Signer",
    "authority_file",
    "connection_key",
    "evidence_of",
    "key_folder",
    "latest_seal",
    "lines_between",
    "list_messages",
    "log_public_keys",
    "open_signers",
    "openapi_of",
    "read_registry",
    "registry_version",
    "seals_without_stamp",
    "settled_up_to",
    "token_digest",
    "usage_today",
    "verify_messages",
]
