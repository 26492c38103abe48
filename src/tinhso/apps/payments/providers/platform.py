"""PaymentPlatform of the national portal, messages 1.0.6: INIT, QUERY, GET_BILL; NOTIFY comes to our own address.

The daily report is not part of 1.0.6: what the platform's operator hands over as a file, the simulator answers at
`/report`.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings

from tinhso.apps.payments.data import Answer, CollectingAccount, ProviderUnavailable, ReportLine, StartRequest
from tinhso.apps.payments.enums import AnswerState
from tinhso.kernel.outbound import trusted
from tinhso.lib.jsontext import read_json
from tinhso.lib.paymentplatform import STAMP, VERSION, with_code
from tinhso.lib.text import whole_number

PROVINCE = ZoneInfo("Asia/Ho_Chi_Minh")
_SECONDS = 10.0
_STATES = {"1": AnswerState.PAID, "3": AnswerState.PENDING, "4": AnswerState.FAILED}
_LONGEST_NAME = 250
_MOST_BYTES = 5_000_000


class NationalPlatform:
    """The adapter."""

    def start(self, request: StartRequest, *, at: datetime) -> str:
        """INIT; the address of the platform's page."""
        found = self._call("/init", init_message(request, at=at))
        url = str(found.get("UrlThanhToan", ""))
        if not url.startswith(("https://", "http://")):
            raise ProviderUnavailable
        return url

    def ask(self, reference: str, account: CollectingAccount, *, at: datetime) -> Answer:
        """QUERY. What the platform does not know yet may still be on its way."""
        message = _asking("QUERY", reference, account, at)
        found = self._call("/query", message)
        state = _STATES.get(str(found.get("TrangThaiGD", "")), AnswerState.UNKNOWN)
        amount = str(found.get("SoTien") or "")
        return Answer(
            state=state,
            external_id=str(found.get("MaGiaoDich") or ""),
            amount_vnd=whole_number(amount, digits=15),
            paid_at=read_stamp(found.get("ThoiGianGD")),
            note=str(found.get("MoTaLoi") or "")[:200],
        )

    def bill(self, reference: str, account: CollectingAccount, *, at: datetime) -> bytes:
        """GET_BILL: the platform's own paper about a payment (PDF); whatever else it answers is no paper."""
        paper = self._post("/bill", _asking("GET_BILL", reference, account, at)).content
        if not paper.startswith(b"%PDF-") or len(paper) > _MOST_BYTES:
            raise ProviderUnavailable("Nền tảng thanh toán chưa đưa ra chứng từ của giao dịch này; mời thử lại sau.")
        return paper

    def report(self, account: CollectingAccount, day: date) -> list[ReportLine]:
        """The transactions of a day, as the platform's operator lists them."""
        message = {"MaDoiTac": account.partner, "Ngay": f"{day:%Y%m%d}"}
        found = self._call("/report", message).get("GiaoDich")
        return read_report(found)

    def _call(self, path: str, message: dict[str, Any]) -> dict[str, Any]:
        try:
            envelope = self._post(path, message).json()
            if str(envelope["error_code"]) != "0":
                raise ProviderUnavailable
            found = read_json(envelope["message"])
        except (ValueError, KeyError, TypeError) as error:
            raise ProviderUnavailable from error
        if not isinstance(found, dict):
            raise ProviderUnavailable
        return found

    def _post(self, path: str, message: dict[str, Any]) -> httpx.Response:
        known = settings.PAYMENT_PLATFORM
        if not known["secret"]:
            raise ProviderUnavailable("Nền tảng thanh toán chưa được cấu hình.")
        headers = {"Authorization": f"Bearer {known['token']}"}
        try:
            answer = httpx.post(
                known["url"] + path, json=message, headers=headers, timeout=_SECONDS, trust_env=False, verify=trusted()
            )
            return answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ProviderUnavailable from error


def init_message(request: StartRequest, *, at: datetime) -> dict[str, Any]:
    """INIT with its check code and what a receipt needs."""
    return with_code(
        "INIT",
        {
            "LoaiBanTin": "INIT", "PhienBan": VERSION, "MaDoiTac": request.account.partner,
            "MaThamChieu": request.reference, "SoTien": str(request.amount_vnd), "LoaiHinhThanhToan": "PAY",
            "MaKenhThanhToan": "1", "MaThietBi": "1", "NgonNgu": "vi-VN", "MaTienTe": "VND", "MaNganHang": "PAYMENT",
            "ThongTinGiaoDich": f"Thanh toan phi le phi ho so {request.case_code}", "ThoiGianGD": stamp(at), "Ip": request.ip,
            "UrlTraVe": request.return_url, "ThongTinBienLai": _receipt_facts(request),
        },
        settings.PAYMENT_PLATFORM["secret"],
    )  # fmt: skip


def _receipt_facts(request: StartRequest) -> dict[str, Any]:
    kinds = {"fee": "1", "charge": "2"}
    return {
        "MaDichVu": "2", "MaDVC": f"{request.procedure_code}.01", "TenDVC": request.procedure_name[:_LONGEST_NAME],
        "MaTTHC": request.procedure_code, "TenTTHC": request.procedure_name[:_LONGEST_NAME],
        "MaDonVi": request.unit_code, "TenDonVi": request.unit_name, "MaHoSo": request.case_code,
        "TKThuHuong": request.account.number, "MaNHThuHuong": request.account.bank_code,
        "TenTKThuHuong": request.account.name, "NoiDungThanhToan": f"Phí, lệ phí hồ sơ {request.case_code}",
        "HoTenNguoiNop": request.payer_name, "SoCMNDNguoiNop": request.payer_personal_id,
        "DiaChiNguoiNop": request.payer_address, "HuyenNguoiNop": "", "TinhNguoiNop": "",
        "PhiLePhi": [
            {"LoaiPhiLePhi": kinds.get(line.kind, "1"), "MaPhiLePhi": line.key or f"KT{number:02d}",
             "TenPhiLePhi": line.name, "SoTien": str(line.amount_vnd)}
            for number, line in enumerate(request.lines, 1)
        ],
        "DSKhoanNop": [{"NoiDung": line.name, "SoTien": str(line.amount_vnd)} for line in request.lines],
    }  # fmt: skip


def _asking(kind: str, reference: str, account: CollectingAccount, at: datetime) -> dict[str, Any]:
    message = {
        "LoaiBanTin": kind, "PhienBan": VERSION, "MaDoiTac": account.partner, "MaThamChieu": reference,
        "ThoiGianGD": stamp(at),
    }  # fmt: skip
    return with_code(kind, message, settings.PAYMENT_PLATFORM["secret"])


def stamp(at: datetime) -> str:
    """An instant on the wire: the province's time, hours to 24."""
    return at.astimezone(PROVINCE).strftime(STAMP)


def read_stamp(value: object) -> datetime | None:
    """An instant from the wire, None when it is none."""
    try:
        return datetime.strptime(str(value), STAMP).replace(tzinfo=PROVINCE)
    except ValueError:
        return None


def read_report(value: object) -> list[ReportLine]:
    """The lines of a day's report.

    Raises:
        ProviderUnavailable: it cannot be read; half a report would make false differences.
    """
    try:
        return [
            ReportLine(
                str(line["MaGiaoDich"]), str(line["MaThamChieu"]), int(line["SoTien"]),
                datetime.strptime(str(line["ThoiGianGD"]), STAMP).replace(tzinfo=PROVINCE),
            )
            for line in value or []  # type: ignore[attr-defined]  # whatever it is, it is read or refused
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnavailable("Không đọc được báo cáo giao dịch trong ngày.") from error
