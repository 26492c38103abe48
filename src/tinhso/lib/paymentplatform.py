"""Messages of the national payment platform, version 1.0.6: which values the check code of each covers, and in what order."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

VERSION = "1.0.6"
STAMP = "%Y%m%d%H%M%S"  # the hour counts to 24
OK = "00"
_COVERED = {
    "INIT": (
        "LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "SoTien", "LoaiHinhThanhToan", "MaKenhThanhToan", "MaThietBi",
        "NgonNgu", "MaTienTe", "MaNganHang", "ThongTinGiaoDich", "ThoiGianGD", "Ip",
    ),
    "NOTIFY": (
        "LoaiBanTin", "MaLoi", "MaDoiTac", "MaThamChieu", "SoTien", "MaTienTe", "MaGiaoDich", "MaNganHang", "ThoiGianGD",
        "ThongTinGiaoDich",
    ),
    "QUERY": ("LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD"),
    "GET_BILL": ("LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD"),
    # The published text does not say how the answer to NOTIFY is coded: its values in the order they are named.
    "NOTIFY_REPLY": ("MaLoi", "MoTaLoi", "MaDoiTac", "MaThamChieu", "ThoiGianGD"),
}  # fmt: skip


def check_code(kind: str, message: Mapping[str, object], secret: str) -> str:
    """`MaXacThuc`: SHA-256 in hexadecimal of the covered values and the secret, joined by `|`."""
    values = [str(message.get(name, "")) for name in _COVERED[kind]]
    return sha256("|".join([*values, secret]).encode()).hexdigest()


def with_code(kind: str, message: Mapping[str, object], secret: str) -> dict[str, object]:
    """The message with its check code."""
    return {**message, "MaXacThuc": check_code(kind, message, secret)}


def is_authentic(kind: str, message: Mapping[str, object], secret: str) -> bool:
    """Whether the check code is right, compared in constant time; never with an empty secret."""
    given = str(message.get("MaXacThuc", ""))
    return bool(secret) and hmac.compare_digest(given.encode(), check_code(kind, message, secret).encode())
