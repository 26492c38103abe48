"""What a case owes becomes an order of payments."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases.events import DutyNoticed
from tinhso.apps.cases.models import Case
from tinhso.apps.payments import actions as payments
from tinhso.apps.payments import queries as orders
from tinhso.apps.payments.data import OrderLine
from tinhso.apps.payments.enums import Occasion, OrderStatus
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid

MOST_VND = 10**12


def subject_of(case_id: int) -> str:
    """The stream payments know a case by."""
    return f"case:{case_id}"


def raise_fees(case: Case, *, actor: Actor, at: datetime) -> None:
    """Put the fees of a case with a code into one order; asked again, the order stays the one it is."""
    if case.fee_vnd and case.code:
        lines = [
            OrderLine(
                name=line["name"], amount_vnd=line["amount_vnd"], kind=line.get("kind", "fee"), key=line.get("key", ""),
                basis=line.get("basis", ""), words=line.get("words", ""),
            )
            for line in case.fees
        ]  # fmt: skip
        raise_for(case, Occasion.FEES, lines, number=1, actor=actor, at=at)


def raise_for(
    case: Case, occasion: Occasion, lines: list[OrderLine], *, number: int | None, actor: Actor, at: datetime
) -> int | None:
    """An order for a case with a code and a unit, owed by its applicant."""
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit (database constraint)
    address = case.applicant.get("address")
    return payments.raise_order(
        subject=subject_of(case.pk), case_code=case.code or "", occasion=occasion, unit_id=case.unit_id,
        desk_id=case.intake_unit_id, lines=lines, number=number, payer_name=case.applicant_name,
        payer_personal_id=case.applicant_personal_id,
        payer_address=str(address.get("detail", "")) if isinstance(address, dict) else "",
        account_id=case.account_id, procedure_code=case.procedure_code, procedure_name=case.procedure_name,
        actor=actor, at=at,
    )  # fmt: skip


def raise_duty(
    case: Case, amount_vnd: int, basis: str, *, name: str = "Nghĩa vụ tài chính", actor: Actor, at: datetime
) -> None:
    """A financial duty of a case as an order, payable here.

    Raises:
        Invalid: not a sum.
    """
    if not 0 < amount_vnd <= MOST_VND:
        raise Invalid("Số tiền phải là số đồng lớn hơn 0.")
    line = OrderLine(name=name, amount_vnd=amount_vnd, basis=basis, words="Theo thông báo của cơ quan thuế")
    raise_for(case, Occasion.DUTY, [line], number=None, actor=actor, at=at)
    event = DutyNoticed(case_id=case.pk, name=name, amount_vnd=amount_vnd, notice=basis)
    record(event, subject=case, actor=actor, at=at)


def drop_duty(case: Case, *, actor: Actor, at: datetime) -> None:
    """An officer has seen that the duty was paid elsewhere: here it is owed no more."""
    for order in orders.orders_of(subject_of(case.pk)):
        if order.occasion == Occasion.DUTY and order.status in {OrderStatus.DUE, OrderStatus.PARTLY_PAID}:
            payments.cancel_order(order_id=order.id, reason="Đã nộp ở nơi khác", actor=actor, at=at)
