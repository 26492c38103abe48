"""What people are told about a request to sign."""

import hashlib
from datetime import timedelta

from tinhso.apps.signatures.enums import RequestStatus, ServiceKind

MOST_IN_A_ROUND = 200
LIFE_SECONDS = 900
PLUGIN_LIFE_SECONDS = 86_400
# Sending a round takes a call or two of fifteen seconds; who has not sent it by then has died.
SEND_LEASE = timedelta(seconds=90)
# The first version of CSC holds the line until the phone has answered; asking again would ask the phone again.
_POLL_SECONDS, _HELD_POLL_SECONDS = 2, 330
LINK_LIFE = timedelta(minutes=15)


def life_seconds(kind: str, options: dict[str, object]) -> int:
    """How long a request may wait: the service's own word, else a quarter of an hour; a day where a file is carried."""
    told = options.get("life_seconds")
    if isinstance(told, int) and told > 0:
        return told
    return PLUGIN_LIFE_SECONDS if kind == ServiceKind.PLUGIN else LIFE_SECONDS


def poll_lease(kind: str) -> timedelta:
    """How long nobody else asks after somebody began to ask."""
    return timedelta(seconds=_HELD_POLL_SECONDS if kind == ServiceKind.CSC1 else _POLL_SECONDS)


def token_digest(token: str) -> str:
    """What is kept of a one-time link's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def sentence(status: RequestStatus, *, service: str, kind: str, reason: str = "") -> str:
    """One clear sentence for the signer's page."""
    because = f": {reason}" if reason else ""
    match status:
        case RequestStatus.CHOSEN | RequestStatus.PREPARED:
            return f"Đang chuẩn bị gửi tới {service}."
        case RequestStatus.WAITING if kind == ServiceKind.PLUGIN and reason:
            return f"Tệp gửi lại lần trước không được nhận{because}. Văn bản vẫn chờ ký bằng phần mềm trên máy."
        case RequestStatus.WAITING if kind == ServiceKind.PLUGIN:
            return "Chờ bạn ký bằng phần mềm trên máy."
        case RequestStatus.WAITING:
            return f"Chờ bạn xác nhận trên ứng dụng {service}."
        case RequestStatus.SIGNED:
            return f"Đã ký qua {service}."
        case RequestStatus.REFUSED:
            return f"Bạn đã từ chối ký trên {service}{because}. Văn bản chưa được ký; có thể ký lại."
        case RequestStatus.EXPIRED:
            return f"Đã hết thời gian xác nhận trên {service}. Văn bản chưa được ký; có thể ký lại."
        case RequestStatus.CANCELLED:
            return "Đã thôi yêu cầu này để ký cách khác."
    return f"{service} không ký được{because}. Văn bản chưa được ký; có thể ký lại hoặc chọn nơi ký khác."
