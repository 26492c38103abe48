"""Viettel MySign (/vtss/service). The base address ends before `/vtss`; account and secret are client_id and client_secret.

Names go in base64 and below 100 characters; a token belongs to one subscriber. The transaction's id is theirs: a request
sent twice is two prompts on the phone, of which one expires.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tinhso.apps.signatures.data import Answer, DigestToSign, Identity, RemoteCertificate, ServiceData, Started
from tinhso.apps.signatures.enums import AnswerState
from tinhso.apps.signatures.providers import port

PROFILE = "adss:ras:profile:001"
_SHA256, _RSA = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.1"
_OK = 200
_STATES = {
    "1": AnswerState.SIGNED, "4000": AnswerState.WAITING, "6000": AnswerState.WAITING, "0": AnswerState.WAITING,
    "4001": AnswerState.EXPIRED, "4002": AnswerState.REFUSED,
}  # fmt: skip
_REASONS = {
    "4004": "ký không thành", "4005": "tài khoản hết lượt ký", "13004": "chứng thư hết hạn hoặc bị thu hồi",
    "50000": "lỗi nội bộ của dịch vụ",
}  # fmt: skip


class MySign:
    """The adapter."""

    def __init__(self, service: ServiceData) -> None:
        self.service = service

    def list_certificates(self, user_id: str) -> list[RemoteCertificate]:
        """The subscriber's credentials with their chains."""
        body = {
            "user_id": user_id,
            "certificates": "chain",
            "certInfo": True,
            "authInfo": True,
            "profile_id": self._profile,
        }
        found = self._call("vtss/service/certificates/info", {**self._client, **body}, token=self._token(user_id))
        listed = []
        for one in found:
            first, *above = (b64decode(text) for text in one["cert"]["certificates"])
            listed.append(RemoteCertificate(str(one["credential_id"]), Identity(first, tuple(above))))
        return listed

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
        """A transaction the phone shows."""
        body = {
            **self._client, "credentialID": credential_id, "numSignatures": len(digests), "description": _short(description),
            "documents": [{"document_id": n, "document_name": _short(one.name)} for n, one in enumerate(digests, 1)],
            "hash": [b64encode(one.digest).decode() for one in digests], "hashAlgo": _SHA256, "signAlgo": _RSA, "async": 1,
        }  # fmt: skip
        found = self._call("vtss/service/signHash", body, token=self._token(user_id))
        handle = {"transaction": str(found["transactionId"]), "user": user_id, "count": len(digests)}
        return Started(json.dumps(handle), port.WAITING)

    def poll(self, handle: str) -> Answer:
        """Ask for the transaction's status."""
        held = json.loads(handle)
        body = {"transactionId": held["transaction"]}
        found = self._call("vtss/service/requests/status", body, token=self._token(held["user"]))
        code = str(found.get("status", ""))
        state = _STATES.get(code, AnswerState.FAILED)
        signatures = tuple(b64decode("".join(value.split())) for value in found.get("signatures") or [])
        answer = Answer(state, signatures if state is AnswerState.SIGNED else (), _REASONS.get(code, ""))
        return port.counted(answer, held["count"])

    @property
    def _profile(self) -> str:
        return str(self.service.options.get("profile_id", PROFILE))

    @property
    def _client(self) -> dict[str, str]:
        return {"client_id": self.service.account, "client_secret": self.service.secret}

    def _token(self, user_id: str) -> str:
        body = {**self._client, "user_id": user_id, "profile_id": self._profile}
        return str(self._call("vtss/service/ras/v1/login", body)["access_token"])

    def _call(self, path: str, body: dict[str, Any], *, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else None
        status, found = port.post(self.service, path, body, headers=headers)
        if status != _OK or (isinstance(found, dict) and found.get("error")):
            told = found.get("error_description") or found.get("error") if isinstance(found, dict) else status
            raise port.refused(self.service, told)
        return found


def _short(words: str) -> str:
    """Base64 below 100 characters; a letter that would be cut in half goes."""
    return b64encode(words.encode()[:72].decode(errors="ignore").encode()).decode()
