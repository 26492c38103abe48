"""Addresses of the simulated providers: /sinvoice/… (JSON), /vnpt/… (SOAP), and a tester's page."""

import json
from datetime import date
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tinhso.simulators.receipts import soap
from tinhso.simulators.receipts.state import PROVIDERS, Behaviour, Issued, Provider, State
from tinhso.simulators.wire import object_of

# Not secrets: the simulator knows fictional receipts only.
DEMO_ACCOUNTS = {"tinhso-demo": "demo-secret-not-for-production"}
_SERVICE = "/sinvoice/InvoiceAPI/InvoiceWS"


def create_app(*, accounts: dict[str, str] | None = None) -> Starlette:
    """The simulator as an ASGI application, to be mounted at `/receipts`; its memory is `app.state.receipts`."""
    app = Starlette(
        routes=[
            Route("/", admin, methods=["GET"]),
            Route("/admin", admin, methods=["GET", "POST"]),
            Route("/sinvoice/auth/login", login, methods=["POST"]),
            Route(f"{_SERVICE}/createInvoice/{{tax_code}}", create, methods=["POST"]),
            Route(f"{_SERVICE}/searchInvoiceByTransactionUuid", search, methods=["POST"]),
            Route(f"{_SERVICE}/cancelTransactionInvoice", cancel, methods=["POST"]),
            Route("/sinvoice/InvoiceAPI/InvoiceUtilsWS/getInvoices/{tax_code}", used, methods=["POST"]),
            Route("/vnpt/{service}.asmx", soap.service, methods=["POST"]),
        ]
    )
    app.state.receipts = State(accounts=dict(accounts or DEMO_ACCOUNTS))
    return app


def _provider(request: Request) -> Provider:
    state: State = request.app.state.receipts
    return state.providers["sinvoice"]


def _closed(request: Request) -> Response | None:
    provider = _provider(request)
    if provider.behaviour is Behaviour.DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or value not in provider.tokens:
        return JSONResponse({"code": 401, "message": "Unauthorized"}, 401)
    return None


async def login(request: Request) -> Response:
    """User name and password for a bearer token."""
    state: State = request.app.state.receipts
    if _provider(request).behaviour is Behaviour.DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    given = await object_of(request, "username", "password")
    if state.accounts.get(str(given.get("username"))) != given.get("password"):
        return JSONResponse({"code": 400, "message": "BAD_CREDENTIALS"}, 400)
    return JSONResponse({"access_token": _provider(request).token(), "token_type": "bearer", "expires_in": 600})


async def create(request: Request) -> Response:
    """`createInvoice`: a number for a receipt; the same `transactionUuid`, the same number."""
    if (closed := _closed(request)) is not None:
        return closed
    provider = _provider(request)
    if provider.behaviour is Behaviour.REFUSE:
        return JSONResponse(
            {"errorCode": "TEMPLATE_NOT_FOUND", "description": "Mẫu biên lai không tồn tại.", "result": None}
        )
    try:
        given = await object_of(request)
        head, amount = given["generalInvoiceInfo"], int(given["summarizeInfo"]["totalAmountWithTax"])
        one = provider.issue(str(head["transactionUuid"]), str(head["invoiceSeries"]), amount)
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        return JSONResponse({"errorCode": "BAD_REQUEST", "description": "Dữ liệu không đúng.", "result": None})
    if provider.behaviour is Behaviour.LOST:
        return PlainTextResponse("Gateway Timeout", 504)
    return JSONResponse({"errorCode": None, "description": None, "result": _told(one)})


async def search(request: Request) -> Response:
    """`searchInvoiceByTransactionUuid`: what was issued for a uuid."""
    if (closed := _closed(request)) is not None:
        return closed
    form = await request.form()
    found = [one for one in _provider(request).issued if one.key == str(form.get("transactionUuid"))]
    return JSONResponse({"errorCode": None, "description": None, "result": [_told(one) for one in found]})


async def cancel(request: Request) -> Response:
    """`cancelTransactionInvoice`: the number stays, marked."""
    if (closed := _closed(request)) is not None:
        return closed
    form = await request.form()
    known = _provider(request).find(str(form.get("transactionUuid")))
    if known is None:
        return JSONResponse({"errorCode": "NOT_FOUND", "description": "Không có biên lai này."})
    known.cancelled = True
    return JSONResponse({"errorCode": None, "description": "success"})


async def used(request: Request) -> Response:
    """`getInvoices`: every number of a series used in a span."""
    if (closed := _closed(request)) is not None:
        return closed
    given = await object_of(request, "startDate", "endDate")
    try:
        start, end = date.fromisoformat(str(given["startDate"])), date.fromisoformat(str(given["endDate"]))
    except ValueError:
        return PlainTextResponse("Bad Request", 400)
    rows = _provider(request).used(str(given.get("invoiceSeri")), start, end)
    return JSONResponse({"totalRow": len(rows), "invoices": [_row(one) for one in rows]})


def _told(one: Issued) -> dict[str, object]:
    return {
        "supplierTaxCode": "", "invoiceNo": f"{one.series}{one.number}", "transactionID": one.key,
        "reservationCode": f"{one.number:010d}", "codeOfTax": None, "totalAmountWithTax": one.amount,
    }  # fmt: skip


def _row(one: Issued) -> dict[str, object]:
    return {
        "transactionUuid": one.key, "invoiceNo": f"{one.series}{one.number}", "total": one.amount,
        "cancelled": one.cancelled,
    }  # fmt: skip


async def admin(request: Request) -> Response:
    """The tester's page: how a provider behaves, and what it has issued."""
    state: State = request.app.state.receipts
    if request.method == "POST":
        form = await request.form()
        key, wanted = str(form.get("provider")), str(form.get("behaviour") or "")
        if key not in state.providers or wanted not in set(Behaviour):
            return HTMLResponse(_page("<p>Không có nhà cung cấp hoặc cách cư xử này.</p>"), 422)
        state.providers[key].behaviour = Behaviour(wanted)
        return RedirectResponse(f"{request.scope.get('root_path', '')}/admin", 303)
    return HTMLResponse(_page("".join(_section(key, state.providers[key]) for key in PROVIDERS)))


def _section(key: str, provider: Provider) -> str:
    options = "".join(
        f'<option value="{b.value}"{" selected" if provider.behaviour is b else ""}>{b.name.lower()}</option>'
        for b in Behaviour
    )
    rows = "".join(
        f"<li>{escape(one.series)} {one.number}: {one.amount} đồng{' (đã hủy)' if one.cancelled else ''}</li>"
        for one in provider.issued
    )
    return (
        f'<h2>{key}</h2><form method="post" action="admin"><input type="hidden" name="provider" value="{key}">'
        f'<label>Cư xử <select name="behaviour">{options}</select></label> <button>Áp dụng</button></form><ul>{rows}</ul>'
    )


def _page(body: str) -> str:
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Nhà cung cấp biên lai (giả lập)</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/identity/style.css"></head>'
        f"<body><main><h1>Nhà cung cấp biên lai điện tử (giả lập)</h1>{body}</main></body></html>"
    )
