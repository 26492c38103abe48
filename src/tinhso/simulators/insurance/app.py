"""Addresses: `/v1/TraCuuTheBHYT` with `{maSoDinhDanh, hoTen, ngaySinh}`, and the tester's page."""

import json
import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.insurance.cards import card_of
from tinhso.simulators.population.people import Register
from tinhso.simulators.troubles import Trouble, Troubles


def create_app(people_file: Path | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/insurance`; how it behaves is `app.state.troubles`."""
    troubles = Troubles("Thẻ bảo hiểm y tế giả lập", "/insurance")
    content = os.environ.get("TINHSO_CONTENT_DIR") or Path(__file__).resolve().parents[4] / "content"
    register = Register(people_file or Path(content) / "demo" / "people.yaml")

    async def card(request: Request) -> Response:
        """The card of a person whose name and birth fit the number; nobody else is told about."""
        if (bad := await troubles.behave("TraCuuTheBHYT")) is not None:
            return bad
        try:
            asked = json.loads(await request.body())
            number, name, born = (str(asked[key]) for key in ("maSoDinhDanh", "hoTen", "ngaySinh"))
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"code": "YEU_CAU_SAI"}, 400)
        found = register.find(number)
        fits = found is not None and found.is_called(name, "".join(reversed(born.split("/"))))
        made = card_of(found) if fits and found is not None else None
        if made is None:
            return JSONResponse({"maKetQua": "050", "ghiChu": "Không thấy thông tin thẻ"}, 404)
        wrong = {"maSoDinhDanh": "051999000000"} if troubles.trouble is Trouble.WRONG else {}
        return JSONResponse(made.wire() | wrong)

    app = Starlette(
        routes=[
            Route("/", troubles.admin, methods=["GET"]),
            Route("/admin", troubles.admin, methods=["GET", "POST"]),
            Route("/v1/TraCuuTheBHYT", card, methods=["POST"]),
        ]
    )
    app.state.troubles = troubles
    return app
