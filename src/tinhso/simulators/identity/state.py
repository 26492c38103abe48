"""What the simulator remembers while it runs: codes, tokens, keys, behaviour."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from tinhso.simulators.identity.faults import Behaviour, Fault
from tinhso.simulators.identity.people import Subject

CODE_SECONDS = 60
TOKEN_SECONDS = 600


class TokenRefusedError(Exception):
    """The code cannot be exchanged; the argument is the OAuth error code."""


@dataclass(frozen=True, slots=True)
class Request:
    """A sign-in asked for at `/auth`."""

    client_id: str
    redirect_uri: str
    state: str = ""
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""


@dataclass(slots=True)
class State:
    """Everything is gone when the process ends, as behoves a simulator."""

    subjects: dict[str, Subject]
    clients: dict[str, str]
    behaviour: Behaviour = field(default_factory=Behaviour)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "sim-1", "use": "sig"}))
    other_key: RSAKey | None = None
    codes: dict[str, tuple[Request, Subject, float]] = field(default_factory=dict)
    tokens: dict[str, tuple[Subject, float]] = field(default_factory=dict)

    def issue_code(self, request: Request, subject: Subject) -> str:
        """A code for one exchange within a minute."""
        self._forget_old()
        code = secrets.token_urlsafe(24)
        self.codes[code] = (request, subject, time.monotonic() + CODE_SECONDS)
        return code

    def exchange(
        self, *, code: str, client_id: str, secret: str, redirect_uri: str, verifier: str
    ) -> tuple[str, Request, Subject]:
        """An access token for a code, with the sign-in it came from.

        Raises:
            TokenRefusedError: the client, the code, the address or the verifier is wrong.
        """
        if not secrets.compare_digest(self.clients.get(client_id, ""), secret) or client_id not in self.clients:
            raise TokenRefusedError("invalid_client")
        request, subject, ends = self.codes.pop(code, (None, None, 0.0))
        if request is None or subject is None or ends < time.monotonic():
            raise TokenRefusedError("invalid_grant")
        if (request.client_id, request.redirect_uri) != (client_id, redirect_uri) or not _proves(request, verifier):
            raise TokenRefusedError("invalid_grant")
        token = secrets.token_urlsafe(32)
        self.tokens[token] = (subject, time.monotonic() + TOKEN_SECONDS)
        return token, request, subject

    def subject_of(self, token: str) -> Subject | None:
        """Whom an access token stands for, while it lasts."""
        subject, ends = self.tokens.get(token, (None, 0.0))
        return subject if ends >= time.monotonic() else None

    def id_token(self, *, issuer: str, request: Request, subject: str) -> str:
        """The signed id token of a sign-in, as the present behaviour makes it."""
        fault, now = self.behaviour.fault, int(time.time())
        claims: dict[str, Any] = {
            "iss": issuer,
            "aud": "somebody-else" if fault is Fault.WRONG_AUDIENCE else request.client_id,
            "sub": "sim-somebody-else" if fault is Fault.OTHER_SUBJECT else subject,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        if request.nonce:
            claims["nonce"] = "of-another-sign-in" if fault is Fault.WRONG_NONCE else request.nonce
        key = self.key
        if fault is Fault.WRONG_SIGNATURE:
            self.other_key = self.other_key or RSAKey.generate_key(2048, {"kid": "sim-1", "use": "sig"})
            key = self.other_key
        return jwt.encode({"alg": "RS256", "kid": "sim-1"}, claims, key)

    def _forget_old(self) -> None:
        now = time.monotonic()
        self.codes = {code: kept for code, kept in self.codes.items() if kept[2] >= now}
        self.tokens = {token: kept for token, kept in self.tokens.items() if kept[1] >= now}


def _proves(request: Request, verifier: str) -> bool:
    """PKCE (RFC 7636), when the client began with a challenge."""
    if not request.code_challenge:
        return True
    if request.code_challenge_method == "S256":
        verifier = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return secrets.compare_digest(verifier, request.code_challenge)
