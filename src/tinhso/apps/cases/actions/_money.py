"""What a case owes, and what follows when it is paid or when the case ends."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._charging import MOST_VND, raise_duty, raise_for, subject_of
from tinhso.apps.cases.actions._clock import finish_duty
from tinhso.apps.cases.actions._common import lock_case
from tinhso.apps.cases.data import CaseOwesNothing, ClockNotStopped
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.cases.events import FeeAssessed
from tinhso.apps.payments import actions as payments
from tinhso.apps.payments import queries as orders
from tinhso.apps.payments.data import OrderLine
from tinhso.apps.payments.enums import Occasion, OrderStatus, RefundReason
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.lib.amounts import dong

_MOST_PIECES = 100_000
_OPEN = (OrderStatus.DUE, OrderStatus.PARTLY_PAID)


@action
def assess_fee(
    *, case_id: int, name: str, price_vnd: int, quantity: int = 1, basis: str, reason: str = "", actor: Actor, at: datetime
) -> int:  # fmt: skip
    """Xác định khoản thu sau khi xem xét hồ sơ, such as a fee by the real volume; the applicant gets an order of its own.

    What is owed is `price_vnd` times `quantity`; `reason` says in words why, `basis` names the article.

    Raises:
        CaseOwesNothing: the case has ended, or has no code yet.
        Invalid: no name, no article, or not a sum.
    """
    case = lock_case(case_id)
    require(permissions.can_suspend(actor, case))
    if case.code is None or case.closed_at is not None:
        raise CaseOwesNothing
    if not name.strip() or not basis.strip():
        raise Invalid("Mời ghi tên khoản thu và căn cứ: điều, khoản, văn bản.")
    if not (0 < quantity <= _MOST_PIECES and price_vnd > 0 and price_vnd * quantity <= MOST_VND):
        raise Invalid(f"Mức thu và số lượng phải lớn hơn 0, cả khoản không quá {dong(MOST_VND)}.")
    amount_vnd, why = price_vnd * quantity, reason.strip()[:300]
    words = ["Do cơ quan xác định khi giải quyết hồ sơ", f"{dong(price_vnd)} × {quantity}" if quantity > 1 else "", why]
    line = OrderLine(
        name=name.strip()[:200], amount_vnd=amount_vnd, basis=basis.strip()[:300], words=". ".join(filter(None, words))
    )  # fmt: skip
    order_id = raise_for(case, Occasion.ASSESSED, [line], number=None, actor=actor, at=at)
    assert order_id is not None  # noqa: S101 - the sum is above zero
    event = FeeAssessed(
        case_id=case.pk, order_id=order_id, name=line.name, amount_vnd=amount_vnd, basis=line.basis, reason=why
    )
    record(event, subject=case, actor=actor, at=at)
    return order_id


@action
def note_duty(*, case_id: int, name: str, amount_vnd: int, notice: str, actor: Actor, at: datetime) -> None:
    """Ghi thông báo nộp tiền của cơ quan thuế: the applicant pays it here, and when every notice is paid the duty ends.

    Raises:
        ClockNotStopped: the case does not wait for a financial duty.
        Invalid: no name, no number of the notice, or not a sum.
    """
    case = lock_case(case_id)
    require(permissions.can_suspend(actor, case))
    if case.status != CaseStatus.FINANCIAL_DUTY:
        raise ClockNotStopped("Hồ sơ không chờ nghĩa vụ tài chính.")
    if not name.strip() or not notice.strip():
        raise Invalid("Mời ghi tên khoản và số, ngày thông báo của cơ quan thuế.")
    raise_duty(case, amount_vnd, notice.strip()[:300], name=name.strip()[:200], actor=actor, at=at)


@action
def take_payment_word(*, case_id: int, occasion: str, actor: Actor, at: datetime) -> None:
    """Tiếp tục hồ sơ khi nghĩa vụ tài chính đã nộp đủ; told twice, or after an officer's word, nothing moves again."""
    require(actor.kind is ActorKind.SYSTEM)
    case = lock_case(case_id)
    if occasion != Occasion.DUTY or case.status != CaseStatus.FINANCIAL_DUTY:
        return
    if not any(
        order.occasion == Occasion.DUTY and order.status in _OPEN for order in orders.orders_of(subject_of(case.pk))
    ):
        finish_duty(case, actor=actor, at=at)


@action
def settle_money(*, case_id: int, refund: bool, cause: str, actor: Actor, at: datetime) -> None:
    """Giải quyết tiền khi hồ sơ kết thúc: what is not paid is not owed; what was paid goes back where so decided."""
    require(actor.kind is ActorKind.SYSTEM)
    case = lock_case(case_id)
    for order in orders.orders_of(subject_of(case.pk)):
        if order.status in _OPEN:
            payments.cancel_order(order_id=order.id, reason=cause, actor=actor, at=at)
        if refund and order.paid_vnd > order.refunded_vnd:
            payments.refund_order(
                order_id=order.id, reason=RefundReason.WITHDRAWN, note=cause, cause=cause, actor=actor, at=at
            )
