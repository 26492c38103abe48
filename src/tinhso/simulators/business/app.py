"""Addresses: `/v1/ChiTietDoanhNghiep` with `{msdn}`, and the tester's page."""

import json
import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.business.register import Register
from tinhso.simulators.troubles import Trouble, Troubles


def create_app(people_file: Path | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/business`; how it behaves is `app.state.troubles`."""
    troubles = Troubles("Đăng ký doanh nghiệp giả lập", "/business")
    content = os.environ.get("TINHSO_CONTENT_DIR") or Path(__file__).resolve().parents[4] / "content"
    register = Register(people_file or Path(content) / "demo" / "people.yaml")

    async def details(request: Request) -> Response:
        """What is registered under a tax code."""
        if (bad := await troubles.behave("ChiTietDoanhNghiep")) is not None:
            return bad
        try:
            code = str(json.loads(await request.body())["msdn"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"code": "YEU_CAU_SAI"}, 400)
        found = register.find(code)
        if found is not None and troubles.trouble is Trouble.WRONG:
            found = register.other(code)
        return JSONResponse({"code": "KHONG_TIM_THAY"}, 404) if found is None else JSONResponse(found.wire())

    app = Starlette(
        routes=[
            Route("/", troubles.admin, methods=["GET"]),
            Route("/admin", troubles.admin, methods=["GET", "POST"]),
            Route("/v1/ChiTietDoanhNghiep", details, methods=["POST"]),
        ]
    )
    app.state.troubles = troubles
    return app
