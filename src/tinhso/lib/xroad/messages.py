"""Heads and hashes of messages: what is signed and logged, and which headers pass.

A head is the method, the address and the headers that pass, each on a line ended by CR LF. The hash of a message is
SHA-512 of its head, or with a body SHA-512 of both digests in a row.
"""

import hashlib
from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    {
        b"connection", b"content-length", b"expect", b"host", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"server", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"user-agent",
    }
)  # fmt: skip
SIGNATURE = (
    b"tinhso-signature"  # between servers of ours: key and signature of the message it stands with (decision 0039)
)
_MADE_HERE = frozenset({b"x-road-request-id", b"x-road-request-hash", b"x-road-service", b"x-road-error", SIGNATURE})
_OF_THE_WAY = HOP_BY_HOP | {SIGNATURE}
_LINE = b"\r\n"


def one_value(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The value of a header that may stand once; None when absent. Bytes that are not UTF-8 are replaced.

    Raises:
        ValueError: the header stands twice.
    """
    found = [value for key, value in headers if key == name]
    if len(found) > 1:
        raise ValueError(f"tiêu đề {name.decode()} xuất hiện nhiều lần")
    return found[0].decode("utf-8", "replace").strip() if found else None


def forwarded_request_headers(
    headers: Headers, *, request_id: str, message_id: str, drop_authorization: bool
) -> Headers:
    """What of a client's headers (names in lower case) goes on to the provider, with the ids of this exchange.

    `Connection` may name further headers that end here.
    """
    stopped = HOP_BY_HOP | _named_by_connection(headers)
    passed = [
        (name, value)
        for name, value in headers
        if name not in stopped and name not in _MADE_HERE and not (drop_authorization and name == b"authorization")
    ]
    names = {name for name, _ in passed}
    if b"x-road-id" not in names:
        passed.append((b"x-road-id", message_id.encode()))
    if b"accept" not in names:
        passed.append((b"accept", b"application/json"))
    passed.append((b"x-road-request-id", request_id.encode()))
    return passed


def forwarded_response_headers(headers: Headers) -> Headers:
    """What of a provider's headers goes back to the client: nothing of the exchange's own, which it must not imitate."""
    stopped = HOP_BY_HOP | _named_by_connection(headers)
    return [
        (name, value)
        for name, value in headers
        if name not in stopped and name != SIGNATURE and not name.startswith(b"x-road-")
    ]


def headers_between_servers(headers: Headers) -> Headers:
    """The headers of a message that came from another server, without those of the way: what its sender signed."""
    stopped = _OF_THE_WAY | _named_by_connection(headers)
    return [(name, value) for name, value in headers if name not in stopped]


def request_head(method: str, target: str, headers: Headers) -> bytes:
    """The head of a request: method, address as the client sent it, headers that pass."""
    return _head([method.encode(), target.encode("ascii")], headers)


def response_head(status: int, headers: Headers) -> bytes:
    """The head of a response: status, headers that pass."""
    return _head([str(status).encode()], headers)


def message_hash(head: bytes, body_digest: bytes | None) -> bytes:
    """SHA-512 of a message from its head and the SHA-512 of its body (None: it has none). 64 bytes."""
    of_head = hashlib.sha512(head).digest()
    return of_head if body_digest is None else hashlib.sha512(of_head + body_digest).digest()


def _head(lines: list[bytes], headers: Headers) -> bytes:
    return _LINE.join([*lines, *[name + b":" + value for name, value in headers], b""])


def _named_by_connection(headers: Headers) -> frozenset[bytes]:
    named = [value for name, value in headers if name == b"connection"]
    return frozenset(part.strip().lower() for value in named for part in value.split(b",")) if named else frozenset()
