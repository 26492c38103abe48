"""Letters to a real SMTP server: the number of a letter stays the same, one-click unsubscribe, refusals told apart."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.factories.messages import reach, tell
from tests.factories.world import citizen
from tinhso.apps.notifications import flows
from tinhso.apps.notifications.enums import NoticeKind
from tinhso.apps.notifications.models import Delivery

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


class Postbox:
    """Takes letters for everybody but those who moved away, and is full for some."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address.startswith("gone"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("full"):
            return "452 4.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = False
    settings.DEFAULT_FROM_EMAIL = "Tỉnh <khong-tra-loi@tinh.example>"
    try:
        yield box
    finally:
        server.stop()


def test_letters_go_out_and_refusals_are_told_apart(postbox: Postbox) -> None:
    people = [citizen(), citizen("051080000022", "Trần Văn Hai"), citizen("051080000023", "Lê Thị Ba")]
    for person, address in zip(people, ("an@tinh.example", "gone@tinh.example", "full@tinh.example"), strict=True):
        reach(person, at=AT, email=address)
    tell(*people, at=AT, kind=NoticeKind.PROGRESS)
    flows.send_due(at=AT)
    states = {row.contact.address.split("@")[0]: row for row in Delivery.objects.select_related("contact")}
    assert {name: row.state for name, row in states.items()} == {"an": "sent", "gone": "failed", "full": "queued"}
    (letter,) = postbox.letters
    assert letter["Message-ID"] == f"<{states['an'].key}@tinh.example>"
    assert "/thong-bao/thoi-nhan/" in letter["List-Unsubscribe"]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "H48.12-261008-0007" in letter.get_payload(decode=True).decode()


def test_a_server_that_is_down_puts_letters_off(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    me = citizen()
    reach(me, at=AT, email="an@tinh.example")
    tell(me, at=AT)
    flows.send_due(at=AT)
    row = Delivery.objects.get()
    assert row.state == "queued"
    assert row.error.startswith("máy chủ thư")
