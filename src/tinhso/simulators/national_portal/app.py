"""Addresses of the simulated portal: `POST /login`, `POST /<service>`, and a tester's page.

The words are those of the provinces' interface: session, madonvi, service; error_code "0", "3"/"-3" already there. How a
case filed on the portal reaches the province is not public: LayDanhSachHoSoMoi, LayTepHoSo and XacNhanHoSoMoi are ours.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tinhso.lib.national import WireError, read_flag
from tinhso.simulators.national_portal.pages import render
from tinhso.simulators.national_portal.seeds import sow
from tinhso.simulators.national_portal.state import (
    BAD_DATA,
    NO_SESSION,
    NOT_FOUND,
    OK,
    UNKNOWN_SERVICE,
    Behaviour,
    Portal,
    Wire,
)

# Not secrets: the simulator knows fictional people only.
DEMO_CLIENTS = {"tinhso-demo": "demo-secret-not-for-production"}
_PAGE_SIZE = 200


def create_app(portal: Portal | None = None, *, seeds: Path | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/national-portal`; its memory is `app.state.portal`.

    `seeds`: cases that lie there from the beginning; read when somebody first signs in, so that nothing waits for them.
    """
    app = Starlette(
        routes=[
            Route("/", admin, methods=["GET"]),
            Route("/admin", admin, methods=["GET", "POST"]),
            Route("/admin/file", file_case, methods=["POST"]),
            Route("/admin/elsewhere", set_elsewhere, methods=["POST"]),
            Route("/login", login, methods=["POST"]),
            Route("/{service}", call, methods=["POST"]),
        ]
    )
    app.state.portal = portal or Portal(clients=dict(DEMO_CLIENTS))
    app.state.seeds = seeds
    return app


def _portal(request: Request) -> Portal:
    found: Portal = request.app.state.portal
    return found


async def _fault(portal: Portal) -> Response | None:
    """How the portal misbehaves before it looks at a call."""
    if portal.behaviour is Behaviour.SLOW:
        await asyncio.sleep(portal.slow_s)
    if portal.behaviour is Behaviour.DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    if portal.behaviour is Behaviour.WRONG:
        return HTMLResponse("<!doctype html><title>Bảo trì</title><p>Hệ thống đang bảo trì.</p>")
    return None


async def login(request: Request) -> Response:
    """A session for username and password; the header `dstcode` names the system wanted."""
    portal = _portal(request)
    if (fault := await _fault(portal)) is not None:
        return fault
    if request.app.state.seeds is not None:
        seeds, request.app.state.seeds = request.app.state.seeds, None
        sow(portal, seeds)
    body = await _json(request)
    session = portal.sign_in(str(body.get("username", "")), str(body.get("password", "")))
    if session is None or not request.headers.get("dstcode"):
        return JSONResponse(
            {"session": "", "error_code": "1", "message": "Sai tài khoản, mật khẩu hoặc thiếu dstcode."}
        )
    return JSONResponse({"session": session, "error_code": 0})


async def call(request: Request) -> Response:
    """One service, named in the address and in the body alike."""
    portal = _portal(request)
    if (fault := await _fault(portal)) is not None:
        return fault
    body = await _json(request)
    name = request.path_params["service"]
    portal.asked.append(name)
    if str(body.get("session")) not in portal.sessions:
        return _said(NO_SESSION, "Phiên làm việc đã hết.")
    service = _SERVICES.get(name)
    if service is None or body.get("service") != name:
        return _said(UNKNOWN_SERVICE, "Không có dịch vụ này.")
    answer = service(portal, body)
    if portal.behaviour is Behaviour.LOST:
        return PlainTextResponse("", 504)
    return answer


def _take(portal: Portal, body: Wire) -> Response:
    return _said(*portal.take(_data(body), updating=read_flag(body.get("isUpdating"))))


def _take_progress(portal: Portal, body: Wire) -> Response:
    return _said(*portal.take_progress(_data(body)))


def _look(portal: Portal, body: Wire) -> Response:
    """TraCuuHoSo: one case by its code, or the cases of the province page by page, in the order of their codes."""
    code = str(body.get("MaHoSo", ""))
    if code:
        held = portal.held.get(code)
        if held is None:
            return _said(NOT_FOUND, f"Hồ sơ {code} không tồn tại.")
        return _said(OK, "", data=[held.wire], TienDo=held.progress)
    after = str(body.get("SauMaHoSo", ""))
    since, until = str(body.get("TuNgay", "")), str(body.get("DenNgay", "")) or "9"
    codes = sorted(
        key for key, held in portal.held.items()
        if key > after and since <= str(held.wire.get("NgayNopHoSo", "")) <= until
    )[:_PAGE_SIZE]  # fmt: skip
    rows = [{**portal.held[key].wire, "SoDongTienDo": str(len(portal.held[key].progress))} for key in codes]
    return _said(OK, "", data=rows, ConTiep="1" if len(codes) == _PAGE_SIZE else "0")


def _new_cases(portal: Portal, body: Wire) -> Response:
    return _said(OK, "", data=[one.wire for one in portal.waiting()])


def _one_file(portal: Portal, body: Wire) -> Response:
    filed = portal.filed.get(str(body.get("MaHoSo", "")))
    found = filed.files.get(str(body.get("TepDinhKemId", ""))) if filed else None
    if found is None:
        return _said(NOT_FOUND, "Không có tệp này.")
    return _said(OK, "", TenTep=found[0], NoiDung=found[1])


def _acknowledge(portal: Portal, body: Wire) -> Response:
    filed = portal.filed.get(str(body.get("MaHoSo", "")))
    if filed is None:
        return _said(NOT_FOUND, "Không có hồ sơ này.")
    filed.acknowledged = True
    return _said(OK, "")


def _elsewhere(portal: Portal, body: Wire) -> Response:
    return _said(OK, "", data=list(portal.elsewhere.values()))


def _procedures(portal: Portal, body: Wire) -> Response:
    return _said(OK, "", data=[{"MATTHC": code, "TENTTHC": name} for code, name in sorted(portal.procedures.items())])


def _procedure(portal: Portal, body: Wire) -> Response:
    name = portal.procedures.get(str(body.get("maTTHC", "")))
    if name is None:
        return _said(NOT_FOUND, "Không có thủ tục này.")
    return _said(OK, "", data=[{"MATTHC": str(body["maTTHC"]), "TENTTHC": name}])


_SERVICES: dict[str, Callable[[Portal, Wire], Response]] = {
    "DongBoHoSoMC": _take,
    "CapNhatTienDoHoSoMC": _take_progress,
    "TraCuuHoSo": _look,
    "LayDanhSachHoSoMoi": _new_cases,
    "LayTepHoSo": _one_file,
    "XacNhanHoSoMoi": _acknowledge,
    "LayDanhSachHoSoBo": _elsewhere,
    "LayDanhSachTTHC": _procedures,
    "LayThuTuc": _procedure,
}


def _said(code: str, message: str, **more: Any) -> Response:
    return JSONResponse({"error_code": code, "message": message, **more})


def _data(body: Wire) -> list[Wire]:
    found = body.get("data")
    return found if isinstance(found, list) and all(isinstance(one, dict) for one in found) else []


async def _json(request: Request) -> Wire:
    try:
        found = await request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def file_case(request: Request) -> Response:
    """The tester files a case as a citizen would: `{"agency", "dossier", "files": {id: [name, base64]}}`."""
    body = await _json(request)
    files = {str(key): (str(name), str(content)) for key, (name, content) in (body.get("files") or {}).items()}
    try:
        wire = _portal(request).file(dict(body.get("dossier") or {}), agency=str(body.get("agency")), files=files)
    except WireError as error:
        return _said(BAD_DATA, str(error))
    return _said(OK, "", data=[wire])


async def set_elsewhere(request: Request) -> Response:
    """The tester says how far a case of a ministry's system is."""
    body = await _json(request)
    _portal(request).elsewhere[str(body.get("MaHoSo", ""))] = body
    return _said(OK, "")


async def admin(request: Request) -> Response:
    """The tester's page: how the portal behaves, what it holds, and making it hold something else."""
    portal = _portal(request)
    if request.method == "POST":
        form = {name: str(value) for name, value in (await request.form()).items()}
        if not _apply(portal, form):
            return HTMLResponse(render(portal, problem="Không áp dụng được: mã hồ sơ hoặc lựa chọn không đúng."), 422)
        return RedirectResponse(f"{request.scope.get('root_path', '')}/admin", 303)
    return HTMLResponse(render(portal))


def _apply(portal: Portal, form: dict[str, str]) -> bool:
    code = form.get("code", "")
    if not code:
        try:
            portal.behaviour = Behaviour(form.get("behaviour", ""))
        except ValueError:
            return False
        if "end_sessions" in form:
            portal.end_sessions()
        return True
    if code not in portal.held:
        return False
    if form.get("forget"):
        del portal.held[code]
        return True
    if not form.get("status", "").isdigit():
        return False
    portal.held[code].wire = portal.held[code].wire | {"TrangThaiHoSo": form["status"]}
    return True
