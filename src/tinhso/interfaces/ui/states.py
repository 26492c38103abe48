"""The few states people see of a case, with their colour and shape (trạng thái hồ sơ hiện cho người dùng)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublicState:
    """Name, tone and shape of one public state."""

    label: str
    tone: str
    icon: str


STATES = {
    "draft": PublicState("Đang soạn", "mute", "pencil"),
    "waiting": PublicState("Chờ tiếp nhận", "info", "inbox"),
    "processing": PublicState("Đang xử lý", "ok", "arrow-right-circle"),
    "supplement": PublicState("Chờ bổ sung", "soon", "pause-circle"),
    "fee": PublicState("Chờ nộp phí", "soon", "cash-coin"),
    "ready": PublicState("Đã có kết quả", "ok", "file-earmark-check"),
    "delivered": PublicState("Đã trả", "mute", "check2-all"),
    "refused": PublicState("Từ chối", "late", "x-octagon"),
    "withdrawn": PublicState("Đã rút", "mute", "arrow-counterclockwise"),
    "stopped": PublicState("Dừng", "mute", "stop-circle"),
}
_BY_LABEL = {state.label: state for state in STATES.values()}


def public_state(status: str) -> PublicState:
    """The public state of a stored code or of its Vietnamese name; an unknown one is shown as it is, without colour."""
    code = str(status)
    return STATES.get(code) or _BY_LABEL.get(code) or PublicState(code, "mute", "dash-circle")
