"""Every simulator in one ASGI application, served on the port after the product's (`TINHSO_PORT` + 1).

One process with one worker: what the simulators remember is in memory.
"""

import os
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from tinhso.simulators import (
    business,
    catalogues,
    civil_status,
    criminal_records,
    identity,
    insurance,
    land,
    messaging,
    ministries,
    national_portal,
    payment,
    population,
    post,
    receipts,
    signing,
    trust,
    vxp,
)
from tinhso.simulators.descriptions import described

SIMULATORS = {
    "/business": ("Đăng ký doanh nghiệp", "Chi tiết doanh nghiệp, hộ kinh doanh theo mã số."),
    "/catalogues": ("Danh mục dùng chung", "Đơn vị hành chính (NGSP), cơ quan, lĩnh vực, thủ tục (Cổng quốc gia)."),
    "/civil-status": ("Hộ tịch", "Nhận hồ sơ liên thông khai sinh, khai tử, kết hôn; quét trạng thái."),
    "/criminal-records": ("Lý lịch tư pháp", "Nhận yêu cầu cấp phiếu, tra cứu kết quả."),
    "/identity": ("Định danh điện tử quốc gia (VNeID)", "Đăng nhập của công dân, doanh nghiệp: OpenID Connect."),
    "/insurance": ("Thẻ bảo hiểm y tế", "Tra cứu thẻ theo số định danh, họ tên, ngày sinh."),
    "/messaging": (
        "Cổng tin nhắn, Zalo, dịch vụ đẩy",
        "Hai cổng SMS, tài khoản Zalo của tỉnh; trang này là điện thoại của người dân.",
    ),
    "/land": ("Đất đai, thông báo thuế", "VBDLIS, ILIS; thông báo và chứng từ nộp tiền về đất."),
    "/ministries": (
        "Hệ thống của các bộ",
        "Nhận và giải quyết các bước của hồ sơ liên thông: tư pháp, công an, bảo hiểm.",
    ),
    "/national-portal": (
        "Cổng Dịch vụ công quốc gia",
        "Nhận đồng bộ hồ sơ, tiến độ của tỉnh; giao hồ sơ nộp tại cổng; hồ sơ của hệ thống bộ.",
    ),
    "/payment": ("Nền tảng thanh toán, ngân hàng", "INIT, NOTIFY, QUERY bản 1.0.6; ứng dụng ngân hàng và sao kê."),
    "/population": ("Cơ sở dữ liệu quốc gia về dân cư", "Tra cứu (SOAP) và xác thực thông tin công dân."),
    "/receipts": (
        "Nhà cung cấp biên lai điện tử",
        "SInvoice (JSON) và VNPT (SOAP): lập, tra, hủy, liệt kê số đã dùng.",
    ),
    "/post": ("Bưu chính", "Đơn hàng chuyển giấy tờ, kết quả; hành trình bưu gửi."),
    "/signing": ("Ký số từ xa", "SmartCA, MySign và giao diện CSC bản 1, 2; trang này là điện thoại của thuê bao."),
    "/vxp": ("Trục liên thông văn bản", "Gói edXML theo SDK và theo kiểu REST của tỉnh; danh bạ cơ quan."),
    "/trust": ("Nơi cấp chứng thư", "CA thử nghiệm, trạng thái chứng thư (OCSP, CRL), dấu thời gian RFC 3161."),
}


async def index(request: Request) -> Response:
    """Which simulators run here."""
    items = "".join(
        f'<li><a href="{path}/">{escape(name)}</a>: {escape(what)} <a href="{path}/openapi.json">OpenAPI</a></li>'
        for path, (name, what) in SIMULATORS.items()
    )
    return HTMLResponse(
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Hệ thống giả lập</title><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/identity/style.css"></head><body>'
        "<header><strong>Các hệ thống quốc gia giả lập</strong>"
        "<p>Chỉ để trình diễn và kiểm thử; mọi dữ liệu là hư cấu và mất khi tắt.</p></header>"
        f"<main><h1>Hệ thống giả lập đang chạy</h1><ul>{items}</ul></main></body></html>"
    )


async def healthz(request: Request) -> Response:
    """For the supervisor."""
    return PlainTextResponse("ok")


def create_app() -> Starlette:
    """All simulators with fresh memory."""
    return Starlette(routes=[Route("/", index), Route("/healthz", healthz), *_mounted()])


def _mounted() -> list[Mount]:
    authority = trust.Authority(f"http://localhost:{int(os.environ.get('TINHSO_PORT') or 8000) + 1}/trust")
    return [
        _described("business", business.create_app()),
        _described("catalogues", catalogues.create_app()),
        _described("civil-status", civil_status.create_app()),
        _described("criminal-records", criminal_records.create_app()),
        _described("identity", identity.create_app()),
        _described("insurance", insurance.create_app()),
        _described("messaging", messaging.create_app()),
        _described("land", land.create_app()),
        _described("ministries", ministries.create_app()),
        _described("national-portal", national_portal.create_app(seeds=national_portal.seeds_file())),
        _described("payment", payment.create_app()),
        _described("population", population.create_app()),
        _described("receipts", receipts.create_app()),
        _described("post", post.create_app()),
        _described("signing", signing.create_app(authority)),
        _described("trust", trust.create_app(authority)),
        _described("vxp", vxp.create_app()),
    ]


def _described(name: str, app: Starlette) -> Mount:
    return Mount(f"/{name}", described(app, name))


application = create_app()
