"""The gateway's own server, byte by byte: what it takes for a request, in which order it answers, when it hangs up."""

import contextlib
import socket
import time
from typing import Any

import pytest

from tests.factories.exchange import ASKER, SERVICE, Stage
from tinhso.apps.exchange.models import Message

pytestmark = pytest.mark.django_db
_CALL = f"/r1/{SERVICE}"


def _asked(path: str = "/ok", *, method: str = "GET", body: bytes = b"", more: str = "", version: str = "1.1") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return (
        f"{method} {_CALL}{path} HTTP/{version}\r\nHost: x\r\nX-Road-Client: {ASKER}\r\n{length}{more}\r\n".encode()
        + body
    )


def _told(stage: Stage, data: bytes, *, ends: bool = True) -> bytes:
    """What the server says to these bytes, until it hangs up or has nothing more to say."""
    address = stage.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=5) as one:
        one.sendall(data)
        if ends:
            one.shutdown(socket.SHUT_WR)
        found = b""
        with contextlib.suppress(ConnectionResetError):  # it hung up while we still had something to say
            while piece := one.recv(65_536):
                found += piece
        return found


_CLOSE = "Connection: close\r\n"


def test_requests_sent_ahead_are_answered_in_order(stage: Stage) -> None:
    first, second = _asked("/echo", method="POST", body=b"one"), _asked("/echo", method="POST", body=b"two")
    found = _told(stage, first + second + _asked("/echo", method="POST", body=b"three", more=_CLOSE), ends=False)
    bodies = [part.split(b"\r\n\r\n")[1] for part in found.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert bodies == [b"one", b"two", b"three"]


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ("Content-Length: 1\r\nContent-Length: 2\r\n", b"xx"),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", b"zz\r\nab"),
        ("Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
        ("Content-Length: -1\r\n", b""),
        ("Content-Length : 1\r\n", b"x"),
        ("X\x00Y: 1\r\n", b""),
    ],
)
def test_what_could_be_read_in_two_ways_is_no_request(stage: Stage, more: str, body: bytes) -> None:
    before = len(stage.provider.asked)
    with_end = _told(stage, _asked(method="POST", more=more) + body + _asked("/smuggled"), ends=False)
    assert not with_end.startswith(b"HTTP/1.1 200")
    assert len(stage.provider.asked) == before


def test_too_much_head_is_refused_before_it_is_held(stage: Stage) -> None:
    found = _told(stage, _asked(more=f"X: {'y' * 70_000}\r\n"), ends=False)
    assert found.startswith(b"HTTP/1.1 431 ")


def test_a_client_that_asks_first_is_told_to_go_on(stage: Stage) -> None:
    found = _told(
        stage, _asked("/echo", method="POST", body=b"x", more="Expect: 100-continue\r\n" + _CLOSE), ends=False
    )
    assert found.endswith(b"\r\n\r\nx")
    address = stage.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=5) as one:
        one.sendall(_asked("/echo", method="POST", more="Content-Length: 1\r\nExpect: 100-continue\r\n"))
        assert one.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.sendall(b"y")
        assert one.recv(65_536).endswith(b"y")


def test_an_offer_of_another_protocol_is_passed_over(stage: Stage) -> None:
    more = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    found = _told(stage, _asked(more=more) + _asked(more=_CLOSE), ends=False)
    assert found.count(b"HTTP/1.1 200 OK") == 2


def test_a_head_has_no_body_and_the_connection_goes_on(stage: Stage) -> None:
    found = _told(stage, _asked(method="HEAD") + _asked(more=_CLOSE), ends=False)
    assert found.count(b"\r\n\r\n") == 2
    assert found.endswith(b"\r\n\r\nok")


def test_an_old_client_gets_an_answer_that_ends(stage: Stage) -> None:
    found = _told(stage, _asked("/big?size=100000", version="1.0"), ends=False)
    head, _, body = found.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n"), found[:600]
    assert (len(body), b"chunked" in head, b"connection: close" in head) == (100_000, False, True)


def test_who_hangs_up_in_the_middle_is_in_the_log_as_that(stage: Stage) -> None:
    before = len(stage.provider.asked)
    _told(stage, _asked("/echo", method="POST", more="X-Road-Id: m-gone\r\nContent-Length: 9\r\n") + b"half")
    for _ in range(100):
        lines = list(Message.objects.filter(message_id="m-gone").values_list("error", flat=True))
        if lines:
            break
        time.sleep(0.01)
    assert (lines, len(stage.provider.asked)) == (["Client.Disconnected"], before)


def test_one_id_twice_is_two_exchanges(stage: Stage) -> None:
    headers = {"X-Road-Id": "m-twice"}
    found = [
        stage.call("/echo", method="POST", content=b"x", headers=headers).headers["x-road-request-id"] for _ in "12"
    ]
    lines: Any = Message.objects.filter(message_id="m-twice").order_by("id").values_list("exchange_id", "kind")
    assert [(str(one), kind) for one, kind in lines] == [
        (one, kind) for one in found for kind in ("request", "response")
    ]
