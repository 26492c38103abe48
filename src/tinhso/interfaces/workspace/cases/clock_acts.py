"""Acts on the clock of a case, posted from its page: stop, go on, a financial duty, an apology (đồng hồ hồ sơ)."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any, Protocol

from tinhso.apps.cases import actions
from tinhso.interfaces.ui.formats import format_datetime
from tinhso.interfaces.workspace.requests import parse_day
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid


class Sent(Protocol):
    """A posted act."""

    @property
    def case(self) -> Any: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def at(self) -> datetime: ...
    def text(self, name: str) -> str: ...


def _suspend(sent: Sent) -> str:
    actions.suspend_clock(
        case_id=sent.case.pk, reason=sent.text("_pause"), basis=sent.text("_basis"), note=sent.text("_note"),
        expected_until=_day(sent.text("_until")), actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return "Đã tạm dừng thời hạn. Ngày hẹn được tính lại khi hết tạm dừng."


def _resume(sent: Sent) -> str:
    case = actions.resume_clock(case_id=sent.case.pk, reason=sent.text("_pause"), actor=sent.actor, at=sent.at)
    return _said(case, "Thời hạn tính tiếp")


def _duty(sent: Sent) -> str:
    actions.begin_financial_duty(
        case_id=sent.case.pk, basis=sent.text("_basis"), note=sent.text("_note"), actor=sent.actor, at=sent.at
    )
    return "Đã chuyển nghĩa vụ tài chính; thời hạn dừng đến khi có xác nhận đã nộp."


def _duty_paid(sent: Sent) -> str:
    return _said(
        actions.end_financial_duty(case_id=sent.case.pk, actor=sent.actor, at=sent.at),
        "Đã ghi nhận nghĩa vụ tài chính",
    )


def _extend(sent: Sent) -> str:
    days = sent.text("_days")
    extension = actions.extend_deadline(
        case_id=sent.case.pk, working_days=int(days) if days.isdecimal() and len(days) < 4 else 0,
        reason=sent.text("_reason"), basis=sent.text("_basis"), actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return f"Đã hẹn lại {format_datetime(extension.new_due_at)}. Phiếu xin lỗi được lập và gửi người nộp."


def _said(case: Any, words: str) -> str:
    return f"{words}, hẹn trả {format_datetime(case.due_at)}." if case.due_at else f"{words}; còn dừng vì lý do khác."


def _day(text: str) -> datetime | None:
    """The end of a day as it is typed."""
    if not text:
        return None
    try:
        return datetime.combine(parse_day(text), time(17), PROVINCE_TIME)
    except ValueError:
        raise Invalid("Ngày dự kiến hết tạm dừng không đúng.") from None


HANDLERS: dict[str, Callable[[Any], str]] = {
    "suspend": _suspend,
    "resume": _resume,
    "duty": _duty,
    "duty-paid": _duty_paid,
    "extend": _extend,
}
