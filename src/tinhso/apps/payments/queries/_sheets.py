"""One order and one shift whole, as an accountant looks through them, and a shift's list on paper."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as documents
from tinhso.apps.payments import permissions, rules
from tinhso.apps.payments.data import OrderNotFound
from tinhso.apps.payments.enums import AttemptStatus, Provider, RefundStatus
from tinhso.apps.payments.models import CashShift, LedgerEntry, Payment, PaymentAttempt, PaymentOrder, Refund
from tinhso.apps.payments.permissions import PaymentPermission
from tinhso.apps.payments.queries._ledger import balance_of
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import NotFound
from tinhso.lib.amounts import dong_in_words

_MOST = 50
_UNDER_WAY = (RefundStatus.PROPOSED, RefundStatus.CHECKED)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an entry, its account also in words."""

    account: str
    words: str
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """Everything about one order: its tries, its money, what goes back, and its entries in the book."""

    order: PaymentOrder
    attempts: list[PaymentAttempt]
    payments: list[Payment]
    refunds: list[Refund]
    book: list[tuple[LedgerEntry, list[Side]]]
    refundable_vnd: int


@dataclass(frozen=True, slots=True)
class ShiftSheet:
    """A shift with what was taken and what was given back in it; sums in whole đồng."""

    shift: CashShift
    payments: list[Payment]
    refunds: list[Refund]
    cash_vnd: int
    card_vnd: int
    refunded_vnd: int
    expected_vnd: int


def order_sheet(*, actor: Actor, order_id: int) -> OrderSheet:
    """One order of the actor's units, whole (khoản phải nộp).

    Raises:
        OrderNotFound: there is none the actor may see.
    """
    units = permissions.units_held(actor, PaymentPermission.VIEW)
    order = PaymentOrder.objects.filter(pk=order_id, unit_id__in=units).first()
    if order is None:
        raise OrderNotFound
    refunds = list(order.refunds.order_by("pk"))
    entries = LedgerEntry.objects.filter(postings__order=order).distinct().prefetch_related("postings").order_by("pk")
    under_way = sum(one.amount_vnd for one in refunds if one.status in _UNDER_WAY)
    return OrderSheet(
        order, list(order.attempts.order_by("pk")), list(order.payments.order_by("pk")), refunds,
        [(entry, _sides(entry)) for entry in entries], max(order.paid_vnd - order.refunded_vnd - under_way, 0),
    )  # fmt: skip


def _sides(entry: LedgerEntry) -> list[Side]:
    return [Side(one.account, rules.account_words(one.account), one.amount_vnd) for one in entry.postings.all()]


def has_bill(attempt: PaymentAttempt) -> bool:
    """Whether the platform has a paper of its own about this try (chứng từ của nền tảng)."""
    return attempt.provider == Provider.PLATFORM and attempt.status == AttemptStatus.CONFIRMED


def shift_sheet(*, actor: Actor, shift_id: int) -> ShiftSheet:
    """One shift: the officer's own, or of a unit whose differences the actor approves (ca thu tiền).

    Raises:
        NotFound: there is none the actor may see.
    """
    units = permissions.units_held(actor, PaymentPermission.APPROVE_SHIFT)
    seen = Q(officer_id=actor.account_id or 0) | Q(unit_id__in=units)
    shift = CashShift.objects.filter(seen, pk=shift_id).first()
    if shift is None:
        raise NotFound("Không có ca thu tiền này.")
    return sheet_of(shift)


def sheet_of(shift: CashShift) -> ShiftSheet:
    """The sheet of a shift. The caller has checked the right."""
    payments = list(shift.payments.select_related("order").order_by("pk"))
    refunds = list(shift.refunds.select_related("order").order_by("ended_at"))
    cash = sum(one.amount_vnd for one in payments if one.provider == Provider.CASH)
    given_back = sum(one.amount_vnd for one in refunds)
    expected = balance_of(rules.cash(shift.pk)) if shift.expected_vnd is None else shift.expected_vnd
    card = sum(one.amount_vnd for one in payments if one.provider == Provider.CARD)
    return ShiftSheet(shift, payments, refunds, cash, card, given_back, expected)


def refunds_to_hand_back(actor: Actor) -> list[Refund]:
    """Approved refunds that the actor may give back in cash, oldest first (hoàn trả chờ chi tại quầy)."""
    units = permissions.units_held(actor, PaymentPermission.COLLECT)
    at_desk = Q(order__isnull=True, unit_id__in=units) | Q(order__unit_id__in=units) | Q(order__desk_id__in=units)
    rows = Refund.objects.filter(at_desk, status=RefundStatus.APPROVED).select_related("order")
    return list(rows.order_by("pk")[:_MOST])


def cash_list_pdf(sheet: ShiftSheet, *, at: datetime) -> bytes:
    """The list of a shift on paper (bảng kê thu tiền), as PDF/A, to be signed by hand by who took and who received it.

    Raises:
        PaperNotTypeset: the template fails.
    """
    shift = sheet.shift
    unit = directory.get_unit(shift.unit_id)
    above = [one for one in directory.ancestors_of(unit.id) if one.kind.is_administrative]
    here = next((one.short_name for one in (unit, *above) if one.kind.is_administrative), "")
    handed_in = None if shift.counted_vnd is None else shift.counted_vnd - min(shift.float_vnd, shift.counted_vnd)
    data = {
        "agency": {"parent": above[0].agency_name if above else "", "name": unit.agency_name}, "place": here,
        "issued_on": at.astimezone(PROVINCE_TIME).date().isoformat(), "number": None, "assumed": bool(settings.DEMO),
        "officer": shift.officer_name, "opened_at": _moment(shift.opened_at), "closed_at": _moment(shift.closed_at),
        "lines": [
            {"at": _moment(one.paid_at), "code": one.order.case_code if one.order else "", "payer": one.payer,
             "way": f"{one.get_provider_display()} {one.text.removeprefix('Máy thẻ')}".strip(), "amount": one.amount_vnd}
            for one in sheet.payments
        ] + [
            {"at": _moment(one.ended_at), "code": one.order.case_code if one.order else "", "payer": one.to_name,
             "way": "Hoàn trả tiền mặt", "amount": -one.amount_vnd}
            for one in sheet.refunds
        ],
        "float": shift.float_vnd, "cash": sheet.cash_vnd, "card": sheet.card_vnd, "refunded": sheet.refunded_vnd,
        "expected": sheet.expected_vnd, "counted": shift.counted_vnd, "card_counted": shift.card_counted_vnd,
        "difference": None if shift.counted_vnd is None else shift.counted_vnd - sheet.expected_vnd
        + (shift.card_counted_vnd or 0) - (shift.card_expected_vnd or 0),
        "reason": shift.reason, "handed_in": handed_in,
        "words": dong_in_words(handed_in) if handed_in is not None else "", "approved_by": shift.approved_by,
    }  # fmt: skip
    return documents.typeset_paper("payments/cash-list.typ", data)


def _moment(at: datetime | None) -> str:
    return at.astimezone(PROVINCE_TIME).strftime("%Y-%m-%dT%H:%M") if at else ""
