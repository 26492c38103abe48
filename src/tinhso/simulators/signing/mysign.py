"""Viettel MySign (/vtss/service): sign in for a token of the subscriber, certificates, signHash, requests/status."""

import binascii
from base64 import b64decode, b64encode
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.signing.state import TOKEN_SECONDS, State, Status, der64

PROFILE = "adss:ras:profile:001"
_SHA256, _RSA = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.1"
_CODES = {Status.WAITING: "4000", Status.SIGNED: "1", Status.REFUSED: "4002", Status.EXPIRED: "4001"}


def routes() -> list[Route]:
    """The addresses below the service's base."""
    return [
        Route("/vtss/service/ras/v1/login", login, methods=["POST"]),
        Route("/vtss/service/certificates/info", certificates, methods=["POST"]),
        Route("/vtss/service/signHash", sign, methods=["POST"]),
        Route("/vtss/service/requests/status", status, methods=["POST"]),
    ]


def _error(code: int, description: str) -> Response:
    return JSONResponse({"error": code, "error_description": description}, code if code in (400, 401) else 400)


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _user(request: Request) -> str | None:
    state: State = request.app.state.signing
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return state.tokens.get(value) if scheme.lower() == "bearer" else None


async def login(request: Request) -> Response:
    """`ras/v1/login`."""
    state: State = request.app.state.signing
    body = await _body(request)
    if not state.knows(str(body.get("client_id", "")), str(body.get("client_secret", ""))):
        return _error(401, "invalid_client")
    holder = state.subscriber(str(body.get("user_id", "")))
    if holder is None or body.get("profile_id") != PROFILE:
        return _error(400, "invalid_user")
    token = state.issue_token(holder.user_id)
    return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})


async def certificates(request: Request) -> Response:
    """`certificates/info`: with the chain."""
    state: State = request.app.state.signing
    if (user_id := _user(request)) is None:
        return _error(401, "invalid_token")
    holder = state.subscribers[user_id]
    certificate = holder.certificate
    chain = [der64(one) for one in (certificate, state.authority.issuing, state.authority.root)]
    found = {
        "credential_id": holder.credential_id, "authMode": "implicit", "multisign": "2147483647", "scal": "2",
        "key": {"status": "enabled", "algo": [_RSA], "len": 2048},
        "cert": {
            "status": "valid", "certificates": chain, "subjectDN": certificate.subject.rfc4514_string(),
            "issuerDN": certificate.issuer.rfc4514_string(), "serialNumber": holder.serial,
            "validFrom": f"{certificate.not_valid_before_utc:%Y%m%d%H%M%S}+0000",
            "validTo": f"{certificate.not_valid_after_utc:%Y%m%d%H%M%S}+0000",
        },
    }  # fmt: skip
    return JSONResponse([found])


async def sign(request: Request) -> Response:
    """`signHash`, asynchronous: the answer is a transaction to ask about. Names must be base64 and short."""
    state: State = request.app.state.signing
    if _user(request) is None:
        return _error(401, "invalid_token")
    body = await _body(request)
    holder = state.by_credential(str(body.get("credentialID", "")))
    if holder is None or not state.knows(str(body.get("client_id", "")), str(body.get("client_secret", ""))):
        return _error(400, "invalid_credential")
    try:
        digests = [b64decode(value, validate=True) for value in body["hash"]]
        encoded = [str(one["document_name"]) for one in body["documents"]]
        names = [b64decode(one, validate=True).decode() for one in encoded]
        description = b64decode(str(body.get("description") or ""), validate=True).decode()
    except (KeyError, TypeError, ValueError, binascii.Error):
        return _error(400, "invalid_request")
    sound = len(digests) == len(names) == body.get("numSignatures") and all(len(one) == 32 for one in digests)
    if not sound or any(len(one) >= 100 for one in encoded) or body.get("hashAlgo") != _SHA256:
        return _error(400, "invalid_request")
    asked = state.ask(
        holder, list(zip(names, digests, strict=True)), service="MySign", description=description or names[0]
    )
    return JSONResponse({"transactionId": asked.id})


async def status(request: Request) -> Response:
    """`requests/status`: 1 signed, 4000 waits, 4001 expired, 4002 refused."""
    state: State = request.app.state.signing
    if _user(request) is None:
        return _error(401, "invalid_token")
    asked = state.look(str((await _body(request)).get("transactionId", "")))
    if asked is None:
        return _error(400, "invalid_transaction")
    signatures = [b64encode(value).decode() for value in asked.signatures]
    return JSONResponse({"status": _CODES[asked.status], "signatures": signatures})
