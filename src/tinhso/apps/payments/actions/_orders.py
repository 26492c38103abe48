"""Raising and cancelling what is owed."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from tinhso.apps.audit.actions import record
from tinhso.apps.payments import queries, rules
from tinhso.apps.payments.actions._ledger import post
from tinhso.apps.payments.data import OrderLine, OrderNotFound, Posting
from tinhso.apps.payments.enums import EntryKind, OrderStatus
from tinhso.apps.payments.events import OrderCancelled, OrderRaised
from tinhso.apps.payments.models import PaymentOrder
from tinhso.kernel.actions import action
from tinhso.kernel.actor import Actor
from tinhso.kernel.prepared import Prepared

_LOCKED = Prepared(lambda order_id: PaymentOrder.objects.select_for_update().filter(pk=order_id), order_id=int)
_NUMBERED = Prepared(
    lambda subject, occasion, number: (
        PaymentOrder.objects.filter(subject=subject, occasion=occasion, number=number).values_list("pk", flat=True)[:1]
    ),
    subject=str, occasion=str, number=int,
)  # fmt: skip


@action(inner=True)
def raise_order(
    *, subject: str, case_code: str, occasion: str, unit_id: int, desk_id: int | None, lines: Sequence[OrderLine],
    payer_name: str, payer_personal_id: str = "", payer_address: str = "", account_id: int | None = None,
    procedure_code: str = "", procedure_name: str = "", number: int | None = None, actor: Actor, at: datetime,
) -> int | None:  # fmt: skip
    """Lập khoản phải nộp của một hồ sơ. Returns its number, None where the lines come to nothing.

    With `number` given it is raised once: an order of that number that exists already is returned as it is.
    """
    amount = sum(line.amount_vnd for line in lines)
    if amount <= 0:
        return None
    if number is not None:
        existing = _NUMBERED.first(subject=subject, occasion=occasion, number=number)
        if existing is not None:
            return existing
    else:
        known = PaymentOrder.objects.filter(subject=subject, occasion=occasion)
        number = (known.aggregate(latest=Max("number"))["latest"] or 0) + 1
    account = queries.account_of_unit(unit_id)
    order = PaymentOrder.objects.create(
        subject=subject, case_code=case_code, match_code=rules.bare(case_code), occasion=occasion, number=number,
        unit_id=unit_id, desk_id=desk_id, account=account.key if account else "",
        procedure_code=procedure_code, procedure_name=procedure_name[:500], lines=[line.as_json() for line in lines],
        amount_vnd=amount, payer_name=payer_name[:200], payer_personal_id=payer_personal_id,
        payer_address=payer_address[:300], account_id=account_id, raised_at=at,
    )  # fmt: skip
    post(
        key=f"order:{order.pk}", kind=EntryKind.ORDER, unit_id=unit_id, note=case_code, actor=actor, at=at,
        postings=[
            Posting(rules.receivable(unit_id), amount, order.pk), Posting(rules.revenue(unit_id), -amount, order.pk)
        ],
    )  # fmt: skip
    event = OrderRaised(order_id=order.pk, subject=subject, occasion=occasion, amount_vnd=amount)
    record(event, subject=order, actor=actor, at=at)
    return order.pk


@action(inner=True)
def cancel_order(*, order_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Hủy phần chưa nộp của một khoản phải nộp; what was paid stays, and goes back only by a refund.

    An order that is paid or cancelled already stays as it is.
    """
    order = lock_order(order_id)
    left = order.amount_vnd - order.paid_vnd
    if order.status not in {OrderStatus.DUE, OrderStatus.PARTLY_PAID} or left <= 0:
        return
    order.status, order.cancelled_at = OrderStatus.CANCELLED, at
    order.save(update_fields=["status", "cancelled_at"])
    unit_id = order.unit_id
    post(
        key=f"order:{order.pk}:cancel", kind=EntryKind.CANCEL, unit_id=unit_id, note=order.case_code, actor=actor, at=at,
        postings=[
            Posting(rules.revenue(unit_id), left, order.pk), Posting(rules.receivable(unit_id), -left, order.pk)
        ],
    )  # fmt: skip
    event = OrderCancelled(order_id=order.pk, subject=order.subject, reason=reason)
    record(event, subject=order, actor=actor, at=at)


def lock_order(order_id: int) -> PaymentOrder:
    """The order, locked for the rest of the transaction.

    Raises:
        OrderNotFound: there is none.
    """
    order = _LOCKED.first(order_id=order_id)
    if order is None:
        raise OrderNotFound
    return order
