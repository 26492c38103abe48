"""Tables of the exchange: its registry, dated; the log of messages, never changed; the seals over it."""

from tinhso.apps.exchange.models._log import Message, MessageSeal, SealStamp, Usage
from tinhso.apps.exchange.models._lookups import Lookup
from tinhso.apps.exchange.models._outbox import OutboxMessage
from tinhso.apps.exchange.models._registry import (
    AccessRight,
    Certificate,
    ClientToken,
    Endpoint,
    Member,
    Server,
    Service,
    Subsystem,
)

__all__ = [
    "AccessRight",
    "Certificate",
    "ClientToken",
    "Endpoint",
    "Lookup",
    "Member",
    "Message",
    "MessageSeal",
    "OutboxMessage",
    "SealStamp",
    "Server",
    "Service",
    "Subsystem",
    "Usage",
]
