"""Addresses: `/ngsp/token`, `GET /ngsp/areas?cap=&chaId=`, `/dvcqg/login`, `/dvcqg/<service>`, and the tester's page.

The national portal's catalogues are asked in its session style: a login, then `{session, madonvi, service, ...}`.
"""

import os
import secrets
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.catalogues.lists import Lists
from tinhso.simulators.troubles import Trouble, Troubles
from tinhso.simulators.wire import DEMO_CLIENTS, Tokens, read_object

_NOT_FOUND, _NO_SESSION, _UNKNOWN = "2", "5", "6"


class Catalogues:
    """The lists and how they are answered."""

    def __init__(self, content: Path) -> None:
        self.lists, self.tokens = Lists(content), Tokens()
        self.sessions: set[str] = set()
        self.troubles = Troubles("Danh mục dùng chung giả lập", "/catalogues")

    async def areas(self, request: Request) -> Response:
        """Administrative areas, by level and by parent."""
        if (bad := await self.troubles.behave("areas")) is not None:
            return bad
        if not self.tokens.holds(request):
            return JSONResponse({"error": "invalid_token"}, 401)
        rows = self.lists.areas
        for name in ("cap", "chaId"):
            if wanted := request.query_params.get(name):
                rows = [one for one in rows if str(one[name]) == wanted]
        return JSONResponse(_seen(rows, self.troubles))

    async def login(self, request: Request) -> Response:
        """A session for user name and password; header `dstcode` names the service's house."""
        if (bad := await self.troubles.behave("login")) is not None:
            return bad
        message = await read_object(request) or {}
        known = DEMO_CLIENTS.get(str(message.get("username", "")))
        if not known or message.get("password") != known or not request.headers.get("dstcode"):
            return _told(_NO_SESSION, "Tài khoản hoặc dstcode không đúng.")
        session = secrets.token_hex(16)
        self.sessions.add(session)
        return _told("0", "", session=session)

    async def serve(self, request: Request) -> Response:
        """One catalogue."""
        service = request.path_params["service"]
        if (bad := await self.troubles.behave(service)) is not None:
            return bad
        message = await read_object(request) or {}
        if str(message.get("session")) not in self.sessions:
            return _told(_NO_SESSION, "Phiên làm việc không hợp lệ.")
        catalogues: dict[str, Any] = {
            "LayDanhMucCoQuan": lambda: self.lists.agencies,
            "LayDanhMucLinhVuc": lambda: self.lists.fields,
            "LayDanhSachTTHC": lambda: [
                {k: one[k] for k in ("MATTHC", "TENTTHC")} for one in self.lists.procedures.values()
            ],
        }
        if service == "LayThuTuc":
            found = self.lists.procedures.get(str(message.get("maTTHC", "")))
            return _told("0", "", result=[found]) if found else _told(_NOT_FOUND, "Không có thủ tục này.")
        if service not in catalogues:
            return _told(_UNKNOWN, "Không có dịch vụ này.")
        return _told("0", "", result=_seen(catalogues[service](), self.troubles))


def create_app(content: Path | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/catalogues`."""
    folder = os.environ.get("TINHSO_CONTENT_DIR") or Path(__file__).resolve().parents[4] / "content"
    found = Catalogues(content or Path(folder))
    return Starlette(
        routes=[
            Route("/", found.troubles.admin, methods=["GET"]),
            Route("/admin", found.troubles.admin, methods=["GET", "POST"]),
            Route("/ngsp/token", found.tokens.issue, methods=["POST"]),
            Route("/ngsp/areas", found.areas, methods=["GET"]),
            Route("/dvcqg/login", found.login, methods=["POST"]),
            Route("/dvcqg/{service}", found.serve, methods=["POST"]),
        ]
    )


def _seen(rows: list[dict[str, Any]], troubles: Troubles) -> list[dict[str, Any]]:
    """The rows as the tester wants them: each twice, or one missing from the middle."""
    if troubles.trouble is Trouble.DUPLICATE:
        return [one for row in rows for one in (row, row)]
    if troubles.trouble is Trouble.WRONG:
        return [row for number, row in enumerate(rows) if number != len(rows) // 2]
    return rows


def _told(code: str, message: str, **more: Any) -> Response:
    return JSONResponse({"error_code": code, "message": message, **more})
