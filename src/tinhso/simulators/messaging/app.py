"""Addresses of the simulated gateways, Zalo and push service, and the phone's page.

`/sms/<a|b>/messages`; `/zalo/v4/oa/access_token`, `/zalo/v3.0/oa/message/cs`, `/zalo/message/template`;
`/push/<browser>`; `/phone` to read messages and to chat; `/admin` for faults.
"""

import asyncio
import hashlib
import hmac
import json
import os
import re
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tinhso.simulators.messaging import pages
from tinhso.simulators.messaging.state import SECRET, SERVICES, TOKEN_SECONDS, Behaviour, Sms, State, hook, receipt_hook
from tinhso.simulators.wire import object_of

_SLOW_SECONDS = 15.0
_SEND_SECONDS = 8.0
_PHONE = re.compile(r"\+84\d{9,10}")
_ZNS_LONGEST = 400


def create_app(*, app_url: str | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/messaging`; its memory is `app.state.messaging`.

    `app_url` is where the product answers reports and webhooks.
    """
    app = Starlette(
        routes=[
            Route("/", phone, methods=["GET"]),
            Route("/phone", phone, methods=["GET", "POST"]),
            Route("/admin", admin, methods=["GET", "POST"]),
            Route("/sms/{gateway}/messages", sms, methods=["POST"]),
            Route("/zalo/v4/oa/access_token", token, methods=["POST"]),
            Route("/zalo/v3.0/oa/message/cs", consult, methods=["POST"]),
            Route("/zalo/message/template", zns, methods=["POST"]),
            Route("/push/{browser}", push, methods=["POST"]),
        ]
    )
    known = app_url if app_url is not None else f"http://localhost:{int(os.environ.get('TINHSO_PORT') or 8000)}"
    app.state.messaging = State(app_url=known)
    return app


def _state(request: Request) -> State:
    state: State = request.app.state.messaging
    return state


async def _out_of_order(request: Request, service: str) -> Response | None:
    behaviour = _state(request).behaviour[service]
    if behaviour is Behaviour.SLOW:
        await asyncio.sleep(_SLOW_SECONDS)
    return PlainTextResponse("Service Unavailable", 503) if behaviour is Behaviour.DOWN else None


async def sms(request: Request) -> Response:
    """One short message; the same `request_id` sent again is the same message."""
    state, gateway = _state(request), request.path_params["gateway"]
    service = f"sms-{gateway}"
    if service not in SERVICES:
        return PlainTextResponse("Not Found", 404)
    if (closed := await _out_of_order(request, service)) is not None:
        return closed
    if request.headers.get("authorization") != f"Bearer {SECRET}":
        return JSONResponse({"error": "unauthorized"}, 401)
    body = await object_of(request, "request_id", "phone", "brand", "text")
    if state.behaviour[service] is Behaviour.REFUSING or not _PHONE.fullmatch(str(body.get("phone"))):
        return JSONResponse({"error": "invalid_phone"}, 422)
    held, is_new = state.take_sms(gateway, body)
    if state.behaviour[service] is Behaviour.WRONG:
        return PlainTextResponse("oops", 500)
    mute = state.behaviour[service] is Behaviour.MUTE or not is_new or not state.app_url
    return JSONResponse(
        {"message_id": held.message_id}, background=None if mute else BackgroundTask(report, state, held)
    )


async def report(state: State, held: Sms, status: str = "delivered") -> int:
    """Tell the product what became of a message, signed; returns the status of its answer (0: none)."""
    held.report = status
    raw = json.dumps({"request_id": held.request_id, "message_id": held.message_id, "status": status}).encode()
    mac = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return await _post(f"{state.app_url}/tin-nhan/bao-cao/{held.gateway}", raw, {"X-Signature": mac})


async def token(request: Request) -> Response:
    """A new pair of tokens for a refresh token, which works once."""
    if (closed := await _out_of_order(request, "zalo")) is not None:
        return closed
    form = await request.form()
    pair = (
        _state(request).renew(str(form.get("refresh_token"))) if request.headers.get("secret_key") == SECRET else None
    )
    if pair is None:
        return JSONResponse({"error": -14014, "error_name": "Invalid refresh token"})
    return JSONResponse({"access_token": pair[0], "refresh_token": pair[1], "expires_in": str(TOKEN_SECONDS)})


async def consult(request: Request) -> Response:
    """A message of the official account to one who wrote within the window."""
    state = _state(request)
    if (refusal := await _refused(request)) is not None:
        return refusal
    body = await object_of(request, "recipient", "message")
    try:
        user, text = str(body["recipient"]["user_id"]), str(body["message"]["text"])
    except (KeyError, TypeError):
        return JSONResponse({"error": -201, "message": "Params is invalid"})
    if not state.is_open(user):
        return JSONResponse({"error": -230, "message": "User has not interacted with the OA in the past days"})
    return JSONResponse({"error": 0, "message": "Success", "data": {"msg_id": state.say(user, text)}})


async def zns(request: Request) -> Response:
    """A registered template to a phone; the same tracking number is sent once."""
    state = _state(request)
    if (refusal := await _refused(request)) is not None:
        return refusal
    body = await object_of(request, "tracking_id")
    if not re.fullmatch(r"84\d{9,10}", str(body.get("phone"))):
        return JSONResponse({"error": -108, "message": "Phone number is invalid"})
    if len(json.dumps(body.get("template_data"), ensure_ascii=False)) > _ZNS_LONGEST * 2:
        return JSONResponse({"error": -201, "message": "Template data is too long"})
    state.zns.setdefault(str(body["tracking_id"]), body)
    if state.behaviour["zalo"] is Behaviour.WRONG:
        return PlainTextResponse("oops", 500)
    number = f"zns-{str(body['tracking_id'])[:12]}"
    mute = state.behaviour["zalo"] is Behaviour.MUTE or not state.app_url
    return JSONResponse(
        {"error": 0, "message": "Success", "data": {"msg_id": number}},
        background=None
        if mute
        else BackgroundTask(arrived, state, number, str(body["tracking_id"]), str(body["phone"])),
    )


async def arrived(state: State, number: str, tracking: str, phone: str) -> int:
    """Tell the product, signed, that a ZNS has reached the handset; returns the status of its answer (0: none)."""
    raw, signature = receipt_hook(number, tracking, to=phone)
    return await _post(f"{state.app_url}/tin-nhan/zalo", raw, {"X-ZEvent-Signature": signature})


async def _refused(request: Request) -> Response | None:
    if (closed := await _out_of_order(request, "zalo")) is not None:
        return closed
    state = _state(request)
    if not state.knows(request.headers.get("access_token", ""), "access"):
        return JSONResponse({"error": -216, "message": "Access token is invalid"})
    if state.behaviour["zalo"] is Behaviour.REFUSING:
        return JSONResponse({"error": -211, "message": "Out of quota"})
    return None


async def push(request: Request) -> Response:
    """A sealed message for one browser; kept as it came."""
    if (closed := await _out_of_order(request, "push")) is not None:
        return closed
    state, browser = _state(request), request.path_params["browser"]
    if browser in state.gone:
        return PlainTextResponse("Gone", 410)
    if not request.headers.get("authorization", "").startswith("vapid t=") or "ttl" not in request.headers:
        return PlainTextResponse("Unauthorized", 401)
    state.pushed.append({"browser": browser, "body": await request.body(), "topic": request.headers.get("topic", "")})
    return Response(status_code=201, headers={"Location": f"/push/{quote(browser)}/{len(state.pushed)}"})


async def phone(request: Request) -> Response:
    """A person's phone: short messages and ZNS of a number, and the chat with the province; POST writes in the chat."""
    state = _state(request)
    user = request.query_params.get("user", "2000000000000000001")
    number = request.query_params.get("phone", "")
    if request.method == "POST":
        form = await request.form()
        user, text = str(form.get("user") or user), str(form.get("text") or "")
        message = state.hear(user, text)
        raw, signature = hook(user, text, message)
        await _post(f"{state.app_url}/tin-nhan/zalo", raw, {"X-ZEvent-Signature": signature})
        return RedirectResponse(f"{request.scope.get('root_path', '')}/phone?user={user}&phone={number}", 303)
    return HTMLResponse(pages.phone(state, user, number))


async def admin(request: Request) -> Response:
    """The tester's page: how a service behaves, and a late or repeated report of any message."""
    state = _state(request)
    if request.method == "POST":
        form = {name: str(value) for name, value in (await request.form()).items()}
        if form.get("request_id"):
            held = next((one for one in state.sms.values() if one.request_id == form["request_id"]), None)
            if held is None:
                return PlainTextResponse("không có tin này", 422)
            await report(state, held, form.get("status", "delivered"))
        elif form.get("service") in SERVICES and form.get("behaviour") in set(Behaviour):
            state.behaviour[form["service"]] = Behaviour(form["behaviour"])
        else:
            return PlainTextResponse("không hiểu", 422)
        return RedirectResponse(f"{request.scope.get('root_path', '')}/admin", 303)
    return HTMLResponse(pages.admin(state))


async def _post(url: str, raw: bytes, headers: dict[str, str]) -> int:
    import httpx  # the demonstration starts without waiting for it

    try:
        async with httpx.AsyncClient(timeout=_SEND_SECONDS, trust_env=False) as client:
            answer = await client.post(url, content=raw, headers={"Content-Type": "application/json", **headers})
            return answer.status_code
    except httpx.HTTPError:
        return 0
