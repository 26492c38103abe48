"""Money at the counter: shifts, cash, the card terminal."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.payments import permissions, queries, rules
from tinhso.apps.payments.actions._ledger import post
from tinhso.apps.payments.actions._money import KNOWN_PAYMENT, take
from tinhso.apps.payments.actions._orders import lock_order
from tinhso.apps.payments.data import AlreadyPaid, Money, OrderNotOpen, Posting, ShiftNotOpen, ShiftOpenAlready, Taken
from tinhso.apps.payments.enums import EntryKind, OrderStatus, Provider, ShiftStatus
from tinhso.apps.payments.events import ShiftApproved, ShiftClosed, ShiftOpened
from tinhso.apps.payments.models import CashShift
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError, Invalid, NotFound
from tinhso.kernel.prepared import Prepared

_MOST = 10**12

_OPEN = Prepared(
    lambda officer_id: (
        CashShift.objects.select_for_update().filter(officer_id=officer_id, status=ShiftStatus.OPEN).order_by("pk")[:1]
    ),
    officer_id=int,
)
_LOCKED = Prepared(lambda shift_id: CashShift.objects.select_for_update().filter(pk=shift_id), shift_id=int)


@action
def open_shift(*, unit_id: int, float_vnd: int, actor: Actor, at: datetime) -> int:
    """Mở ca thu tiền, with the change that lies in the drawer.

    Raises:
        ShiftOpenAlready: the officer has a shift open.
        Invalid: not a sum.
    """
    require(permissions.can_collect(actor, unit_id))
    if not 0 <= float_vnd <= _MOST:
        raise Invalid("Số tiền lẻ đầu ca không hợp lệ.")
    if _OPEN.first(officer_id=actor.account_id or 0) is not None:
        raise ShiftOpenAlready
    shift = CashShift.objects.create(
        unit_id=unit_id, officer_id=actor.account_id or 0, officer_name=actor.name, float_vnd=float_vnd, opened_at=at
    )
    post(
        key=f"shift:{shift.pk}:open", kind=EntryKind.SHIFT, unit_id=unit_id, actor=actor, at=at,
        postings=[Posting(rules.cash(shift.pk), float_vnd), Posting(rules.float_of(unit_id), -float_vnd)],
    )  # fmt: skip
    record(ShiftOpened(shift_id=shift.pk, unit_id=unit_id, float_vnd=float_vnd), subject=shift, actor=actor, at=at)
    return shift.pk


@action
def collect_at_counter(
    *,
    order_id: int,
    method: str,
    amount_vnd: int,
    is_part: bool = False,
    slip: str = "",
    key: str,
    actor: Actor,
    at: datetime,
) -> Taken:
    """Thu phí, lệ phí tại quầy by cash or by the card terminal, whose slip number is noted.

    `key` names this one act: sent twice it collects once. Exactly what is owed is taken; change is counted at the desk.
    `is_part`: a part of it, where the app that raised the order lets it be paid in parts.

    Raises:
        ShiftNotOpen: the officer has no shift open.
        AlreadyPaid: nothing is owed any more, perhaps paid on line a moment ago.
        Invalid: another sum than is owed, or a card without its slip.
    """
    order = lock_order(order_id)
    require(permissions.can_collect_order(actor, order))
    if method not in {Provider.CASH, Provider.CARD}:
        raise Invalid("Mời chọn tiền mặt hoặc thẻ.")
    external_id = (
        f"{actor.account_id}:{key}"[:100] if method == Provider.CASH else f"{order.unit_id}:{slip.strip()}"[:100]
    )
    shift = _OPEN.first(officer_id=actor.account_id or 0)
    if shift is None:
        raise ShiftNotOpen
    known = KNOWN_PAYMENT.first(provider=method, external_id=external_id)
    if known is not None and known.order_id == order.pk:
        return Taken(known.pk, order.pk, "repeated")
    if method == Provider.CARD and (not slip.strip() or known is not None):
        raise Invalid("Mời ghi số hóa đơn của máy thẻ, mỗi số một lần.")
    if order.status == OrderStatus.PAID:
        raise AlreadyPaid
    if order.status == OrderStatus.CANCELLED:
        raise OrderNotOpen
    left = order.amount_vnd - order.paid_vnd
    if not (0 < amount_vnd < left if is_part else amount_vnd == left):
        raise Invalid("Số tiền phải nộp đã thay đổi, mời xem lại.")
    money = Money(
        provider=method, external_id=external_id, account=order.account, amount_vnd=amount_vnd, paid_at=at,
        text=f"Máy thẻ {slip.strip()}" if method == Provider.CARD else "", payer=order.payer_name,
    )  # fmt: skip
    return take(money, order_id=order.pk, shift_id=shift.pk, actor=actor, at=at)


@action
def close_shift(
    *, shift_id: int, counted_vnd: int, card_counted_vnd: int, reason: str, actor: Actor, at: datetime
) -> CashShift:
    """Chốt ca thu tiền: what was counted beside what the book expects, for drawer and terminal.

    Without a difference the shift is done; with one it needs a reason and somebody else's approval. Everything counted
    leaves the drawer: the change back, the rest to the safe.

    Raises:
        ShiftNotOpen: closed already, or not the officer's own.
        Invalid: a difference without a reason, or not a sum.
    """
    shift = _LOCKED.first(shift_id=shift_id)
    if shift is None:
        raise NotFound("Không có ca thu tiền này.")
    require(permissions.can_collect(actor, shift.unit_id) and shift.officer_id == actor.account_id)
    if shift.status != ShiftStatus.OPEN:
        raise ShiftNotOpen("Ca thu tiền này đã chốt.")
    for name, sum_vnd in (("counted", counted_vnd), ("card_counted", card_counted_vnd)):
        if not 0 <= sum_vnd <= _MOST:
            raise Invalid(errors=[FieldError(name, "Số tiền đếm được không hợp lệ.")])
    expected, card_expected = queries.balance_of(rules.cash(shift.pk)), queries.balance_of(rules.card(shift.pk))
    differs = (counted_vnd, card_counted_vnd) != (expected, card_expected)
    if differs and not reason.strip():
        raise Invalid(errors=[FieldError("reason", "Số đếm được khác sổ. Mời ghi lý do chênh lệch.")])
    shift.expected_vnd, shift.counted_vnd = expected, counted_vnd
    shift.card_expected_vnd, shift.card_counted_vnd = card_expected, card_counted_vnd
    shift.reason, shift.closed_at = reason.strip()[:300], at
    shift.status = ShiftStatus.CLOSED if differs else ShiftStatus.APPROVED
    shift.save()
    unit_id, back = shift.unit_id, min(shift.float_vnd, counted_vnd)
    post(
        key=f"shift:{shift.pk}:close", kind=EntryKind.SHIFT, unit_id=unit_id, note=shift.reason, actor=actor, at=at,
        postings=[
            Posting(rules.cash(shift.pk), -expected), Posting(rules.card(shift.pk), -card_expected),
            Posting(rules.float_of(unit_id), back), Posting(rules.vault(unit_id), counted_vnd - back),
            Posting(rules.card_clearing(unit_id), card_counted_vnd),
            Posting(rules.difference(unit_id), expected + card_expected - counted_vnd - card_counted_vnd),
        ],
    )  # fmt: skip
    event = ShiftClosed(
        shift_id=shift.pk, expected_vnd=expected, counted_vnd=counted_vnd, card_expected_vnd=card_expected,
        card_counted_vnd=card_counted_vnd, reason=shift.reason,
    )  # fmt: skip
    record(event, subject=shift, actor=actor, at=at)
    return shift


@action
def approve_shift(*, shift_id: int, actor: Actor, at: datetime) -> None:
    """Duyệt chênh lệch của ca thu tiền, by somebody who did not take the money.

    Raises:
        ShiftNotOpen: it does not wait for approval.
    """
    shift = CashShift.objects.select_for_update().filter(pk=shift_id).first()
    if shift is None:
        raise NotFound("Không có ca thu tiền này.")
    require(permissions.can_approve_shift(actor, shift.unit_id) and shift.officer_id != actor.account_id)
    if shift.status != ShiftStatus.CLOSED:
        raise ShiftNotOpen("Ca thu tiền này không chờ duyệt.")
    shift.status, shift.approved_by, shift.approved_at = ShiftStatus.APPROVED, actor.name, at
    shift.save(update_fields=["status", "approved_by", "approved_at"])
    difference = (shift.counted_vnd or 0) + (shift.card_counted_vnd or 0)
    difference -= (shift.expected_vnd or 0) + (shift.card_expected_vnd or 0)
    record(ShiftApproved(shift_id=shift.pk, difference_vnd=difference), subject=shift, actor=actor, at=at)
