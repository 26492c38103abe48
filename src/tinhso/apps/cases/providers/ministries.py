"""The ministries' systems that run legs of linked cases (hệ thống của bộ): hand over, ask, withdraw.

The words on the wire are those of the ministries' newer interface (token, NoiHoSo, TraCuuHoSo, CapNhatTrangThai) with the
ten national status codes; instants are `yyyyMMddHHmmss` in Vietnam's time. The authoritative specification of 2026 is not
public; what differs in it differs here and nowhere else.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings

from tinhso.kernel.errors import DomainError, Unavailable
from tinhso.kernel.outbound import trusted

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_STAMP = "%Y%m%d%H%M%S"
_SECONDS = 10.0
_OK = {"0", "00"}


class MinistryUnavailable(Unavailable):
    """Hệ thống của bộ không trả lời được lúc này; sẽ thử lại."""


class MinistryRefused(DomainError):
    """Hệ thống của bộ không nhận thông điệp này."""

    status = 502


@dataclass(frozen=True, slots=True)
class ReportData:
    """What a system says of one of its cases."""

    national_status: int
    reported_at: datetime | None
    taken_at: datetime | None
    finished_at: datetime | None
    note: str
    result_name: str
    result_number: str
    result_fields: dict[str, Any] = field(default_factory=dict)
    file_name: str = ""
    content: bytes = b""


def hand_over(system: str, *, reference: str, message: Mapping[str, Any]) -> str:
    """Hand a leg over; the same `reference` sent again is the same case there. Returns the code the system gave.

    Raises:
        MinistryUnavailable: try again later.
        MinistryRefused: with the system's own sentence.
    """
    answer = _call(system, "POST", "NoiHoSo", body={"MaThamChieu": reference, **message})
    return str(answer["MaHoSo"])


def ask(system: str, code: str) -> ReportData:
    """How far a case is.

    Raises:
        MinistryUnavailable, MinistryRefused: as `hand_over`.
    """
    found = _call(system, "GET", "TraCuuHoSo", query={"MaHoSo": code})
    result = found.get("KetQua") or {}
    paper = result.get("TepTin") or {}
    return ReportData(
        national_status=int(found["TrangThaiHoSo"]),
        reported_at=_instant(found.get("ThoiDiemCapNhat")),
        taken_at=_instant(found.get("NgayTiepNhan")),
        finished_at=_instant(found.get("NgayKetThucXuLy")),
        note=str(found.get("NoiDung") or "")[:2000],
        result_name=str(result.get("TenGiayTo") or ""),
        result_number=str(result.get("SoKyHieu") or ""),
        result_fields=dict(result.get("DuLieu") or {}),
        file_name=str(paper.get("TenTep") or ""),
        content=base64.b64decode(paper.get("NoiDung") or ""),
    )


def withdraw(system: str, code: str, *, reason: str) -> None:
    """Tell a system that the applicant withdraws (trạng thái 7).

    Raises:
        MinistryUnavailable, MinistryRefused: as `hand_over`.
    """
    _call(system, "POST", "CapNhatTrangThai", body={"MaHoSo": code, "TrangThai": 7, "NoiDung": reason})


def name_of(system: str) -> str:
    """What people call a system."""
    known = settings.LINKED_SYSTEMS.get(system)
    return str(known["name"]) if known else system


def stamp(at: datetime) -> str:
    """An instant as it goes over the wire."""
    return at.astimezone(ZONE).strftime(_STAMP)


def _call(
    system: str,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    known = settings.LINKED_SYSTEMS.get(system)
    if known is None:
        raise MinistryRefused(f"Chưa khai báo kết nối với hệ thống «{system}».")
    try:
        with httpx.Client(base_url=known["url"], timeout=_SECONDS, trust_env=False, verify=trusted()) as client:
            token = client.post("/token", data={"client_id": known["client_id"], "client_secret": known["secret"]})
            token.raise_for_status()
            headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
            answer = client.request(method, f"/{path}", json=body, params=query, headers=headers)
            answer.raise_for_status()
            found = answer.json()
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise MinistryUnavailable(f"{known['name']} không trả lời được lúc này; sẽ thử lại.") from error
    if not isinstance(found, dict) or str(found.get("MaLoi", "")) not in _OK:
        said = str(found.get("MoTaLoi", "")) if isinstance(found, dict) else ""
        raise MinistryRefused(said or f"{known['name']} không nhận thông điệp này.")
    return found


def _instant(text: Any) -> datetime | None:
    return datetime.strptime(str(text), _STAMP).replace(tzinfo=ZONE) if text else None
