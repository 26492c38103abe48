"""What a tester can make the simulator do wrong, and how each wrong thing looks on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """One misbehaviour at a time."""

    NONE = ""
    DOWN = "down"
    TOKEN_DOWN = "token_down"  # noqa: S105 - the name of a fault
    USERINFO_DOWN = "userinfo_down"
    USERINFO_NOT_JSON = "userinfo_not_json"
    NO_PERSONAL_ID = "no_personal_id"
    NO_KEYS_AT_ALL = "no_keys_at_all"
    ONLY_KEYS = "only_keys"
    WRONG_PERSONAL_ID = "wrong_personal_id"
    OTHER_PERSONAL_ID = "other_personal_id"
    LEVEL_ONE = "level_one"
    NO_LEVEL = "no_level"
    NO_ID_TOKEN = "no_id_token"  # noqa: S105 - the name of a fault
    WRONG_NONCE = "wrong_nonce"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_SIGNATURE = "wrong_signature"
    OTHER_SUBJECT = "other_subject"


LABELS = {
    Fault.NONE: "Hoạt động bình thường",
    Fault.DOWN: "Ngừng hẳn: mọi địa chỉ trả 503",
    Fault.TOKEN_DOWN: "Không đổi được mã lấy token (503)",
    Fault.USERINFO_DOWN: "Không lấy được thông tin người dùng (503)",
    Fault.USERINFO_NOT_JSON: "Thông tin người dùng là trang HTML",
    Fault.NO_PERSONAL_ID: "Thiếu số định danh",
    Fault.NO_KEYS_AT_ALL: "Thiếu số định danh, mã doanh nghiệp và TechID",
    Fault.ONLY_KEYS: "Chỉ có số định danh và TechID, thiếu mọi thông tin khác",
    Fault.WRONG_PERSONAL_ID: "Số định danh sai cấu trúc",
    Fault.OTHER_PERSONAL_ID: "Cùng TechID nhưng số định danh của người khác",
    Fault.LEVEL_ONE: "Tài khoản chỉ đạt mức độ 1",
    Fault.NO_LEVEL: "Không nêu mức độ",
    Fault.NO_ID_TOKEN: "Không có id_token",
    Fault.WRONG_NONCE: "id_token mang nonce của lần đăng nhập khác",
    Fault.WRONG_AUDIENCE: "id_token cấp cho hệ thống khác",
    Fault.WRONG_SIGNATURE: "id_token ký bằng khóa lạ",
    Fault.OTHER_SUBJECT: "id_token và thông tin người dùng nói về hai người",
}

_KEPT_BY_ONLY_KEYS = {"sub", "TechID", "SoDinhDanh", "MaSoDoanhNghiep", "LoaiTaiKhoan"}
_LEVELS = {"loAs", "IAL"}

_CLAIM_CHANGES: dict[Fault, Callable[[dict[str, Any]], dict[str, Any]]] = {
    Fault.NO_PERSONAL_ID: lambda c: _without(c, {"SoDinhDanh"}),
    Fault.NO_KEYS_AT_ALL: lambda c: _without(c, {"SoDinhDanh", "MaSoDoanhNghiep", "MaSoThue", "TechID", "sub"}),
    Fault.ONLY_KEYS: lambda c: _without(c, set(c) - _KEPT_BY_ONLY_KEYS),
    Fault.WRONG_PERSONAL_ID: lambda c: c | {"SoDinhDanh": "12345"},
    Fault.OTHER_PERSONAL_ID: lambda c: c | {"SoDinhDanh": "079090999999"},
    Fault.LEVEL_ONE: lambda c: c | dict.fromkeys(_LEVELS, "1"),
    Fault.NO_LEVEL: lambda c: _without(c, _LEVELS),
}


def _without(claims: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in names}


@dataclass(slots=True)
class Behaviour:
    """How the simulator behaves now; the tester's page changes it."""

    fault: Fault = Fault.NONE
    delay_seconds: float = 0.0

    def change_claims(self, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims as this behaviour lets them out."""
        change = _CLAIM_CHANGES.get(self.fault)
        return change(claims) if change else claims
