"""The port every signer stands behind: digests in, signature values out, now or later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import httpx

from tinhso.apps.signatures.data import (
    Answer,
    DigestToSign,
    RemoteCertificate,
    ServiceData,
    SignerRefused,
    SignerUnavailable,
    Started,
)
from tinhso.apps.signatures.enums import AnswerState
from tinhso.kernel.outbound import trusted

SECONDS = 15.0
WAITING = Answer(AnswerState.WAITING)


class Signer(Protocol):
    """Somebody who keeps keys.

    Every method raises `SignerUnavailable` (ask again later) or `SignerRefused` (asking again changes nothing).
    """

    def list_certificates(self, user_id: str) -> list[RemoteCertificate]:
        """The certificates of a subscriber."""
        ...

    def start(
        self,
        *,
        user_id: str,
        credential_id: str,
        digests: Sequence[DigestToSign],
        description: str,
        reference: str,
        at: datetime,
    ) -> Started:
        """Ask for signatures. `reference` is ours and unique: where the service knows it, asked again is asked once."""
        ...

    def poll(self, handle: str) -> Answer:
        """How far a request is."""
        ...


def post(
    service: ServiceData,
    path: str,
    body: dict[str, Any],
    *,
    headers: dict[str, str] | None = None,
    seconds: float = SECONDS,
) -> tuple[int, Any]:
    """One POST of JSON; the status and the JSON of the answer.

    Raises:
        SignerUnavailable: no answer, a server's error, or an answer that is no JSON.
    """
    url = f"{service.base_url.rstrip('/')}/{path}"
    try:
        found = httpx.post(
            url, json=body, headers=headers, timeout=httpx.Timeout(seconds, connect=SECONDS), verify=trusted()
        )
        if found.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise SignerUnavailable(f"{service.name} báo lỗi {found.status_code}; hệ thống sẽ thử lại.")
        return found.status_code, found.json()
    except httpx.HTTPError as error:
        raise SignerUnavailable(f"{service.name} không trả lời; hệ thống sẽ thử lại.") from error
    except ValueError as error:
        raise SignerUnavailable(f"{service.name} trả lời không đúng định dạng; hệ thống sẽ thử lại.") from error


def refused(service: ServiceData, told: object) -> SignerRefused:
    """The refusal with the service's own word."""
    return SignerRefused(f"{service.name} không nhận yêu cầu: {str(told)[:200]}.")


def counted(answer: Answer, wanted: int) -> Answer:
    """An answer with fewer or more signatures than asked is a failure."""
    if answer.state is AnswerState.SIGNED and len(answer.signatures) != wanted:
        return Answer(AnswerState.FAILED, reason="dịch vụ trả về thiếu hoặc thừa chữ ký")
    return answer
