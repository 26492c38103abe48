"""Addresses of the simulated ministries' systems: /<system>/token, NoiHoSo, TraCuuHoSo, CapNhatTrangThai; a tester's page."""

from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tinhso.simulators.ministries.state import SYSTEMS, TOKEN_SECONDS, Behaviour, State, read_stamp, stamp
from tinhso.simulators.wire import object_of

# Not secrets: the simulator knows fictional people only.
DEMO_CLIENTS = {"tinhso-demo": "demo-secret-not-for-production"}
_WITHDRAWN = 7
_WORDS = {
    1: "Mới đăng ký", 2: "Được tiếp nhận", 3: "Không được tiếp nhận", 4: "Đang xử lý", 5: "Yêu cầu bổ sung",
    7: "Công dân yêu cầu rút", 8: "Dừng xử lý", 9: "Đã xử lý xong", 10: "Đã trả kết quả",
}  # fmt: skip


def create_app(*, clients: dict[str, str] | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/ministries`; its memory is `app.state.ministries`."""
    app = Starlette(
        routes=[
            Route("/", admin, methods=["GET"]),
            Route("/admin", admin, methods=["GET", "POST"]),
            Route("/{system}/token", token, methods=["POST"]),
            Route("/{system}/NoiHoSo", hand_over, methods=["POST"]),
            Route("/{system}/TraCuuHoSo", look, methods=["GET"]),
            Route("/{system}/CapNhatTrangThai", update, methods=["POST"]),
        ]
    )
    app.state.ministries = State(clients=dict(clients or DEMO_CLIENTS))
    return app


def _state(request: Request) -> State:
    state: State = request.app.state.ministries
    return state


def _closed(request: Request, *, needs_token: bool = True) -> Response | None:
    """Why a call is not answered: no such system, out of order, no token."""
    state, system = _state(request), request.path_params["system"]
    if system not in SYSTEMS:
        return PlainTextResponse("Not Found", 404)
    if state.behaviour[system] is Behaviour.DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if needs_token and not (scheme.lower() == "bearer" and state.knows(value)):
        return JSONResponse({"MaLoi": "401", "MoTaLoi": "Phiên làm việc không hợp lệ."}, 401)
    return None


async def token(request: Request) -> Response:
    """`token`: client id and secret for a bearer token."""
    if (closed := _closed(request, needs_token=False)) is not None:
        return closed
    form = await request.form()
    issued = _state(request).issue_token(str(form.get("client_id") or ""), str(form.get("client_secret") or ""))
    if issued is None:
        return JSONResponse({"error": "invalid_client"}, 401)
    return JSONResponse({"access_token": issued, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})


async def hand_over(request: Request) -> Response:
    """`NoiHoSo`: a case handed over; sent again, the same code."""
    if (closed := _closed(request)) is not None:
        return closed
    message = await object_of(request)
    missing = [name for name in ("MaThamChieu", "MaHoSo", "MaTTHC", "ChuHoSo") if not message.get(name)]
    if missing:
        return JSONResponse({"MaLoi": "01", "MoTaLoi": f"Thiếu trường: {', '.join(missing)}."})
    held = _state(request).take_in(request.path_params["system"], message)
    return JSONResponse({"MaLoi": "00", "MoTaLoi": "", "MaHoSo": held.code})


async def look(request: Request) -> Response:
    """`TraCuuHoSo`: how far a case is."""
    if (closed := _closed(request)) is not None:
        return closed
    held = _state(request).look(request.path_params["system"], request.query_params.get("MaHoSo", ""))
    if held is None:
        return JSONResponse({"MaLoi": "02", "MoTaLoi": "Không có hồ sơ này."})
    return JSONResponse(
        {
            "MaLoi": "00", "MoTaLoi": "", "MaHoSo": held.code, "TrangThaiHoSo": held.status,
            "NgayTiepNhan": stamp(held.taken_at), "NgayKetThucXuLy": stamp(held.finished_at),
            "ThoiDiemCapNhat": stamp(held.updated_at), "NoiDung": held.note, "KetQua": held.result(),
        }
    )  # fmt: skip


async def update(request: Request) -> Response:
    """`CapNhatTrangThai`: the province says that the applicant withdraws."""
    if (closed := _closed(request)) is not None:
        return closed
    body = await object_of(request)
    if body.get("TrangThai") != _WITHDRAWN:
        return JSONResponse({"MaLoi": "03", "MoTaLoi": "Chỉ nhận trạng thái 7 (rút hồ sơ) từ hệ thống của tỉnh."})
    note = str(body.get("NoiDung") or "")
    held = _state(request).move(
        request.path_params["system"], str(body.get("MaHoSo")), _WITHDRAWN, at=read_stamp(""), note=note
    )
    if held is None:
        return JSONResponse({"MaLoi": "02", "MoTaLoi": "Không có hồ sơ này."})
    return JSONResponse({"MaLoi": "00", "MoTaLoi": "", "MaHoSo": held.code})


async def admin(request: Request) -> Response:
    """The tester's page: how a system behaves, and any case put at any status at an instant of choice."""
    state = _state(request)
    if request.method == "POST":
        form = {name: str(value) for name, value in (await request.form()).items()}
        if not _apply(state, form):
            return HTMLResponse(_page("<p>Không áp dụng được: hệ thống, mã hồ sơ hoặc trạng thái không đúng.</p>"), 422)
        return RedirectResponse(f"{request.scope.get('root_path', '')}/admin", 303)
    return HTMLResponse(_page("".join(_section(state, key) for key in SYSTEMS)))


def _apply(state: State, form: dict[str, str]) -> bool:
    """What the tester asked; False where it makes no sense."""
    system, code = form.get("system", ""), form.get("code", "")
    if system not in SYSTEMS:
        return False
    try:
        if not code:
            state.behaviour[system] = Behaviour(form.get("behaviour", ""))
            return True
        status, at = int(form.get("status", "")), read_stamp(form.get("at", ""))
    except ValueError:
        return False
    note, number = form.get("note", ""), form.get("number", "")
    return state.move(system, code, status, at=at, note=note, number=number) is not None


def _section(state: State, key: str) -> str:
    options = "".join(
        f'<option value="{b.value}"{" selected" if state.behaviour[key] is b else ""}>{b.name.lower()}</option>'
        for b in Behaviour
    )
    rows = "".join(
        f"<li><code>{escape(code)}</code> {escape(str(held.message.get('TenTTHC', '')))}: "
        f"{escape(_WORDS.get(held.status, ''))}</li>"
        for code, held in state.held[key].items()
    )
    return (
        f"<h2>{escape(SYSTEMS[key].name)}</h2>"
        f'<form method="post" action="admin"><input type="hidden" name="system" value="{key}">'
        f'<label>Cư xử <select name="behaviour">{options}</select></label> <button>Áp dụng</button></form><ul>{rows}</ul>'
    )


def _page(body: str) -> str:
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Hệ thống của các bộ (giả lập)</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/identity/style.css"></head>'
        f"<body><main><h1>Hệ thống của các bộ (giả lập)</h1>{body}</main></body></html>"
    )
