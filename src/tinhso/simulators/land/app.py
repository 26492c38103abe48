"""Addresses: `/vbdlis/<service>`, `/ilis/token`, `/ilis/TiepNhanHoSo`, `/thue/ThongBaoThue`, `/thue/ChungTuThue`, the
tester's page.

VBDLIS trusts a receipt number with its `SecurityCode`; ILIS a password's token. Both registers and the tax office look at
the same matters: what ILIS took, VBDLIS can end, and a notice follows once it has been taken.
"""

import secrets
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.casebook import Casebook, Matter, Stage, present
from tinhso.simulators.troubles import Trouble, Troubles
from tinhso.simulators.wire import DEMO_CLIENTS, Tokens, missing, read_object

SECURITY_CODE = DEMO_CLIENTS["tinhso-demo"]
# What the one-stop system may report to VBDLIS, and where that puts the matter.
_REPORTS = {
    "CungCapSoBienNhan": Stage.SENT, "LuanChuyen": Stage.WORKING, "ChoBoSung": Stage.SUPPLEMENT,
    "DaBoSung": Stage.WORKING, "KetThuc": Stage.DONE,
}  # fmt: skip
_ITEMS = ("2801", "1401")  # sub-items of the state budget: registration charge, land use


class Land:
    """The registers and the tax office: what they were handed, and how they behave."""

    def __init__(self, book: Casebook | None = None) -> None:
        self.held, self.tokens = book or Casebook("DD"), Tokens()
        self.paid: dict[str, dict[str, Any]] = {}
        self.troubles = Troubles("Đất đai và thông báo thuế giả lập", "/land", more=self.held.section)

    async def vbdlis(self, request: Request) -> Response:
        """One report about a receipt number."""
        service = request.path_params["service"]
        if (bad := await self.troubles.behave(service)) is not None:
            return bad
        message = await read_object(request) or {}
        if not secrets.compare_digest(str(message.get("SecurityCode", "")).encode(), SECURITY_CODE.encode()):
            return _vbdlis(0, "SecurityCode không đúng.")
        number = str(message.get("SoBienNhan") or "")
        if service not in _REPORTS or not number:
            return _vbdlis(0, "Không có dịch vụ này." if number else "Thiếu SoBienNhan.")
        if service == "CungCapSoBienNhan":
            matter = self.held.take_in(number, message, again=self.troubles.trouble is Trouble.DUPLICATE)
            return _vbdlis(1, "", {"SoBienNhan": number, "MaHoSo": matter.code})
        found = self.held.find(number)
        if not found:
            return _vbdlis(0, f"Không có biên nhận {number}.")
        self.held.move(found[-1].code, _REPORTS[service], str(message.get("GhiChu") or ""))
        return _vbdlis(1, "", {"SoBienNhan": number, "TrangThai": int(_REPORTS[service])})

    async def ilis(self, request: Request) -> Response:
        """A case taken over, with its parcels."""
        if (bad := await self.troubles.behave("TiepNhanHoSo")) is not None:
            return bad
        if not self.tokens.holds(request):
            return _ilis(None, 401, "Token không hợp lệ.")
        message = await read_object(request) or {}
        absent = missing(message, "TinhId", "XaId", "SoBienNhan", "MaHoSoMotCua", "ThongTinThuaDat")
        parcels = message.get("ThongTinThuaDat")
        if not isinstance(parcels, list) or any(
            missing(one, "SoTo", "SoThua") for one in parcels if isinstance(one, dict)
        ):
            absent.append("ThongTinThuaDat.SoTo, SoThua")
        if absent:
            return _ilis(None, 400, f"Thiếu: {', '.join(absent)}.")
        matter = self.held.take_in(
            str(message["SoBienNhan"]), message, again=self.troubles.trouble is Trouble.DUPLICATE
        )
        return _ilis({"HoSoId": matter.code, "SoBienNhan": matter.reference}, 200, "")

    async def notice(self, request: Request) -> Response:
        """The notices of what is to be paid for a receipt number; none before it was taken."""
        if (bad := await self.troubles.behave("ThongBaoThue")) is not None:
            return bad
        found = await self._asked(request)
        if isinstance(found, Response):
            return found
        notices = _notices(found) if found.stage is not Stage.SENT else []
        if self.troubles.trouble is Trouble.WRONG:
            notices = [one | {"SoTien": -1} for one in notices]
        return _vbdlis(1, "", {"SoBienNhan": found.reference, "ThongBaoThue": notices})

    async def receipt(self, request: Request) -> Response:
        """What was paid: told with `DaNop` by the treasury's side, read without."""
        if (bad := await self.troubles.behave("ChungTuThue")) is not None:
            return bad
        found = await self._asked(request)
        if isinstance(found, Response):
            return found
        if (await read_object(request) or {}).get("DaNop"):
            total = sum(one["SoTien"] for one in _notices(found))
            self.paid[found.reference] = {
                "SoChungTu": f"CT{found.code[-4:]}",
                "NgayNop": f"{present():%d/%m/%Y}",
                "SoTien": total,
            }
        return _vbdlis(1, "", {"SoBienNhan": found.reference, "ChungTuThue": self.paid.get(found.reference)})

    async def _asked(self, request: Request) -> Matter | Response:
        message = await read_object(request) or {}
        if not secrets.compare_digest(str(message.get("SecurityCode", "")).encode(), SECURITY_CODE.encode()):
            return _vbdlis(0, "SecurityCode không đúng.")
        found = self.held.find(str(message.get("SoBienNhan") or ""))
        return found[-1] if found else _vbdlis(0, "Không có biên nhận này.")


def create_app(book: Casebook | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/land`; its memory is `app.state.land`."""
    land = Land(book)
    app = Starlette(
        routes=[
            Route("/", land.troubles.admin, methods=["GET"]),
            Route("/admin", land.troubles.admin, methods=["GET", "POST"]),
            Route("/move", land.held.moved, methods=["POST"]),
            Route("/ilis/token", land.tokens.issue, methods=["POST"]),
            Route("/ilis/TiepNhanHoSo", land.ilis, methods=["POST"]),
            Route("/thue/ThongBaoThue", land.notice, methods=["POST"]),
            Route("/thue/ChungTuThue", land.receipt, methods=["POST"]),
            Route("/vbdlis/{service}", land.vbdlis, methods=["POST"]),
        ]
    )
    app.state.land = land
    return app


def _vbdlis(result: int, message: str, data: Any = None) -> Response:
    return JSONResponse({"Result": result, "Message": message, "Data": data})


def _ilis(data: Any, code: int, message: str) -> Response:
    status = {
        "success": code == 200, "code": code, "type": "INFO" if code == 200 else "ERROR",
        "time": f"{present():%Y-%m-%dT%H:%M:%S}", "message": message,
    }  # fmt: skip
    return JSONResponse({"data": data, "status": status})


def _notices(matter: Matter) -> list[dict[str, Any]]:
    """Two notices worked out from the receipt number: the same whenever they are asked for."""
    mark = int(sha256(matter.reference.encode()).hexdigest()[:8], 16)
    day = f"{matter.received_at:%d/%m/%Y}"
    return [
        {
            "MaSoThue": "4300999012", "SoTien": (mark >> shift) % 900 * 10_000 + 500_000, "TenTieuMuc": item,
            "SoQuyetDinh": f"{mark % 9000 + 1000 + shift}/TB-CCT", "NgayQuyetDinh": day,
        }
        for shift, item in enumerate(_ITEMS)
    ]  # fmt: skip
