"""A passkey in software: makes and uses an ES256 credential as a browser with a platform authenticator would."""

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

_PRESENT_AND_VERIFIED = 0x05
_WITH_CREDENTIAL = 0x40


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SoftwareKey:
    """One credential for one site."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user_handle = b""

    def create(self, js_data: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`."""
        options = json.loads(json.dumps(js_data["creation_options"], default=dict))["publicKey"]
        self.user_handle = base64.urlsafe_b64decode(options["user"]["id"] + "==")
        rp_hash = hashlib.sha256(options["rp"]["id"].encode()).digest()
        credential = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(rp_hash, _PRESENT_AND_VERIFIED | _WITH_CREDENTIAL, 0, credential)
        from fido2 import cbor

        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": bytes(data)})
        return self._answer(
            {
                "clientDataJSON": _b64(self._client_data("webauthn.create", options["challenge"])),
                "attestationObject": _b64(attestation),
                "transports": ["internal"],
            },
            {"credProps": {"rk": True}},
        )

    def get(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.get`."""
        asked = options["request_options"]["publicKey"]
        client_data = self._client_data("webauthn.get", asked["challenge"])
        rp_hash = hashlib.sha256(asked["rpId"].encode()).digest()
        data = AuthenticatorData.create(rp_hash, _PRESENT_AND_VERIFIED, 1)
        signature = self.key.sign(bytes(data) + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": _b64(client_data),
                "authenticatorData": _b64(bytes(data)),
                "signature": _b64(signature),
                "userHandle": _b64(self.user_handle),
            },
            {},
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any], extensions: dict[str, Any]) -> str:
        return json.dumps(
            {
                "id": _b64(self.id),
                "rawId": _b64(self.id),
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "response": response,
                "clientExtensionResults": extensions,
            }
        )
