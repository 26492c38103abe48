"""Small pieces that several simulated systems have in common: reading a JSON object, tokens, a page of PDF."""

import base64
import json
import secrets
import time
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

# Not secrets: the simulators know fictional people only.
DEMO_CLIENTS = {"tinhso-demo": "demo-secret-not-for-production"}
TOKEN_SECONDS = 600
PAGE = base64.b64encode(
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
).decode()


async def read_object(request: Request) -> dict[str, Any] | None:
    """The JSON object in the body; None for anything else."""
    try:
        found = json.loads(await request.body())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


async def object_of(request: Request, *needed: str) -> dict[str, Any]:
    """The JSON object in the body, with these fields in it; what is none is answered with 400 (HTTPException)."""
    found = await read_object(request)
    if found is None or any(name not in found for name in needed):
        raise HTTPException(400, "Bad Request")
    return found


async def read_upload(request: Request, part: str) -> tuple[bytes | None, dict[str, str]]:
    """The content of one uploaded part of a multipart form (None where there is none), and the other fields."""
    async with request.form() as form:
        given = form.get(part)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        return (await given.read() if isinstance(given, UploadFile) else None), fields


def missing(message: dict[str, Any], *names: str) -> list[str]:
    """Which of these fields are absent or empty."""
    return [name for name in names if message.get(name) in (None, "", [], {})]


class Tokens:
    """Bearer tokens of known clients, for ten minutes (OAuth client credentials, or the resource owner's password)."""

    def __init__(self, clients: dict[str, str] | None = None) -> None:
        self._clients = dict(clients or DEMO_CLIENTS)
        self._until: dict[str, float] = {}

    async def issue(self, request: Request) -> Response:
        """`token`: id and secret, or user name and password, in a form."""
        form = await request.form()
        name = str(form.get("client_id") or form.get("username") or "")
        secret = str(form.get("client_secret") or form.get("password") or "")
        known = self._clients.get(name)
        if known is None or not secrets.compare_digest(known.encode(), secret.encode()):
            return JSONResponse({"error": "invalid_client"}, 401)
        token = secrets.token_urlsafe(24)
        self._until[token] = time.monotonic() + TOKEN_SECONDS
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def holds(self, request: Request, *, header: str = "authorization") -> bool:
        """Whether the request carries a living token, bare or after `Bearer`."""
        given = request.headers.get(header, "")
        scheme, _, value = given.rpartition(" ")
        return scheme.lower() in {"", "bearer"} and self._until.get(value, 0.0) > time.monotonic()
