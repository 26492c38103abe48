"""Tables of the exchange: registry and the axis's directory, dated; the log of messages, never changed; its seals."""

from tinhso.apps.exchange.models._axis import AxisAgency, AxisMark
from tinhso.apps.exchange.models._log import Message, MessageBody, MessageSeal, SealStamp, Usage
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
from tinhso.apps.exchange.models._requests import AccessRequest, Maintenance
from tinhso.apps.exchange.models._statistics import Alarm, ContractCheck, Traffic, TrafficMark

__all__ = [
    "AccessRequest",
    "AccessRight",
    "Alarm",
    "AxisAgency",
    "AxisMark",
    "Certificate",
    "ClientToken",
    "ContractCheck",
    "Endpoint",
    "Lookup",
    "Maintenance",
    "Member",
    "Message",
    "MessageBody",
    "MessageSeal",
    "OutboxMessage",
    "SealStamp",
    "Server",
    "Service",
    "Subsystem",
    "Traffic",
    "TrafficMark",
    "Usage",
]
