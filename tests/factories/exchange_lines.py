"""Lines of the message log, written past the gateway."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.factories.exchange import AT
from tinhso.apps.exchange.models import Message


def asked_line(number: int, mark: bytes | None, *, kind: str = "request", **more: Any) -> Message:
    """A question of another agency, not saved; `mark` stands for whom it is about."""
    empty = b""
    row = {
        "exchange_id": uuid4(), "client": "TEST/GOV/H48.01/mot-cua", "service": "TEST/GOV/G01/dancu/xac-nhan",
        "error": "", "response_head": None, "purpose": "Giải quyết thủ tục",
    }  # fmt: skip
    return Message(
        at=AT + timedelta(minutes=number), kind=kind, message_id=f"m-{number}-{uuid4()}", method="POST", user_id="VN1",
        issue="", represented="", request_head=empty, request_key="", response_key="", subject=mark, **row | more,
    )  # fmt: skip
