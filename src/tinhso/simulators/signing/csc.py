"""The Cloud Signature Consortium's interface. Version 1 authorises while the line is held; version 2 also with a handle."""

import asyncio
import binascii
import secrets
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.signing.state import TOKEN_SECONDS, Asked, State, Status, der64

_SHA256, _RSA = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.1"
_LOOK_EVERY = 0.05
_REFUSALS = {Status.REFUSED: "authorization_denied", Status.EXPIRED: "expired_request"}


def routes(version: int) -> list[Route]:
    """The addresses below `/csc/v1` or `/csc/v2`."""

    def of(handler: Callable[[Request, int], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await handler(request, version)

        return answer

    found = [
        Route("/info", of(info), methods=["POST"]),
        Route("/auth/login", of(login), methods=["POST"]),
        Route("/credentials/list", of(list_credentials), methods=["POST"]),
        Route("/credentials/info", of(credential), methods=["POST"]),
        Route("/credentials/authorize", of(authorize), methods=["POST"]),
        Route("/signatures/signHash", of(sign), methods=["POST"]),
    ]
    if version == 2:
        found.append(Route("/credentials/authorizeCheck", of(check), methods=["POST"]))
    return found


def _error(status: int, error: str, description: str = "") -> Response:
    return JSONResponse({"error": error, "error_description": description or error}, status)


async def _open(request: Request) -> tuple[State, dict[str, Any], Response | None]:
    state: State = request.app.state.signing
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or value not in state.tokens:
        return state, {}, _error(401, "invalid_token")
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return state, {}, _error(400, "invalid_request")
    return state, body, None


async def info(request: Request, version: int) -> Response:
    """`info`: what the service can do."""
    specs = "1.0.4.0" if version == 1 else "2.0.0.2"
    methods = ["auth/login", "credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"]
    return JSONResponse(
        {"specs": specs, "name": "Ký số từ xa giả lập", "region": "VN", "lang": "vi", "methods": methods}
    )


async def login(request: Request, version: int) -> Response:
    """`auth/login`: basic authentication of the client."""
    state: State = request.app.state.signing
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        client, _, secret = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        client, secret = "", ""
    if scheme.lower() != "basic" or not state.knows(client, secret):
        return _error(401, "authentication_error")
    return JSONResponse({"access_token": state.issue_token(client), "expires_in": TOKEN_SECONDS})


async def list_credentials(request: Request, version: int) -> Response:
    """`credentials/list`."""
    state, body, refused = await _open(request)
    if refused is not None:
        return refused
    holder = state.subscriber(str(body.get("userID", "")))
    if holder is None:
        return _error(400, "invalid_request", "Invalid parameter userID")
    return JSONResponse({"credentialIDs": [holder.credential_id]})


async def credential(request: Request, version: int) -> Response:
    """`credentials/info` with the chain."""
    state, body, refused = await _open(request)
    if refused is not None:
        return refused
    holder = state.by_credential(str(body.get("credentialID", "")))
    if holder is None:
        return _error(400, "invalid_request", "Invalid parameter credentialID")
    chain = [der64(one) for one in (holder.certificate, state.authority.issuing, state.authority.root)]
    mode: dict[str, Any] = {"authMode": "implicit"} if version == 1 else {"auth": {"mode": "explicit"}}
    return JSONResponse(
        {
            "key": {"status": "enabled", "algo": [_RSA], "len": 2048},
            "cert": {"status": "valid", "certificates": chain, "subjectDN": holder.certificate.subject.rfc4514_string()},
            "SCAL": "2", "multisign": 200, **mode,
        }
    )  # fmt: skip


def _digests(body: dict[str, Any], version: int) -> list[bytes]:
    found = [b64decode(value, validate=True) for value in body["hash" if version == 1 else "hashes"]]
    if not found or any(len(digest) != 32 for digest in found):
        raise ValueError("digests of 32 bytes")
    return found


async def authorize(request: Request, version: int) -> Response:
    """`credentials/authorize`: version 1 answers when the phone has; version 2 gives a handle at once (202)."""
    state, body, refused = await _open(request)
    if refused is not None:
        return refused
    holder = state.by_credential(str(body.get("credentialID", "")))
    try:
        digests = _digests(body, version)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return _error(400, "invalid_request", "Invalid digest value length")
    if holder is None or body.get("numSignatures") != len(digests):
        return _error(400, "invalid_request", "Invalid parameter credentialID or numSignatures")
    description = str(body.get("description") or "")
    documents = [(f"{description} ({number})", digest) for number, digest in enumerate(digests, 1)]
    asked = state.ask(holder, documents, service=f"CSC v{version}", description=description)
    if version == 2:
        return JSONResponse({"handle": asked.id}, 202)
    while (now := state.look(asked.id)) is not None and now.status is Status.WAITING:
        await asyncio.sleep(_LOOK_EVERY)
    return _activation(asked)


async def check(request: Request, version: int) -> Response:
    """`credentials/authorizeCheck`: 202 while the phone waits."""
    state, body, refused = await _open(request)
    if refused is not None:
        return refused
    asked = state.look(str(body.get("handle", "")))
    if asked is None:
        return _error(400, "invalid_request", "Invalid parameter handle")
    if asked.status is Status.WAITING:
        return JSONResponse({"handle": asked.id}, 202)
    return _activation(asked)


def _activation(asked: Asked) -> Response:
    if asked.status is not Status.SIGNED:
        return _error(400, _REFUSALS[asked.status])
    asked.reference = asked.reference or f"sad:{secrets.token_urlsafe(24)}"
    return JSONResponse({"SAD": asked.reference.removeprefix("sad:"), "expiresIn": 300})


async def sign(request: Request, version: int) -> Response:
    """`signatures/signHash`: the digests that were authorised, once."""
    state, body, refused = await _open(request)
    if refused is not None:
        return refused
    sad = str(body.get("SAD") or "")
    asked = next((one for one in state.asked.values() if sad and one.reference == f"sad:{sad}"), None)
    try:
        digests = _digests(body, version)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return _error(400, "invalid_request", "Invalid digest value length")
    if asked is None or digests != [digest for _, digest in asked.documents]:
        return _error(400, "invalid_request", "Hash is not authorized by the SAD")
    if body.get("signAlgo") != _RSA or body.get("hashAlgo" if version == 1 else "hashAlgorithmOID") != _SHA256:
        return _error(400, "invalid_request", "Invalid parameter signAlgo")
    return JSONResponse({"signatures": [b64encode(value).decode() for value in asked.signatures]})
