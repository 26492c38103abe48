"""The simulator's addresses: /auth /token /userinfo /logout /jwks as the real system has them, and a tester's page."""

import asyncio
import base64
import binascii
import math
import os
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tinhso.lib.identifiers import IdentifierError
from tinhso.simulators.identity import pages
from tinhso.simulators.identity.faults import Fault
from tinhso.simulators.identity.people import claims_of, load_subjects, typed_subject
from tinhso.simulators.identity.state import TOKEN_SECONDS, Request, State, TokenRefusedError

# Not secrets: the simulator knows fictional people only.
DEMO_CLIENTS = {"tinhso-demo": "demo-secret-not-for-production"}
_NO_STORE = {"Cache-Control": "no-store"}


def default_people_file() -> Path:
    """`content/demo/people.yaml` of this checkout, or of `TINHSO_CONTENT_DIR`."""
    content = os.environ.get("TINHSO_CONTENT_DIR") or Path(__file__).resolve().parents[4] / "content"
    return Path(content) / "demo" / "people.yaml"


def create_app(people_file: Path | None = None, *, clients: dict[str, str] | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/identity`; its state is `app.state.identity`."""
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/auth", auth, methods=["GET", "POST"]),
            Route("/token", token, methods=["POST"]),
            Route("/userinfo", userinfo, methods=["GET", "POST"]),
            Route("/jwks", jwks),
            Route("/logout", logout),
            Route("/profile", profile),
            Route("/admin", admin, methods=["GET", "POST"]),
            Route("/style.css", style),
        ],
        middleware=[Middleware(Misbehave)],
    )
    app.state.identity = State(
        subjects=load_subjects(people_file or default_people_file()), clients=dict(clients or DEMO_CLIENTS)
    )
    return app


class Misbehave:
    """Slow or down, as the tester asked; the tester's own page always works."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].endswith(("/admin", "/style.css")):
            behaviour = scope["app"].state.identity.behaviour
            await asyncio.sleep(behaviour.delay_seconds)
            if behaviour.fault is Fault.DOWN:
                return await PlainTextResponse("Service Unavailable", 503)(scope, receive, send)
        return await self.app(scope, receive, send)


def _state(request: WebRequest) -> State:
    state: State = request.app.state.identity
    return state


def _base_url(request: WebRequest) -> str:
    # Where this simulator is mounted, as the client reached it.
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


async def home(request: WebRequest) -> Response:
    """Where a person lands who opens the address by hand."""
    return HTMLResponse(
        pages.page(
            "Định danh điện tử giả lập",
            f"<p>{len(_state(request).subjects)} tài khoản hư cấu. Hãy bắt đầu đăng nhập từ Cổng dịch vụ công.</p>"
            '<p><a href="/identity/admin">Làm cho hệ thống chậm, ngừng hoặc trả lời sai</a></p>',
        )
    )


async def style(request: WebRequest) -> Response:
    """The style sheet of the pages."""
    return Response(pages.STYLE, media_type="text/css")


async def auth(request: WebRequest) -> Response:
    """`/auth`: the question, and who was picked."""
    return await (choose(request) if request.method == "POST" else ask(request))


async def ask(request: WebRequest) -> Response:
    """`/auth`: the tester picks who signs in."""
    asked = _read(request.query_params)
    if problem := _problem(_state(request), asked, request.query_params.get("response_type", "")):
        return HTMLResponse(pages.message_page("Yêu cầu đăng nhập không hợp lệ", problem), 400)
    return HTMLResponse(pages.choose_page(asked, _state(request).subjects), headers=_NO_STORE)


async def choose(request: WebRequest) -> Response:
    """The picked or typed person: back to the client with a code, or with `access_denied`."""
    state, form = _state(request), await request.form()
    values = {name: str(value) for name, value in form.items()}
    asked = _read(values)
    if problem := _problem(state, asked, "code"):
        return HTMLResponse(pages.message_page("Yêu cầu đăng nhập không hợp lệ", problem), 400)
    if values.get("cancel"):
        return _back(asked, {"error": "access_denied"})
    subject = state.subjects.get(values.get("subject", ""))
    if subject is None:
        try:
            subject = state.subjects.get(values.get("typed", "")) or typed_subject(values.get("typed", ""))
        except IdentifierError as error:
            page = pages.choose_page(asked, state.subjects, problem=str(error), typed=values.get("typed", ""))
            return HTMLResponse(page, 422)
    return _back(asked, {"code": state.issue_code(asked, subject)})


def _read(values: object) -> Request:
    get = values.get  # type: ignore[attr-defined]  # query parameters and plain dicts alike
    return Request(**{name: str(get(name) or "") for name in Request.__slots__})


def _problem(state: State, asked: Request, response_type: str) -> str:
    if asked.client_id not in state.clients:
        return "Không có hệ thống nào đăng ký với client_id này."
    if urlsplit(asked.redirect_uri).scheme not in {"http", "https"} or not urlsplit(asked.redirect_uri).netloc:
        return "redirect_uri phải là địa chỉ http hoặc https đầy đủ."
    if response_type != "code":
        return "response_type phải là code."
    if asked.code_challenge and asked.code_challenge_method not in {"S256", "plain", ""}:
        return "code_challenge_method phải là S256 hoặc plain."
    return ""


def _back(asked: Request, answer: dict[str, str]) -> Response:
    if asked.state:
        answer = answer | {"state": asked.state}
    joint = "&" if urlsplit(asked.redirect_uri).query else "?"
    return RedirectResponse(f"{asked.redirect_uri}{joint}{urlencode(answer)}", 303, headers=_NO_STORE)


async def token(request: WebRequest) -> Response:
    """`/token`: a code for tokens; the client proves itself in the form or by basic authentication."""
    state, form = _state(request), await request.form()
    if state.behaviour.fault is Fault.TOKEN_DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    if form.get("grant_type") != "authorization_code":
        return JSONResponse({"error": "unsupported_grant_type"}, 400, headers=_NO_STORE)
    client_id, secret = _client(request, str(form.get("client_id") or ""), str(form.get("client_secret") or ""))
    try:
        access_token, asked, subject = state.exchange(
            code=str(form.get("code") or ""),
            client_id=client_id,
            secret=secret,
            redirect_uri=str(form.get("redirect_uri") or ""),
            verifier=str(form.get("code_verifier") or ""),
        )
    except TokenRefusedError as error:
        return JSONResponse({"error": str(error)}, 401 if str(error) == "invalid_client" else 400, headers=_NO_STORE)
    answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": "openid"}
    if state.behaviour.fault is not Fault.NO_ID_TOKEN:
        base_url = _base_url(request)
        sub = claims_of(subject, base_url=base_url)["sub"]
        answer["id_token"] = state.id_token(issuer=base_url, request=asked, subject=sub)
    return JSONResponse(answer, headers=_NO_STORE)


def _client(request: WebRequest, client_id: str, secret: str) -> tuple[str, str]:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return client_id, secret
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(client_id), unquote(secret)


async def userinfo(request: WebRequest) -> Response:
    """`/userinfo`: the claims about the person behind a bearer token."""
    state = _state(request)
    if state.behaviour.fault is Fault.USERINFO_DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    if state.behaviour.fault is Fault.USERINFO_NOT_JSON:
        return HTMLResponse(pages.message_page("Bảo trì", "Hệ thống đang được nâng cấp."))
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    subject = state.subject_of(value) if scheme.lower() == "bearer" else None
    if subject is None:
        return JSONResponse({"error": "invalid_token"}, 401, headers={"WWW-Authenticate": "Bearer"} | _NO_STORE)
    claims = state.behaviour.change_claims(claims_of(subject, base_url=_base_url(request)))
    return JSONResponse(claims, headers=_NO_STORE)


async def jwks(request: WebRequest) -> Response:
    """`/jwks`: the key that signs id tokens."""
    return JSONResponse({"keys": [_state(request).key.as_dict(private=False) | {"alg": "RS256"}]})


async def logout(request: WebRequest) -> Response:
    """`/logout`: nothing is kept here, so the person goes straight back when the client names an address."""
    target = request.query_params.get("post_logout_redirect_uri", "")
    if urlsplit(target).scheme in {"http", "https"}:
        return RedirectResponse(target, 303)
    return HTMLResponse(pages.message_page("Đã đăng xuất", "Bạn đã đăng xuất khỏi hệ thống định danh giả lập."))


async def profile(request: WebRequest) -> Response:
    """Where the real system shows a person her account."""
    return HTMLResponse(pages.message_page("Thông tin tài khoản", "Hệ thống thật cho người dân xem tài khoản ở đây."))


async def admin(request: WebRequest) -> Response:
    """The tester's page. JSON or form: `fault` and `delay`."""
    behaviour = _state(request).behaviour
    if request.method == "GET":
        return HTMLResponse(pages.admin_page(behaviour))
    form = await request.form()
    try:
        fault, delay = Fault(str(form.get("fault") or "")), float(str(form.get("delay") or "0"))
    except ValueError:
        return HTMLResponse(pages.message_page("Không áp dụng được", "Sự cố hoặc số giây không hợp lệ."), 422)
    if not math.isfinite(delay):
        delay = 0.0
    behaviour.fault, behaviour.delay_seconds = fault, min(max(delay, 0.0), 60.0)
    return HTMLResponse(pages.admin_page(behaviour, saved=True))
