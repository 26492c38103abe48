"""Addresses: `/soap` as the national platform has it, `/v1/verify` in JSON, and the tester's page."""

import asyncio
import json
import math
import os
from collections import Counter
from enum import StrEnum
from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tinhso.simulators.population import soap
from tinhso.simulators.population.people import Register

_LONGEST_S = 600.0


class Trouble(StrEnum):
    """What a tester can make it do wrong."""

    NONE = ""
    DOWN = "down"
    WRONG = "wrong"
    NOT_XML = "not_xml"


_LABELS = {
    Trouble.NONE: "Bình thường",
    Trouble.DOWN: "Ngừng hẳn",
    Trouble.WRONG: "Trả lời về người khác",
    Trouble.NOT_XML: "Trả lời không đúng định dạng",
}


class State:
    """The register, and how the simulator behaves."""

    def __init__(self, people_file: Path) -> None:
        self.register = Register(people_file)
        self.delay_s = 0.0
        self.trouble = Trouble.NONE
        self.asked: Counter[str] = Counter()


def create_app(people_file: Path | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/population`; its memory is `app.state.population`."""
    app = Starlette(
        routes=[
            Route("/", admin, methods=["GET"]),
            Route("/admin", admin, methods=["GET", "POST"]),
            Route("/soap", serve_soap, methods=["POST"]),
            Route("/v1/verify", verify, methods=["POST"]),
        ]
    )
    content = os.environ.get("TINHSO_CONTENT_DIR") or Path(__file__).resolve().parents[4] / "content"
    app.state.population = State(people_file or Path(content) / "demo" / "people.yaml")
    return app


def _state(request: Request) -> State:
    state: State = request.app.state.population
    return state


async def _behave(request: Request, what: str) -> Response | None:
    state = _state(request)
    state.asked[what] += 1
    if state.delay_s:
        await asyncio.sleep(state.delay_s)
    if state.trouble is Trouble.DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    if state.trouble is Trouble.NOT_XML:
        return HTMLResponse("<html><body>Hệ thống đang được nâng cấp</body>")
    return None


async def serve_soap(request: Request) -> Response:
    """`/soap`: look-up and confirmation."""
    if (bad := await _behave(request, "soap")) is not None:
        return bad
    try:
        query = soap.read(await request.body())
    except soap.Fault as error:
        return Response(soap.fault(str(error)), 500, media_type="text/xml")
    if _state(request).trouble is Trouble.WRONG:
        query.fields["SoDinhDanh"] = "051999000000"
    return Response(soap.answer(query, _state(request).register), media_type="text/xml")


async def verify(request: Request) -> Response:
    """`/v1/verify`: whether name and birth fit a personal id; nothing else is told."""
    if (bad := await _behave(request, "verify")) is not None:
        return bad
    try:
        asked = json.loads(await request.body())
        personal_id, name, birth = (str(asked[key]) for key in ("soDinhDanh", "hoVaTen", "ngaySinh"))
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"code": "YEU_CAU_SAI"}, 400)
    found = _state(request).register.find(personal_id)
    if found is None:
        return JSONResponse({"code": "KHONG_TIM_THAY"}, 404)
    fits = found.is_called(name, birth) and _state(request).trouble is not Trouble.WRONG
    return JSONResponse({"ketQua": "KHOP" if fits else "KHONG_KHOP"})


async def admin(request: Request) -> Response:
    """The tester's page: `delay` (seconds) and `trouble`."""
    state = _state(request)
    if request.method == "GET":
        return HTMLResponse(_page(state))
    form = await request.form()
    try:
        delay, trouble = float(str(form.get("delay") or 0)), Trouble(str(form.get("trouble") or ""))
    except ValueError:
        return HTMLResponse("<p>Không áp dụng được: số giây hoặc sự cố không đúng.</p>", 422)
    if not math.isfinite(delay):
        delay = 0.0
    state.delay_s, state.trouble = min(max(delay, 0.0), _LONGEST_S), trouble
    return RedirectResponse(f"{request.scope.get('root_path', '')}/admin", 303)


def _page(state: State) -> str:
    choices = "".join(
        f'<label><input type="radio" name="trouble" value="{value}"{" checked" if state.trouble is value else ""}> '
        f"{escape(label)}</label>"
        for value, label in _LABELS.items()
    )
    asked = ", ".join(f"{escape(key)}: {count}" for key, count in sorted(state.asked.items())) or "chưa lần nào"
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Dữ liệu dân cư giả lập</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/identity/style.css"></head><body><main>'
        f"<h1>Cơ sở dữ liệu dân cư giả lập</h1><p>{len(state.register)} người hư cấu. Đã được hỏi: {asked}</p>"
        '<form method="post" action="/population/admin"><label>Chậm (giây) <input name="delay" type="number" min="0" '
        f'max="600" step="0.1" value="{state.delay_s:g}"></label>{choices}'
        '<p><button class="main">Áp dụng</button></p></form></main></body></html>'
    )
