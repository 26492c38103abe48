"""The services' addresses and the page that plays the subscriber's phone."""

import json
import math
from collections.abc import Awaitable, Callable
from html import escape

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from tinhso.simulators.signing import csc, desktop, mysign, smartca
from tinhso.simulators.signing.state import Fault, Phone, State, Status
from tinhso.simulators.trust import Authority

# Not secrets: the simulator knows fictional people only.
DEMO_CLIENTS = {"tinhso-demo": "demo-secret-not-for-production"}
_USUAL_HOLDER = "079090000001"
_WORDS = {Status.WAITING: "chờ xác nhận", Status.SIGNED: "đã ký", Status.REFUSED: "từ chối", Status.EXPIRED: "hết hạn"}
Handler = Callable[[Request], Awaitable[Response]]


def create_app(authority: Authority | None = None, *, clients: dict[str, str] | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/signing`; its memory is `app.state.signing`."""
    state = State(authority or Authority(), dict(clients or DEMO_CLIENTS))
    services = [
        Mount("/smartca", routes=smartca.routes()), Mount("/mysign", routes=mysign.routes()),
        Mount("/csc/v1", routes=csc.routes(1)), Mount("/csc/v2", routes=csc.routes(2)),
    ]  # fmt: skip
    app = Starlette(
        routes=[
            Route("/", phone, methods=["GET"]),
            Route("/phone", phone, methods=["GET"]),
            Route("/phone", press, methods=["POST"]),
            Route("/admin", admin, methods=["POST"]),
            WebSocketRoute("/desktop/{function}", machine),
            *services,
        ],
        middleware=[Middleware(Misbehave)],
    )
    app.state.signing = state
    return app


class Misbehave:
    """Down, or an answer that is not JSON; the pages always work."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(part in scope["path"] for part in ("/smartca/", "/mysign/", "/csc/")):
            fault = scope["app"].state.signing.fault
            if fault is Fault.DOWN:
                return await PlainTextResponse("Service Unavailable", 503)(scope, receive, send)
            if fault is Fault.NOT_JSON:
                return await HTMLResponse("<h1>Bảo trì</h1>")(scope, receive, send)
        return await self.app(scope, receive, send)


def _state(request: Request) -> State:
    state: State = request.app.state.signing
    return state


async def phone(request: Request) -> Response:
    """Every request that waits, with its two buttons; and how the services behave."""
    return HTMLResponse(_page(_state(request)))


async def press(request: Request) -> Response:
    """`id` (or nothing: all that wait) and `answer`: confirm or refuse."""
    state = _state(request)
    form = await request.form()
    wanted = str(form.get("id") or "")
    for asked_id in [wanted] if wanted else list(state.asked):
        asked = state.look(asked_id)
        if asked is not None:
            state.decide(asked, confirm=form.get("answer") == "confirm")
            await run_in_threadpool(smartca.tell, state, asked)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/phone", 303)


async def machine(socket: WebSocket) -> None:
    """An officer's machine with a token of the subscriber `token` (or the usual one) in it: one message, one callback."""
    state: State = socket.app.state.signing
    await socket.accept()
    try:
        message = await socket.receive_text()
    except WebSocketDisconnect:
        return None
    holder = state.subscriber(socket.query_params.get("token") or _USUAL_HOLDER)
    field = "agency" if socket.path_params["function"] == "SignIssued" else "person"
    if holder is None:
        return await socket.close()
    told = await run_in_threadpool(desktop.answer, message, desktop.key_of(holder, state.authority), field=field)
    await socket.send_text(json.dumps(told, ensure_ascii=False))
    await socket.close()
    return None


async def admin(request: Request) -> Response:
    """`fault`, `phone` (wait, confirm, refuse), `life` (seconds until a request expires), `webhook` (SmartCA's)."""
    state, form = _state(request), await request.form()
    try:
        fault, habit = Fault(str(form.get("fault") or "")), Phone(str(form.get("phone") or "wait"))
        life = float(str(form.get("life") or state.life_seconds))
    except ValueError:
        return PlainTextResponse("Không áp dụng được.", 422)
    if not math.isfinite(life):
        return PlainTextResponse("Không áp dụng được.", 422)
    state.webhook = str(form.get("webhook") or "")
    state.fault, state.phone, state.life_seconds = fault, habit, min(max(life, 0.0), 86_400.0)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/phone", 303)


def _page(state: State) -> str:
    waiting = "".join(_request(state, asked_id) for asked_id in reversed(state.asked))
    faults = "".join(
        f'<option value="{f.value}"{" selected" if f is state.fault else ""}>{f.name}</option>' for f in Fault
    )
    habits = "".join(
        f'<option value="{p.value}"{" selected" if p is state.phone else ""}>{p.name}</option>' for p in Phone
    )
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Điện thoại ký số giả lập</title><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/identity/style.css"></head><body><main><h1>Điện thoại của thuê bao ký số</h1>'
        '<form method="post" action="/signing/phone">'
        '<button class="main" name="answer" value="confirm">Xác nhận tất cả</button> '
        '<button name="answer" value="refuse">Từ chối tất cả</button></form>'
        f"<ul>{waiting or '<li>Không có yêu cầu nào.</li>'}</ul>"
        '<h2>Cách hoạt động</h2><form method="post" action="/signing/admin">'
        f'<label>Sự cố <select name="fault">{faults}</select></label>'
        f'<label>Thuê bao <select name="phone">{habits}</select></label><label>Hết hạn sau (giây) '
        f'<input name="life" type="number" value="{state.life_seconds:g}"></label>'
        f'<label>Địa chỉ nhận kết quả (SmartCA) <input name="webhook" type="url" value="{escape(state.webhook)}"></label>'
        "<p><button>Áp dụng</button></p></form>"
        "</main></body></html>"
    )


def _request(state: State, asked_id: str) -> str:
    asked = state.look(asked_id)
    if asked is None:
        return ""
    names = ", ".join(escape(name) for name, _ in asked.documents[:5])
    buttons = (
        f'<form method="post" action="/signing/phone"><input type="hidden" name="id" value="{asked.id}">'
        '<button class="main" name="answer" value="confirm">Xác nhận</button> '
        '<button name="answer" value="refuse">Từ chối</button></form>'
        if asked.status is Status.WAITING
        else ""
    )
    return (
        f"<li><strong>{escape(asked.description)}</strong> ({asked.service}, {escape(asked.subscriber.user_id)}): {names}, "
        f"{len(asked.documents)} văn bản, {_WORDS[asked.status]} {buttons}</li>"
    )
