"""Platform 1.0.6 (INIT, QUERY, GET_BILL, NOTIFY), its page for the payer, and a bank app for transfers."""

import asyncio
import hmac
import json
import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tinhso.lib.amounts import dong
from tinhso.lib.paymentplatform import OK, STAMP, is_authentic, with_code
from tinhso.lib.vietqr import VietQrError, read_tags
from tinhso.simulators.payment.paper import paper_of
from tinhso.simulators.payment.state import ZONE, Deal, Fault, State, Transfer, now
from tinhso.simulators.wire import object_of

DEMO_SECRET = "demo-secret-not-for-production"  # noqa: S105 - no secret: the simulator moves no money
_SLOW_SECONDS = 15.0


def create_app(*, home: str = "", secret: str = DEMO_SECRET, log: Path | None = None) -> Starlette:
    """The simulator, to be mounted at `/payment`; `home` is the product's address, which is told of payments. `log`: a
    file that gets a line for all that happens.
    """
    app = Starlette(
        routes=[
            Route("/", page, methods=["GET"]),
            Route("/init", init, methods=["POST"]),
            Route("/query", query, methods=["POST"]),
            Route("/bill", bill, methods=["POST"]),
            Route("/report", report, methods=["POST"]),
            Route("/pay/{reference}", pay, methods=["GET", "POST"]),
            Route("/bank", transfer, methods=["POST"]),
            Route("/bank/statement", statement, methods=["GET"]),
            Route("/admin", admin, methods=["POST"]),
        ]
    )
    port = int(os.environ.get("TINHSO_PORT") or 8000)
    app.state.payment = State(
        log=log, secret=secret, home=home or os.environ.get("TINHSO_BASE_URL") or f"http://localhost:{port}"
    )
    return app


def _state(request: Request) -> State:
    state: State = request.app.state.payment
    return state


async def _message(request: Request, kind: str) -> dict[str, Any] | Response:
    state = _state(request)
    if state.fault is Fault.DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    if state.fault is Fault.SLOW:
        await asyncio.sleep(_SLOW_SECONDS)
    message = await object_of(request)
    if not is_authentic(kind, message, state.secret):
        return _reply("1", {"MaLoi": "97", "MoTaLoi": "Sai ma xac thuc"})
    if "MaThamChieu" not in message or (kind == "INIT" and not str(message.get("SoTien")).isdecimal()):
        return _reply("1", {"MaLoi": "03", "MoTaLoi": "Thieu truong"})
    return dict(message)


def _reply(code: str, body: Mapping[str, Any]) -> Response:
    told = {"error_code": code, "message": json.dumps(body, ensure_ascii=False)}
    return Response(json.dumps(told, ensure_ascii=False), media_type="application/json")


async def init(request: Request) -> Response:
    """INIT: a payment under the partner's reference; the same one again is the same payment."""
    message = await _message(request, "INIT")
    if isinstance(message, Response):
        return message
    state, reference = _state(request), str(message["MaThamChieu"])
    deal = state.deals.setdefault(
        reference, Deal(reference, int(message["SoTien"]), message, str(message.get("UrlTraVe") or ""))
    )
    state.note("init", reference=reference, amount=int(message["SoTien"]))
    if deal.amount != int(message["SoTien"]):
        return _reply("1", {"MaLoi": "02", "MoTaLoi": "Trung ma tham chieu"})
    # Where this simulator lies among others: `base_url` knows only where they all begin.
    here = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    url = f"{here}/pay/{reference}"
    return _reply("0", {"MaLoi": OK, "MaDoiTac": message["MaDoiTac"], "MaThamChieu": reference, "UrlThanhToan": url})


async def query(request: Request) -> Response:
    """QUERY: 1 paid, 3 pending, 4 failed; what it never heard of is none of the three."""
    message = await _message(request, "QUERY")
    if isinstance(message, Response):
        return message
    deal = _state(request).deals.get(str(message["MaThamChieu"]))
    if deal is None:
        return _reply("0", {"MaLoi": "01", "MoTaLoi": "Khong co giao dich", "TrangThaiGD": ""})
    at = deal.paid_at or now()
    return _reply("0", {
        "MaLoi": OK, "MoTaLoi": "", "MaThamChieu": deal.reference, "TrangThaiGD": deal.state, "SoTien": str(deal.amount),
        "MaGiaoDich": deal.number, "ThoiGianGD": at.strftime(STAMP),
    })  # fmt: skip


async def bill(request: Request) -> Response:
    """GET_BILL: the platform's paper about a payment."""
    message = await _message(request, "GET_BILL")
    if isinstance(message, Response):
        return message
    deal = _state(request).deals.get(str(message["MaThamChieu"]))
    if deal is None or deal.state != "1":
        return _reply("1", {"MaLoi": "01", "MoTaLoi": "Khong co giao dich"})
    return Response(paper_of(deal), media_type="application/pdf")


async def report(request: Request) -> Response:
    """The paid transactions of a day: what the platform's operator hands over as a file."""
    state = _state(request)
    if state.fault is Fault.DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    day = str((await object_of(request)).get("Ngay") or "")
    lines = [
        {"MaGiaoDich": deal.number, "MaThamChieu": deal.reference, "SoTien": str(deal.amount),
         "ThoiGianGD": deal.paid_at.strftime(STAMP)}
        for deal in state.deals.values()
        if deal.state == "1" and deal.paid_at is not None and f"{deal.paid_at:%Y%m%d}" == day
    ]  # fmt: skip
    return _reply("0", {"GiaoDich": lines})


async def pay(request: Request) -> Response:
    """The payer's page, and what she presses there."""
    return await (press(request) if request.method == "POST" else payer(request))


async def payer(request: Request) -> Response:
    """The page a payer is sent to, as her bank shows it."""
    deal = _state(request).deals.get(request.path_params["reference"])
    if deal is None:
        return HTMLResponse(_page("Không có giao dịch này", "<p>Mời quay lại trang hồ sơ.</p>"), 404)
    told = deal.message.get("ThongTinBienLai") or {}
    rows = {
        "Đơn vị thu": str(told.get("TenDonVi") or ""), "Nội dung": str(told.get("NoiDungThanhToan") or ""),
        "Người nộp": str(told.get("HoTenNguoiNop") or ""), "Mã tham chiếu": deal.reference,
        "Số tiền": dong(deal.amount),
    }  # fmt: skip
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    buttons = (
        '<form method="post"><button name="do" value="pay">Trả tiền</button> '
        '<button name="do" value="refuse" class="plain">Không trả</button></form>'
        if deal.state == "3"
        else f"<p>{'Đã trả tiền.' if deal.state == '1' else 'Giao dịch đã hủy.'}</p>"
        f'<p><a href="{escape(deal.return_url)}">Quay lại trang hồ sơ</a></p>'
    )
    return HTMLResponse(_page("Xác nhận thanh toán", f"<dl>{facts}</dl>{buttons}"))


async def press(request: Request) -> Response:
    """Pay, or not; then the partner is told as the fault says, and the browser goes home."""
    state, form = _state(request), await request.form()
    deal = state.deals.get(request.path_params["reference"])
    if deal is None:
        return PlainTextResponse("Không có giao dịch này.", 404)
    if deal.state == "3":
        paid = form.get("do") == "pay"
        deal.state, deal.number, deal.paid_at = "1" if paid else "4", state.number("PP"), now()
        state.note("paid" if paid else "refused", reference=deal.reference, number=deal.number, amount=deal.amount)
        times = {Fault.NEVER: 0, Fault.LATE: 0, Fault.TWICE: 2, Fault.EARLY: 2}.get(state.fault, 1)
        if state.fault is Fault.LATE:
            state.held.append(deal.reference)
        for _ in range(times):
            await _notify(state, deal)
    return RedirectResponse(deal.return_url or str(request.url), 303)


async def _notify(state: State, deal: Deal) -> None:
    amount = deal.amount + 1000 if state.fault is Fault.WRONG_SUM else deal.amount
    message = {
        "LoaiBanTin": "NOTIFY", "MaLoi": OK if deal.state == "1" else "99", "MaDoiTac": deal.message["MaDoiTac"],
        "MaThamChieu": deal.reference, "SoTien": str(amount), "MaTienTe": "VND", "MaGiaoDich": deal.number,
        "MaNganHang": "DEMOBANK", "ThoiGianGD": (deal.paid_at or now()).strftime(STAMP),
        "ThongTinGiaoDich": str(deal.message.get("ThongTinGiaoDich") or ""),
    }  # fmt: skip
    body = json.dumps(with_code("NOTIFY", message, state.secret)).encode()
    await _tell(state, "/thanh-toan/thong-bao", body, {})


async def transfer(request: Request) -> Response:
    """A transfer from a bank app: the text of a QR code, or account, sum and content typed; the bank tells the partner."""
    state, form = _state(request), await request.form()
    code = str(form.get("qr") or "").strip()
    account, amount, text = (str(form.get(name) or "").strip() for name in ("account", "amount", "text"))
    if code:
        try:
            tags = read_tags(code)
            account = read_tags(read_tags(tags["38"])["01"])["01"]
            amount, text = tags.get("54", amount), read_tags(tags.get("62", "")).get("08", text)
        except (VietQrError, KeyError):
            return HTMLResponse(_page("Không đọc được mã", "<p>Đây không phải mã VietQR.</p>"), 422)
    if not (amount.isdigit() and int(amount) > 0 and account):
        return PlainTextResponse("Thiếu số tài khoản hoặc số tiền.", 422)
    made = Transfer(
        state.number("FT"), account, int(amount), f"MBVCB.{text.replace('.', '').replace('-', '')} chuyen tien",
        str(form.get("payer") or "NGUYEN VAN VI DU"), now(),
    )  # fmt: skip
    state.transfers.append(made)
    state.note("transfer", number=made.number, account=made.account, amount=made.amount, text=made.text)
    if state.fault not in {Fault.NEVER, Fault.LATE}:
        for _ in range(2 if state.fault is Fault.TWICE else 1):
            await _tell_transfer(state, made)
    return HTMLResponse(_page("Đã chuyển tiền", f"<p>Số giao dịch {made.number}, {made.amount} đồng.</p>"))


async def _tell_transfer(state: State, made: Transfer) -> None:
    told = {
        "id": made.number, "account": made.account, "amount": made.amount, "content": made.text,
        "at": made.at.isoformat(timespec="seconds"), "payer": made.payer, "payer_account": "9704000000000001",
    }  # fmt: skip
    body = json.dumps(told).encode()
    signature = hmac.new(state.secret.encode(), body, sha256).hexdigest()
    await _tell(state, "/thanh-toan/ngan-hang", body, {"X-Signature": signature})


async def _tell(state: State, path: str, body: bytes, headers: dict[str, str]) -> None:
    """One message to the product; its silence is noted and changes nothing here."""
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            answer = await client.post(
                state.home + path, content=body, headers={"Content-Type": "application/json", **headers}
            )
        state.told.append((path, answer.status_code))
    except httpx.HTTPError:
        state.told.append((path, 0))
    state.note("told", path=path, body=body.decode(), headers=headers, status=state.told[-1][1])


async def statement(request: Request) -> Response:
    """The bank's statement of a day (`day=yyyymmdd`, absent: all): transfers, and the platform's money in one sum."""
    state, day = _state(request), request.query_params.get("day", "")
    lines = ["Số giao dịch;Ngày giao dịch;Số tiền;Nội dung;Người chuyển"]
    lines += [
        f"{one.number};{one.at:%d/%m/%Y %H:%M:%S};{one.amount};{one.text};{one.payer}"
        for one in state.transfers
        if not day or f"{one.at:%Y%m%d}" == day
    ]
    sums: dict[str, int] = {}
    for deal in state.deals.values():
        if deal.state == "1" and deal.paid_at is not None and (not day or f"{deal.paid_at:%Y%m%d}" == day):
            sums[f"{deal.paid_at:%Y%m%d}"] = sums.get(f"{deal.paid_at:%Y%m%d}", 0) + deal.amount
    lines += [
        f"QT{one};{datetime.strptime(one, '%Y%m%d').replace(tzinfo=ZONE):%d/%m/%Y} 23:50:00;{amount};"
        f"PAYMENTPLATFORM QUYET TOAN NGAY {one};CONG DVCQG"
        for one, amount in sums.items()
    ]
    return Response("\n".join(lines) + "\n", media_type="text/csv; charset=utf-8")


async def admin(request: Request) -> Response:
    """`fault`; `flush=1` sends what was held back."""
    state, form = _state(request), await request.form()
    try:
        fault = Fault(str(form.get("fault") or ""))
    except ValueError:
        return PlainTextResponse("Không áp dụng được.", 422)
    state.fault = fault
    if form.get("flush"):
        held, state.held = state.held, []
        for reference in held:
            await _notify(state, state.deals[reference])
    return RedirectResponse(f"{request.scope.get('root_path', '')}/", 303)


async def page(request: Request) -> Response:
    """The bank app and how the platform behaves."""
    state = _state(request)
    faults = "".join(
        f'<option value="{fault.value}"{" selected" if fault is state.fault else ""}>{fault.value or "bình thường"}</option>'
        for fault in Fault
    )
    rows = "".join(
        f"<li>{escape(deal.reference)}: {deal.amount} đồng, trạng thái {deal.state}</li>"
        for deal in state.deals.values()
    )
    root = request.scope.get("root_path", "")
    body = (
        f'<h2>Chuyển khoản như một ứng dụng ngân hàng</h2><form method="post" action="{root}/bank">'
        '<p><label>Nội dung mã QR <input name="qr" size="60"></label></p>'
        '<p>hoặc <label>số tài khoản <input name="account"></label> <label>số tiền <input name="amount"></label> '
        '<label>nội dung <input name="text"></label></p><button>Chuyển</button></form>'
        f'<h2>Nền tảng</h2><ul>{rows}</ul><form method="post" action="{root}/admin"><label>Lỗi '
        f'<select name="fault">{faults}</select></label> <label><input type="checkbox" name="flush" value="1"> gửi bản tin '
        f'đang giữ</label> <button>Đặt</button></form><p><a href="{root}/bank/statement">Sao kê (CSV)</a></p>'
    )
    return HTMLResponse(_page("Nền tảng thanh toán và ngân hàng giả lập", body))


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/identity/style.css"></head><body><header><strong>Ngân hàng Thử nghiệm</strong>'
        "<p>Giả lập; không có tiền thật.</p></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
