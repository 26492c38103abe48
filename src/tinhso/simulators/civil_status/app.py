"""Addresses: `/token`, `/api/lienthongdvclt/hosolienthong/nhanHoSo` (push), `.../trangThai` (scan), the tester's page.

Modules LTKS (birth), LTKT (death), LTKH (marriage). The last parts of the two addresses are ours: the public clients name
the folder alone. Dates as its clients write them: `dd/MM/yyyy HH:mm:ss` in messages, `dd.MM.yyyy` inside the form.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.casebook import Casebook, Matter, Stage
from tinhso.simulators.troubles import Trouble, Troubles
from tinhso.simulators.wire import Tokens, missing, read_object

# Which groups of fields a form of each module must hold, by how their names begin: child, mother, deceased, husband …
GROUPS = {"LTKS": ("nks", "me", "nyc"), "LTKT": ("nkt", "nyc"), "LTKH": ("chong", "vo")}
_STAMP, _DAY = "%d/%m/%Y %H:%M:%S", "%d.%m.%Y"
_FOLDER = "/api/lienthongdvclt/hosolienthong"
_MOST_ASKED = 500


def create_app(book: Casebook | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/civil-status`; its memory is `app.state.book`."""
    held, tokens = book or Casebook("G15.01"), Tokens()
    troubles = Troubles("Hệ thống hộ tịch giả lập", "/civil-status", more=held.section)

    async def push(request: Request) -> Response:
        """A case handed over; again, the same number."""
        if (bad := await troubles.behave("nhanHoSo")) is not None:
            return bad
        if not tokens.holds(request):
            return _told("401", "Phiên làm việc không hợp lệ.", status=401)
        message = await read_object(request)
        wrong = "Nội dung không phải JSON." if message is None else _problem(message)
        if wrong or message is None:
            return _told("01", wrong)
        matter = held.take_in(str(message["maHoSo"]), message, again=troubles.trouble is Trouble.DUPLICATE)
        return _told("00", "", value={"maHoSoLT": matter.code, "maHoSoMCDT": matter.reference})

    async def scan(request: Request) -> Response:
        """How far cases are; those it does not know are left out."""
        if (bad := await troubles.behave("trangThai")) is not None:
            return bad
        if not tokens.holds(request):
            return _told("401", "Phiên làm việc không hợp lệ.", status=401)
        message = await read_object(request) or {}
        codes = message.get("maDinhDanhHoSo")
        if not isinstance(codes, list) or len(codes) > _MOST_ASKED or message.get("module") not in GROUPS:
            return _told("01", f"Cần module và từ 1 đến {_MOST_ASKED} mã hồ sơ.")
        rows = [
            _row(one) for code in codes for one in held.find(str(code)) if one.message["module"] == message["module"]
        ]
        if troubles.trouble is Trouble.WRONG:
            rows = [row | {"maHoSoMCDT": "H99.99-000000-0000"} for row in rows]
        return _told("00", "", value=rows)

    app = Starlette(
        routes=[
            Route("/", troubles.admin, methods=["GET"]),
            Route("/admin", troubles.admin, methods=["GET", "POST"]),
            Route("/move", held.moved, methods=["POST"]),
            Route("/token", tokens.issue, methods=["POST"]),
            Route(f"{_FOLDER}/nhanHoSo", push, methods=["POST"]),
            Route(f"{_FOLDER}/trangThai", scan, methods=["POST"]),
        ]
    )
    app.state.book, app.state.troubles = held, troubles
    return app


def _told(code: str, words: str, *, value: Any = None, status: int = 200) -> Response:
    return JSONResponse({"errorCode": code, "errorDesc": words, "value": value}, status)


def _problem(message: dict[str, Any]) -> str:
    absent = missing(message, "maDonVi", "maTinh", "module", "maHoSo", "ngayTiepNhan", "data")
    if absent:
        return f"Thiếu trường: {', '.join(absent)}."
    if message["module"] not in GROUPS:
        return "Module không đúng: LTKS, LTKT hoặc LTKH."
    try:
        datetime.strptime(str(message["ngayTiepNhan"]), _STAMP)  # noqa: DTZ007 - its shape alone is looked at
    except ValueError:
        return "ngayTiepNhan phải có dạng dd/MM/yyyy HH:mm:ss."
    for file in message.get("fileDinhKem") or []:
        if not isinstance(file, dict) or missing(file, "tenTepDinhKem", "duLieuTepDinhKem"):
            return "Tệp đính kèm thiếu tên hoặc nội dung."
    return _problem_of_form(str(message["data"]), GROUPS[message["module"]])


def _problem_of_form(text: str, groups: tuple[str, ...]) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return "Tờ khai không phải XML hợp lệ."
    if root.getroottree().docinfo.internalDTD is not None:
        return "Tờ khai không được khai báo DTD."
    filled = {etree.QName(one).localname for one in root.iter("{*}*") if (one.text or "").strip()}
    absent = [group for group in groups if not any(name.startswith(group) for name in filled)]
    return f"Tờ khai thiếu nhóm thông tin: {', '.join(absent)}." if absent else ""


def _row(matter: Matter) -> dict[str, Any]:
    done = matter.stage is Stage.DONE
    at = matter.moved_at or matter.received_at
    result = None
    if done:
        mark = int(sha256(matter.reference.encode()).hexdigest()[:8], 16)
        result = {
            "soDangKy": f"{mark % 900 + 1}", "quyenSo": f"01/{at:%Y}", "ngayDangKy": f"{at:{_DAY}}",
            **({"soDinhDanh": f"051226{mark % 1_000_000:06d}"} if matter.message["module"] == "LTKS" else {}),
        }  # fmt: skip
    return {
        "maHoSoLT": matter.code, "maHoSoMCDT": matter.reference, "trangThai": int(matter.stage),
        "thoiGianThucHien": f"{at:{_STAMP}}", "ghiChu": matter.note, "ketQuaXuLy": result,
    }  # fmt: skip
