"""What remote signing services send of their own accord."""

import binascii
from base64 import b64decode
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tinhso.apps.signatures import flows
from tinhso.interfaces.api.common import WITHOUT_NUL, Code, Problem, Whole
from tinhso.kernel import clock

router = Router(tags=["Ký số từ xa"])
_MOST_FILES = 500


class SignedFile(Schema):
    """One signature of a transaction: `signature_value` is base64."""

    doc_id: str = Field(max_length=200, pattern=WITHOUT_NUL)
    signature_value: str = Field(default="", max_length=4_000, pattern=WITHOUT_NUL)
    timestamp_signature: str | None = None


class SmartCaMessage(Schema):
    """What VNPT SmartCA posts when the subscriber has answered."""

    sp_id: str = Field(max_length=120, pattern=WITHOUT_NUL)
    status_code: Whole
    message: str = Field(default="", max_length=1_000)
    transaction_id: str = Field(max_length=64, pattern=WITHOUT_NUL)
    signed_files: list[SignedFile] = Field(default_factory=list, max_length=_MOST_FILES)


class Taken(Schema):
    """The answer the service expects."""

    status_code: int
    message: str


@router.post(
    "/signing/smartca/{service}", response={200: Taken, 404: Problem, 422: Problem}, auth=None,
    summary="Kết quả ký SmartCA gửi về",
)  # fmt: skip
def smartca(request: HttpRequest, service: Code, message: SmartCaMessage) -> dict[str, Any]:
    """Told again, nothing happens twice. A message without right signatures only makes us ask the service itself."""
    found = {file.doc_id: _bytes(file.signature_value) for file in message.signed_files}
    flows.take_webhook(
        service_key=service, account=message.sp_id, transaction=message.transaction_id, signatures=found, at=clock.now()
    )
    return {"status_code": 200, "message": "OK"}


def _bytes(text: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
