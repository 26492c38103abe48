"""VNPT SmartCA's gateway (/sca/sp769): JSON with the partner's password in every message."""

from base64 import b64encode
from contextlib import suppress
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.signing.state import Asked, State, Status, der64

_MESSAGES = {Status.WAITING: "PENDING", Status.SIGNED: "SUCCESS", Status.REFUSED: "REJECTED", Status.EXPIRED: "EXPIRED"}


def routes() -> list[Route]:
    """The addresses below the service's base."""
    return [
        Route("/v1/credentials/get_certificate", certificates, methods=["POST"]),
        Route("/v1/signatures/sign", sign, methods=["POST"]),
        Route("/v1/signatures/sign/{tran}/status", status, methods=["POST"]),
    ]


def _say(code: int, message: str, data: Any = None) -> Response:
    return JSONResponse({"status_code": code, "message": message, "data": data})


async def _open(request: Request) -> tuple[State, dict[str, Any], Response | None]:
    state: State = request.app.state.signing
    try:
        body = await request.json()
    except ValueError:
        return state, {}, _say(400, "BAD_REQUEST")
    if not isinstance(body, dict) or not state.knows(str(body.get("sp_id", "")), str(body.get("sp_password", ""))):
        return state, {}, _say(401, "SP_CREDENTIAL_INVALID")
    return state, body, None


async def certificates(request: Request) -> Response:
    """`get_certificate`."""
    state, body, refused = await _open(request)
    if refused is not None:
        return refused
    holder = state.subscriber(str(body.get("user_id", "")))
    if holder is None:
        return _say(403, "CREDENTIAL_STATUS_INVALID")
    certificate = holder.certificate
    found = {
        "service_type": "SMARTCA", "service_name": "SMARTCA PERSONAL PRO", "cert_id": holder.credential_id,
        "cert_status": "Đang hoạt động", "serial_number": holder.serial,
        "cert_subject": certificate.subject.rfc4514_string(),
        "cert_valid_from": f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "cert_valid_to": f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}", "cert_data": der64(certificate),
        "chain_data": {"ca_cert": der64(state.authority.issuing), "root_cert": der64(state.authority.root)},
        "transaction_id": body.get("transaction_id"),
    }  # fmt: skip
    wanted = str(body.get("serial_number") or "")
    return _say(200, "Success", {"user_certificates": [found] if wanted in ("", holder.serial) else []})


async def sign(request: Request) -> Response:
    """`signatures/sign`: digests in hexadecimal; the transaction's id is the partner's and must be unique."""
    state, body, refused = await _open(request)
    if refused is not None:
        return refused
    holder = state.subscriber(str(body.get("user_id", "")))
    if holder is None or str(body.get("serial_number") or holder.serial) != holder.serial:
        return _say(403, "CREDENTIAL_STATUS_INVALID")
    try:
        documents = [(str(file["doc_id"]), bytes.fromhex(file["data_to_be_signed"])) for file in body["sign_files"]]
        reference = str(body["transaction_id"])
    except (KeyError, TypeError, ValueError):
        return _say(400, "BAD_REQUEST")
    if not documents or any(len(digest) != 32 for _, digest in documents):
        return _say(400, "BAD_REQUEST")
    asked = state.ask(
        holder, documents, service="SmartCA", description=str(body.get("transaction_desc") or ""),
        reference=f"smartca:{reference}",
    )  # fmt: skip
    return _say(200, "sig_wait_for_user_confirm", {"transaction_id": reference, "tran_code": asked.id})


async def status(request: Request) -> Response:
    """`signatures/sign/{tran}/status`: no password here, as in the real interface."""
    state: State = request.app.state.signing
    asked = state.look(request.path_params["tran"])
    if asked is None:
        return _say(404, "TRANSACTION_NOT_FOUND")
    data = {"transaction_id": asked.reference.partition(":")[2], "signatures": _signatures(asked)}
    return _say(200, _MESSAGES[asked.status], data)


def _signatures(asked: Asked) -> list[dict[str, Any]]:
    return [
        {"doc_id": name, "signature_value": b64encode(value).decode(), "timestamp_signature": None}
        for (name, _), value in zip(asked.documents, asked.signatures, strict=False)
    ]


def tell(state: State, asked: Asked) -> None:
    """Post the partner's webhook, when one is set; a partner that does not answer asks later by itself."""
    if not state.webhook or asked.service != "SmartCA" or asked.status is Status.WAITING:
        return
    body = {
        "sp_id": next(iter(state.clients)), "status_code": 200 if asked.status is Status.SIGNED else 400,
        "message": _MESSAGES[asked.status], "transaction_id": asked.reference.partition(":")[2],
        "signed_files": _signatures(asked),
    }  # fmt: skip
    with suppress(httpx.HTTPError):
        httpx.post(state.webhook, json=body, timeout=10)
