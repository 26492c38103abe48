"""Acts on the clock of a case, posted from its page: stop, go on, a financial duty, an apology (đồng hồ hồ sơ)."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any, Protocol

from tinhso.apps.cases import actions
from tinhso.interfaces.ui.formats import format_datetime, format_money
from tinhso.interfaces.workspace.requests import parse_day, typed_money
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import whole_number


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
        case_id=sent.case.pk, basis=sent.text("_basis"), note=sent.text("_note"),
        amount_vnd=typed_money(sent.text("_amount")) if sent.text("_amount") else 0, actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return "Đã chuyển nghĩa vụ tài chính; thời hạn dừng đến khi có xác nhận đã nộp."


def _duty_notice(sent: Sent) -> str:
    amount = typed_money(sent.text("_amount"))
    actions.note_duty(
        case_id=sent.case.pk, name=sent.text("_name"), amount_vnd=amount, notice=sent.text("_notice"), actor=sent.actor,
        at=sent.at,
    )  # fmt: skip
    return f"Đã ghi {format_money(amount)} phải nộp và báo người nộp; nộp đủ thì hồ sơ tự tính tiếp thời hạn."


def _assess(sent: Sent) -> str:
    quantity = whole_number(sent.text("_quantity") or "1", digits=8) or 0
    price = typed_money(sent.text("_price"))
    actions.assess_fee(
        case_id=sent.case.pk, name=sent.text("_name"), price_vnd=price, quantity=quantity,
        basis=sent.text("_basis"), reason=sent.text("_reason"), actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return f"Đã xác định khoản thu {format_money(price * quantity)} và báo người nộp."


def _duty_paid(sent: Sent) -> str:
    return _said(
        actions.end_financial_duty(case_id=sent.case.pk, actor=sent.actor, at=sent.at),
        "Đã ghi nhận nghĩa vụ tài chính",
    )


def _extend(sent: Sent) -> str:
    days = sent.text("_days")
    extension = actions.extend_deadline(
        case_id=sent.case.pk, working_days=whole_number(days, digits=3) or 0,
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
    "duty-notice": _duty_notice,
    "assess": _assess,
    "extend": _extend,
}
