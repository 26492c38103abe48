"""Addresses: `/dangKyHoSo` and `/traCuuHoSo`, both with the key inside the body (`authKey`), and the tester's page.

`statusCode` 00 or 01 with `errorDetail`. What the addresses are called is ours; the fields are those of public clients.
"""

import secrets
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.lib.identifiers import IdentifierError, parse_personal_id
from tinhso.simulators.casebook import Casebook, Matter, Stage
from tinhso.simulators.troubles import Trouble, Troubles
from tinhso.simulators.wire import DEMO_CLIENTS, PAGE, missing, read_object

AUTH_KEY = DEMO_CLIENTS["tinhso-demo"]
_KINDS = {"1", "2"}  # certificate number 1 and number 2
_DAYS = timedelta(days=10)


def create_app(book: Casebook | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/criminal-records`; its memory is `app.state.book`."""
    held = book or Casebook("LLTP")
    troubles = Troubles("Lý lịch tư pháp giả lập", "/criminal-records", more=held.section)

    async def register(request: Request) -> Response:
        """A request handed over; again, the same one."""
        if (bad := await troubles.behave("dangKyHoSo")) is not None:
            return bad
        message = await read_object(request) or {}
        if wrong := _problem(message):
            return _told("01", wrong)
        matter = held.take_in(str(message["maHoSoMCDT"]), message, again=troubles.trouble is Trouble.DUPLICATE)
        return _told("00", "", maHoSoLLTP=matter.code)

    async def look(request: Request) -> Response:
        """How far a request is."""
        if (bad := await troubles.behave("traCuuHoSo")) is not None:
            return bad
        message = await read_object(request) or {}
        if not _is_known(message):
            return _told("01", "authKey không đúng.")
        found = held.find(str(message.get("maHoSoMCDT", "")))
        if not found:
            return _told("01", "Không có hồ sơ này.")
        return _told("00", "", **_state(found[-1], wrong=troubles.trouble is Trouble.WRONG))

    app = Starlette(
        routes=[
            Route("/", troubles.admin, methods=["GET"]),
            Route("/admin", troubles.admin, methods=["GET", "POST"]),
            Route("/move", held.moved, methods=["POST"]),
            Route("/dangKyHoSo", register, methods=["POST"]),
            Route("/traCuuHoSo", look, methods=["POST"]),
        ]
    )
    app.state.book, app.state.troubles = held, troubles
    return app


def _told(code: str, detail: str, **more: Any) -> Response:
    return JSONResponse({"statusCode": code, "errorDetail": detail, **more})


def _is_known(message: dict[str, Any]) -> bool:
    return secrets.compare_digest(str(message.get("authKey", "")).encode(), AUTH_KEY.encode())


def _problem(message: dict[str, Any]) -> str:
    if not _is_known(message):
        return "authKey không đúng."
    absent = missing(message, "maTinh", "tenTinh", "maHoSoMCDT", "nguonDangKy", "ngayTiepNhan", "toKhai")
    form = message.get("toKhai")
    if absent or not isinstance(form, dict):
        return f"Thiếu trường: {', '.join(absent) or 'toKhai'}."
    absent = missing(form, "loaiPhieu", "maMucDich", "soLuongCap", "nycHoTen", "nycNgaySinh", "nycSoGiayTo")
    if absent:
        return f"Tờ khai thiếu: {', '.join(absent)}."
    if str(form["loaiPhieu"]) not in _KINDS:
        return "loaiPhieu phải là 1 hoặc 2."
    try:
        parse_personal_id(str(form["nycSoGiayTo"]))
    except IdentifierError as error:
        return f"nycSoGiayTo: {error}"
    return ""


def _state(matter: Matter, *, wrong: bool) -> dict[str, Any]:
    at = matter.moved_at or matter.received_at
    number = f"{int(matter.code.rsplit('-', 1)[1])}/{at:%Y}/STP-LLTP"
    result = None
    if matter.stage is Stage.DONE:
        result = {
            "soPhieuLLTP": "0/1900/STP-LLTP" if wrong else number, "ngayCapPhieu": f"{at:%d/%m/%Y}", "phieuLLTP": PAGE
        }  # fmt: skip
    return {
        "maHoSoMCDT": matter.reference, "maHoSoLLTP": matter.code, "trangThaiXuLy": int(matter.stage),
        "lyDoTuChoi": matter.note if matter.stage is Stage.REFUSED else "",
        "ngayHenTraKetQua": f"{matter.received_at + _DAYS:%d/%m/%Y}", "ketQuaXuLy": result,
    }  # fmt: skip
