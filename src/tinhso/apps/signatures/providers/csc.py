"""The interface of the Cloud Signature Consortium, versions 1 and 2. The base address ends before `/csc`.

Version 1 has no asking later: authorisation holds the line until the phone has answered, so it happens in `poll`. What
is authorised is not signed yet: killed in between, the phone is asked again and nothing was signed. Version 2 gives a
handle to ask with.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tinhso.apps.signatures.data import Answer, DigestToSign, Identity, RemoteCertificate, ServiceData, Started
from tinhso.apps.signatures.enums import AnswerState
from tinhso.apps.signatures.providers import port

_SHA256, _RSA = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.1"
_OK, _ACCEPTED = 200, 202
_HOLD_SECONDS = 300.0
_ENDED = {
    "authorization_denied": AnswerState.REFUSED, "access_denied": AnswerState.REFUSED,
    "expired_request": AnswerState.EXPIRED, "authorization_timeout": AnswerState.EXPIRED,
}  # fmt: skip


class CloudSignature:
    """The adapter; `version` is 1 or 2."""

    def __init__(self, service: ServiceData, version: int) -> None:
        self.service, self.version = service, version

    def list_certificates(self, user_id: str) -> list[RemoteCertificate]:
        """The subscriber's credentials with their chains."""
        token = self._token()
        listed = []
        for name in self._call("credentials/list", {"userID": user_id}, token)["credentialIDs"]:
            found = self._call("credentials/info", {"credentialID": name, "certificates": "chain"}, token)
            first, *above = (b64decode(text) for text in found["cert"]["certificates"])
            listed.append(RemoteCertificate(str(name), Identity(first, tuple(above))))
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
        """Version 2: the phone is asked. Version 1: it will be, by the first `poll`."""
        held = {
            "credential": credential_id, "hashes": [b64encode(one.digest).decode() for one in digests],
            "description": description[:200],
        }  # fmt: skip
        if self.version == 2:
            status, found = self._post("credentials/authorize", self._authorization(held), self._token())
            if status not in (_OK, _ACCEPTED):
                raise port.refused(self.service, found.get("error_description", status))
            held |= {"handle": found.get("handle", ""), "sad": found.get("SAD", "")}
        return Started(json.dumps(held), port.WAITING)

    def poll(self, handle: str) -> Answer:
        """Whether the phone has confirmed; if so, the signatures are fetched in the same breath."""
        held, token = json.loads(handle), self._token()
        if self.version == 1:
            status, found = self._post("credentials/authorize", self._authorization(held), token, seconds=_HOLD_SECONDS)
        elif held["sad"]:
            status, found = _OK, {"SAD": held["sad"]}
        else:
            status, found = self._post("credentials/authorizeCheck", {"handle": held["handle"]}, token)
        if status == _ACCEPTED:
            return port.WAITING
        if status != _OK:
            told = str(found.get("error", ""))
            return Answer(_ENDED.get(told, AnswerState.FAILED), reason=str(found.get("error_description", told)))
        names = ("hash", "hashAlgo") if self.version == 1 else ("hashes", "hashAlgorithmOID")
        body = {
            "credentialID": held["credential"], "SAD": found["SAD"], names[0]: held["hashes"], names[1]: _SHA256,
            "signAlgo": _RSA,
        }  # fmt: skip
        signatures = self._call("signatures/signHash", body, token)["signatures"]
        answer = Answer(AnswerState.SIGNED, tuple(b64decode(value) for value in signatures))
        return port.counted(answer, len(held["hashes"]))

    def _authorization(self, held: dict[str, Any]) -> dict[str, Any]:
        digests = (
            {"hash": held["hashes"]} if self.version == 1 else {"hashes": held["hashes"], "hashAlgorithmOID": _SHA256}
        )
        return {
            "credentialID": held["credential"], "numSignatures": len(held["hashes"]), "description": held["description"],
            **digests,
        }  # fmt: skip

    def _token(self) -> str:
        basic = b64encode(f"{self.service.account}:{self.service.secret}".encode()).decode()
        status, found = port.post(
            self.service, self._path("auth/login"), {}, headers={"Authorization": f"Basic {basic}"}
        )
        if status != _OK:
            raise port.refused(self.service, found.get("error_description", status))
        return str(found["access_token"])

    def _call(self, path: str, body: dict[str, Any], token: str) -> Any:
        status, found = self._post(path, body, token)
        if status != _OK:
            raise port.refused(self.service, found.get("error_description", status))
        return found

    def _post(self, path: str, body: dict[str, Any], token: str, *, seconds: float = port.SECONDS) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        return port.post(self.service, self._path(path), body, headers=headers, seconds=seconds)

    def _path(self, path: str) -> str:
        return f"csc/v{self.version}/{path}"
