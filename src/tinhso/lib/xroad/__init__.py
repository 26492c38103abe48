"""The X-Road message protocol for REST (PR-REST 1.0): identifiers, headers, hashes, errors. Plain values, no network."""

from tinhso.lib.xroad.errors import ProtocolError
from tinhso.lib.xroad.identifiers import ClientId, IdentifierError, ServiceId, Target, parse_client, parse_target
from tinhso.lib.xroad.messages import (
    SIGNATURE,
    Headers,
    forwarded_request_headers,
    forwarded_response_headers,
    headers_between_servers,
    message_hash,
    one_value,
    request_head,
    response_head,
)

__all__ = [
    "SIGNATURE",
    "ClientId",
    "Headers",
    "IdentifierError",
    "ProtocolError",
    "ServiceId",
    "Target",
    "forwarded_request_headers",
    "forwarded_response_headers",
    "headers_between_servers",
    "message_hash",
    "one_value",
    "parse_client",
    "parse_target",
    "request_head",
    "response_head",
]
