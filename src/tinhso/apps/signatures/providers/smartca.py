"""VNPT SmartCA (gateway /sca/sp769). The base address ends before `/v1`; account and secret are sp_id and sp_password.

The transaction's id is ours, so a request sent twice is one request. The interface lets the status be asked without a
password, and tells refusals in the message only.
"""

import json
import uuid
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tinhso.apps.signatures.data import Answer, DigestToSign, Identity, RemoteCertificate, ServiceData, Started
from tinhso.apps.signatures.enums import AnswerState
from tinhso.apps.signatures.providers import port

_OK = 200
_ENDED = {
    "REJECT": AnswerState.REFUSED, "DENI": AnswerState.REFUSED, "CANCEL": AnswerState.REFUSED,
    "EXPIRE": AnswerState.EXPIRED, "TIMEOUT": AnswerState.EXPIRED, "FAIL": AnswerState.FAILED, "ERROR": AnswerState.FAILED,
}  # fmt: skip


class SmartCA:
    """The adapter."""

    def __init__(self, service: ServiceData) -> None:
        self.service = service

    def list_certificates(self, user_id: str) -> list[RemoteCertificate]:
        """Every certificate of the subscriber; its serial is the credential."""
        body = {"user_id": user_id, "serial_number": "", "transaction_id": uuid.uuid4().hex}
        found = self._call("v1/credentials/get_certificate", body)["user_certificates"]
        return [RemoteCertificate(str(one["serial_number"]), _identity(one)) for one in found]

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
        files = [
            {
                "data_to_be_signed": one.digest.hex(),
                "doc_id": f"{number}-{one.name}"[:60],
                "file_type": "pdf",
                "sign_type": "hash",
            }
            for number, one in enumerate(digests, 1)
        ]
        body = {
            "user_id": user_id, "serial_number": credential_id, "transaction_id": reference,
            "transaction_desc": description[:200], "time_stamp": f"{at.astimezone(UTC):%Y%m%d%H%M%SZ}", "sign_files": files,
        }  # fmt: skip
        data = self._call("v1/signatures/sign", body)
        handle = json.dumps({"tran": str(data["tran_code"]), "files": [file["doc_id"] for file in files]})
        return Started(handle, port.WAITING)

    def poll(self, handle: str) -> Answer:
        """Ask for the transaction's status."""
        held = json.loads(handle)
        _, found = port.post(self.service, f"v1/signatures/sign/{held['tran']}/status", {})
        message = str(found.get("message", "")).upper()
        for word, state in _ENDED.items():
            if word in message:
                return Answer(state, reason=str(found["message"]))
        if found.get("status_code") != _OK:
            return Answer(AnswerState.FAILED, reason=str(found.get("message", "")))
        values = {
            one["doc_id"]: one.get("signature_value") for one in (found.get("data") or {}).get("signatures") or []
        }
        if not any(values.values()) and message != "SUCCESS":
            return port.WAITING
        signatures = tuple(b64decode(values[name]) for name in held["files"] if values.get(name))
        return port.counted(Answer(AnswerState.SIGNED, signatures), len(held["files"]))

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        proven = {"sp_id": self.service.account, "sp_password": self.service.secret, **body}
        _, found = port.post(self.service, path, proven)
        if found.get("status_code") != _OK or not isinstance(found.get("data"), dict):
            raise port.refused(self.service, found.get("message", "không rõ lý do"))
        return dict(found["data"])


def _identity(found: dict[str, Any]) -> Identity:
    chain = found.get("chain_data") or {}
    above = tuple(b64decode(chain[name]) for name in ("ca_cert", "root_cert") if chain.get(name))
    return Identity(b64decode("".join(str(found["cert_data"]).split())), above)
