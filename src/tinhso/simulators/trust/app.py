"""Addresses: /tsa, /ocsp, /ca.crl, /root.crl, /roots.pem, /intermediates.pem, and the tester's page."""

import asyncio
import math
import time
from datetime import UTC, datetime
from html import escape

from cryptography.hazmat.primitives import serialization
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tinhso.simulators.trust import stamps
from tinhso.simulators.trust.authority import Authority

_SERVICES = {"tsa": "Cấp dấu thời gian", "ocsp": "Trạng thái chứng thư (OCSP)", "crl": "Danh sách thu hồi (CRL)"}
_LONGEST = 600.0


class State:
    """How each service behaves."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.delay = dict.fromkeys(_SERVICES, 0.0)
        self.down = dict.fromkeys(_SERVICES, False)
        self.asked = dict.fromkeys(_SERVICES, 0)


def create_app(authority: Authority | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/trust`; its memory is `app.state.trust`."""
    app = Starlette(
        routes=[
            Route("/", admin, methods=["GET"]),
            Route("/admin", admin, methods=["GET", "POST"]),
            Route("/tsa", tsa, methods=["POST"]),
            Route("/ocsp", status, methods=["POST"]),
            Route("/ca.crl", crl),
            Route("/root.crl", root_crl),
            Route("/roots.pem", roots),
            Route("/intermediates.pem", intermediates),
        ]
    )
    app.state.trust = State(authority or Authority())
    return app


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _state(request: Request) -> State:
    state: State = request.app.state.trust
    return state


async def _behave(request: Request, service: str) -> Response | None:
    state = _state(request)
    state.asked[service] += 1
    if state.down[service]:
        return PlainTextResponse("Service Unavailable", 503)
    if state.delay[service]:
        await asyncio.sleep(state.delay[service])
    return None


async def tsa(request: Request) -> Response:
    """`/tsa`: a time stamp."""
    if (closed := await _behave(request, "tsa")) is not None:
        return closed
    token = stamps.answer(await request.body(), authority=_state(request).authority, at=_now())
    return Response(token, media_type="application/timestamp-reply")


async def status(request: Request) -> Response:
    """`/ocsp`: whether one certificate is revoked."""
    if (closed := await _behave(request, "ocsp")) is not None:
        return closed
    try:
        answer = _state(request).authority.answer_status(await request.body(), _now())
    except ValueError:
        return PlainTextResponse("Bad Request", 400)
    return Response(answer, media_type="application/ocsp-response")


async def crl(request: Request) -> Response:
    """`/ca.crl`: the list of the issuing authority."""
    if (closed := await _behave(request, "crl")) is not None:
        return closed
    return Response(_state(request).authority.revocation_list(_now()), media_type="application/pkix-crl")


async def root_crl(request: Request) -> Response:
    """`/root.crl`: the list of the root."""
    if (closed := await _behave(request, "crl")) is not None:
        return closed
    return Response(_state(request).authority.root_list(_now()), media_type="application/pkix-crl")


async def roots(request: Request) -> Response:
    """`/roots.pem`: the root, to be configured where it shall be believed."""
    return PlainTextResponse(_state(request).authority.root.public_bytes(serialization.Encoding.PEM).decode())


async def intermediates(request: Request) -> Response:
    """`/intermediates.pem`: the authority between root and subscribers."""
    return PlainTextResponse(_state(request).authority.issuing.public_bytes(serialization.Encoding.PEM).decode())


async def admin(request: Request) -> Response:
    """The tester's page: `service` with `delay` (seconds) and `down`, or `revoke` with a serial."""
    state = _state(request)
    if request.method == "GET":
        return HTMLResponse(_page(state))
    form = {name: str(value) for name, value in (await request.form()).items()}
    if not _apply(state, form):
        return HTMLResponse("<p>Không áp dụng được: dịch vụ, số giây hoặc số chứng thư không đúng.</p>", 422)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/admin", 303)


def _apply(state: State, form: dict[str, str]) -> bool:
    try:
        if form.get("revoke"):
            serial = int(form["revoke"], 16)
            if serial not in state.authority.issued:
                return False
            state.authority.revoked[serial] = _now()
            return True
        service, delay = form.get("service", ""), float(form.get("delay") or 0)
    except ValueError:
        return False
    if service not in _SERVICES or not math.isfinite(delay):
        return False
    state.delay[service], state.down[service] = min(max(delay, 0.0), _LONGEST), bool(form.get("down"))
    return True


def _page(state: State) -> str:
    services = "".join(
        f'<form method="post" action="/trust/admin"><input type="hidden" name="service" value="{key}">'
        f"<h2>{escape(name)}</h2><p>Đã được hỏi {state.asked[key]} lần</p>"
        '<label>Chậm (giây) <input name="delay" type="number" min="0" max="600" step="0.1" '
        f'value="{state.delay[key]:g}"></label>'
        f'<label><input type="checkbox" name="down" value="1"{" checked" if state.down[key] else ""}> Ngừng hẳn</label>'
        '<p><button class="main">Áp dụng</button></p></form>'
        for key, name in _SERVICES.items()
    )
    held = "".join(
        f'<li>{escape(one.subject.rfc4514_string())} <form method="post" action="/trust/admin">'
        f'<input type="hidden" name="revoke" value="{serial:x}">'
        f"<button{' disabled' if serial in state.authority.revoked else ''}>Thu hồi</button></form></li>"
        for serial, one in state.authority.issued.items()
    )
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Nơi cấp chứng thư giả lập</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/identity/style.css"></head>'
        f"<body><main><h1>Nơi cấp chứng thư giả lập</h1>{services}<h2>Chứng thư đã cấp</h2><ul>{held}</ul></main></body></html>"
    )
