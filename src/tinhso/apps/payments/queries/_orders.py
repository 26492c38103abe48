"""Reading orders. Who asks has been judged by the case the order is for."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q

from tinhso.apps.payments.data import MoneyData, OrderData, OrderLine, OrderNotFound
from tinhso.apps.payments.models import Payment, PaymentOrder
from tinhso.kernel.prepared import Prepared

_BY_ID = Prepared(lambda order_id: PaymentOrder.objects.filter(pk=order_id), order_id=int)
_OF_SUBJECT = Prepared(lambda subject: PaymentOrder.objects.filter(subject=subject).order_by("pk"), subject=str)


def orders_of(subject: str) -> list[OrderData]:
    """The orders of a case, oldest first (các khoản phải nộp)."""
    return [as_data(order) for order in _OF_SUBJECT.all(subject=subject)]


def get_order(order_id: int) -> OrderData:
    """One order (khoản phải nộp).

    Raises:
        OrderNotFound: there is none.
    """
    order = _BY_ID.first(order_id=order_id)
    if order is None:
        raise OrderNotFound
    return as_data(order)


def orders_by_id(order_ids: Iterable[int]) -> dict[int, OrderData]:
    """These orders by number, by one question; those that are none are left out."""
    return {row.pk: as_data(row) for row in PaymentOrder.objects.filter(pk__in=list(order_ids))}


def money_of(order_id: int) -> list[MoneyData]:
    """The money that came for an order, as it is booked now, oldest first (tiền đã về)."""
    rows = Payment.objects.filter(order_id=order_id).order_by("pk")
    return [MoneyData(row.pk, row.provider, row.amount_vnd, row.paid_at) for row in rows]


def orders_paid(
    *, unit_ids: Collection[int], since: datetime, until: datetime, also: Collection[int] = ()
) -> list[OrderData]:
    """Orders of units first paid in full in a span, and those of `also`, oldest first. The caller has checked the right."""
    wanted = Q(unit_id__in=unit_ids, paid_at__gte=since, paid_at__lt=until) | Q(pk__in=also)
    return [as_data(order) for order in PaymentOrder.objects.filter(wanted).order_by("pk")]


def as_data(order: PaymentOrder) -> OrderData:
    """The row as a value."""
    return OrderData(
        id=order.pk, subject=order.subject, case_code=order.case_code, occasion=order.occasion, unit_id=order.unit_id,
        account=order.account, lines=tuple(OrderLine(**line) for line in order.lines), amount_vnd=order.amount_vnd,
        paid_vnd=order.paid_vnd, refunded_vnd=order.refunded_vnd, status=order.status, payer_name=order.payer_name,
        payer_personal_id=order.payer_personal_id, payer_address=order.payer_address, raised_at=order.raised_at,
        paid_at=order.paid_at, paid_by=order.paid_by,
    )  # fmt: skip
