"""Addresses: `/token`, `/order` (header `access_token`; success is Status "100"), `/tracking/<ItemCode>`, the tester's page.

How parcels are followed is ours; the order's fields are those of public clients. Districts are gone: `District` may be empty.
"""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tinhso.simulators.casebook import LABELS, Casebook, Matter, Stage
from tinhso.simulators.troubles import Trouble, Troubles
from tinhso.simulators.wire import Tokens, missing, read_object

_OK, _BAD, _UNAUTHORISED = "100", "101", "401"
_WORDS = LABELS | {Stage.TAKEN: "Đã nhận gửi", Stage.WORKING: "Đang vận chuyển", Stage.DONE: "Đã phát thành công"}
_MOST_COD = 100_000_000


def create_app(book: Casebook | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/post`; its memory is `app.state.book`."""
    held, tokens = book or Casebook("EH"), Tokens()
    troubles = Troubles("Bưu chính giả lập", "/post", more=held.section)

    async def order(request: Request) -> Response:
        """An order; the same OrderNumber is the same parcel."""
        if (bad := await troubles.behave("order")) is not None:
            return bad
        if not tokens.holds(request, header="access_token"):
            return _told(_UNAUTHORISED, "access_token không hợp lệ.", status=401)
        message = await read_object(request) or {}
        if wrong := _problem(message):
            return _told(_BAD, wrong)
        parcel = held.take_in(str(message["OrderNumber"]), message, again=troubles.trouble is Trouble.DUPLICATE)
        return _told(_OK, "Thành công", ItemCode=_item(parcel), OrderNumber=parcel.reference)

    async def tracking(request: Request) -> Response:
        """Where a parcel is."""
        if (bad := await troubles.behave("tracking")) is not None:
            return bad
        if not tokens.holds(request, header="access_token"):
            return _told(_UNAUTHORISED, "access_token không hợp lệ.", status=401)
        wanted = request.path_params["item"]
        found = next((one for one in held.held.values() if _item(one) == wanted), None)
        if found is None:
            return _told(_BAD, "Không có bưu gửi này.")
        stage = held.find(found.reference)[-1].stage if troubles.trouble is not Trouble.WRONG else Stage.REFUSED
        at = found.moved_at or found.received_at
        return _told(
            _OK, "", ItemCode=wanted, OrderNumber=found.reference, StatusCode=int(stage), StatusName=_WORDS[stage],
            StatusTime=f"{at:%d/%m/%Y %H:%M:%S}", Note=found.note,
        )  # fmt: skip

    app = Starlette(
        routes=[
            Route("/", troubles.admin, methods=["GET"]),
            Route("/admin", troubles.admin, methods=["GET", "POST"]),
            Route("/move", held.moved, methods=["POST"]),
            Route("/token", tokens.issue, methods=["POST"]),
            Route("/order", order, methods=["POST"]),
            Route("/tracking/{item}", tracking, methods=["GET"]),
        ]
    )
    app.state.book, app.state.troubles = held, troubles
    return app


def _told(code: str, message: str, *, status: int = 200, **more: Any) -> Response:
    return JSONResponse({"Status": code, "Message": message, **more}, status)


def _item(parcel: Matter) -> str:
    """Two letters, nine digits with a check digit (UPU S10), country."""
    number = f"{int(parcel.code.rsplit('-', 1)[1]):08d}"
    total = sum(int(digit) * weight for digit, weight in zip(number, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return f"EH{number}{check}VN"


def _problem(message: dict[str, Any]) -> str:
    absent = missing(message, "CustomerCode", "OrderNumber", "Sender", "Receiver")
    for side in ("Sender", "Receiver"):
        if isinstance(party := message.get(side), dict):
            absent += [f"{side}.{name}" for name in missing(party, "Province", "Address", "Name", "Tel")]
        elif side not in absent:
            absent.append(side)
    if absent:
        return f"Thiếu: {', '.join(absent)}."
    amount = message.get("CODAmount", 0)
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 <= amount <= _MOST_COD:
        return "CODAmount là số nguyên đồng, không âm."
    return ""
