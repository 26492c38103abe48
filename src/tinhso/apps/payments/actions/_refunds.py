"""Money that goes back: proposed, checked by one officer, approved by another, paid."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import permissions, queries, rules
from tinhso.apps.payments.actions._ledger import post
from tinhso.apps.payments.actions._orders import lock_order
from tinhso.apps.payments.data import Posting, RefundNotPossible, SameOfficerTwice, ShiftNotOpen
from tinhso.apps.payments.enums import EntryKind, PaymentState, Provider, RefundReason, RefundStatus, ShiftStatus
from tinhso.apps.payments.events import RefundApproved, RefundChecked, RefundPaid, RefundProposed, RefundRefused
from tinhso.apps.payments.models import CashShift, Payment, PaymentOrder, Refund
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid, NotFound
from tinhso.lib.amounts import dong


def propose(
    *, key: str, order: PaymentOrder | None, payment: Payment | None, amount_vnd: int, reason: RefundReason, note: str,
    to_name: str, actor: Actor, at: datetime,
) -> Refund:  # fmt: skip
    """A refund waits for its two officers; the same cause proposes once. An officer who proposes has checked it."""
    known = Refund.objects.filter(key=key).first()
    if known is not None:
        return known
    unit_id = order.unit_id if order else directory.get_province(rules.civil_date(at)).id
    by_officer = actor.kind is ActorKind.OFFICER and actor.account_id is not None
    refund = Refund.objects.create(
        key=key, order=order, payment=payment, unit_id=unit_id, amount_vnd=amount_vnd, reason=reason, note=note[:300],
        account=order.account if order else (payment.account if payment else ""), to_name=to_name[:200],
        to_account=payment.payer_account if payment else "", proposed_at=at, proposed_by=actor.name,
        status=RefundStatus.CHECKED if by_officer else RefundStatus.PROPOSED,
        checked_by_id=actor.account_id if by_officer else None, checked_by=actor.name if by_officer else "",
    )  # fmt: skip
    event = RefundProposed(
        refund_id=refund.pk, order_id=order.pk if order else None, amount_vnd=amount_vnd, reason=reason
    )
    record(event, subject=_stream(refund), actor=actor, at=at)
    return refund


@action(inner=True)
def refund_order(*, order_id: int, reason: str, note: str, cause: str, actor: Actor, at: datetime) -> int | None:
    """Đề nghị hoàn trả phần đã nộp của một khoản, for a higher app whose rule or officer has decided so.

    What is under way already is not proposed again; None where nothing is left to give back.
    """
    order = lock_order(order_id)
    open_vnd = sum(
        order.refunds.filter(status__in=[RefundStatus.PROPOSED, RefundStatus.CHECKED]).values_list(
            "amount_vnd", flat=True
        )
    )
    amount = order.paid_vnd - order.refunded_vnd - open_vnd
    if amount <= 0:
        return None
    payment = order.payments.order_by("-pk").first()
    found = propose(
        key=f"order:{order.pk}:{cause}", order=order, payment=payment, amount_vnd=amount, reason=RefundReason(reason),
        note=note, to_name=order.payer_name, actor=actor, at=at,
    )  # fmt: skip
    return found.pk


@action
def propose_refund(*, order_id: int, amount_vnd: int, reason: str, note: str, actor: Actor, at: datetime) -> int:
    """Đề nghị hoàn trả, by an accountant who has checked it himself; another person approves.

    Raises:
        Invalid: more than was paid, or no reason in words.
    """
    order = lock_order(order_id)
    require(permissions.can_check_refund(actor, order.unit_id))
    if not note.strip():
        raise Invalid("Mời ghi lý do hoàn trả.")
    if reason not in RefundReason.values:
        raise Invalid("Mời chọn loại lý do hoàn trả.")
    under_way = order.refunds.filter(status__in=[RefundStatus.PROPOSED, RefundStatus.CHECKED])
    left = order.paid_vnd - order.refunded_vnd - sum(under_way.values_list("amount_vnd", flat=True))
    if not 0 < amount_vnd <= left:
        raise Invalid(f"Số tiền hoàn trả phải từ 1 đến {dong(left)}.")
    number = order.refunds.count() + 1
    found = propose(
        key=f"order:{order.pk}:asked:{number}", order=order, payment=order.payments.order_by("-pk").first(),
        amount_vnd=amount_vnd, reason=RefundReason(reason), note=note.strip(), to_name=order.payer_name, actor=actor, at=at,
    )  # fmt: skip
    return found.pk


@action
def return_payment(*, payment_id: int, note: str, actor: Actor, at: datetime) -> int:
    """Đề nghị trả lại tiền chuyển nhầm, chưa rõ của hồ sơ nào.

    Raises:
        RefundNotPossible: it belongs to an order.
    """
    payment = Payment.objects.select_for_update().filter(pk=payment_id).first()
    if payment is None:
        raise NotFound("Không có khoản tiền này.")
    require(permissions.can_match(actor, None))
    if payment.state != PaymentState.UNMATCHED:
        raise RefundNotPossible("Khoản tiền này đã ghép với một khoản phải nộp, hoặc đã trả lại.")
    number = payment.refunds.count() + 1
    payment.state = PaymentState.RETURNED
    payment.save(update_fields=["state"])
    found = propose(
        key=f"payment:{payment.pk}:return:{number}", order=None, payment=payment, amount_vnd=payment.amount_vnd,
        reason=RefundReason.UNKNOWN_TRANSFER, note=note.strip() or "Không rõ của hồ sơ nào",
        to_name=payment.payer or "Người chuyển tiền", actor=actor, at=at,
    )  # fmt: skip
    return found.pk


@action
def check_refund(*, refund_id: int, actor: Actor, at: datetime) -> None:
    """Kiểm tra đề nghị hoàn trả do hệ thống lập (người thứ nhất).

    Raises:
        RefundNotPossible: it is past that.
    """
    refund = _lock(refund_id)
    require(permissions.can_check_refund(actor, refund.unit_id))
    if refund.status != RefundStatus.PROPOSED:
        raise RefundNotPossible("Đề nghị hoàn trả này đã được kiểm tra.")
    refund.status, refund.checked_by_id, refund.checked_by = RefundStatus.CHECKED, actor.account_id, actor.name
    refund.save(update_fields=["status", "checked_by_id", "checked_by"])
    event = RefundChecked(refund_id=refund.pk, order_id=refund.order_id)
    record(event, subject=_stream(refund), actor=actor, at=at)


@action
def approve_refund(*, refund_id: int, actor: Actor, at: datetime) -> None:
    """Duyệt hoàn trả (người thứ hai); from now on the book owes the money to the payer.

    Raises:
        RefundNotPossible: not checked yet, or decided already; or the order holds no such sum any more.
        SameOfficerTwice: the same person has checked it.
    """
    refund = _lock(refund_id)
    require(permissions.can_approve_refund(actor, refund.unit_id))
    if refund.status != RefundStatus.CHECKED:
        raise RefundNotPossible("Đề nghị hoàn trả này chưa được kiểm tra, hoặc đã quyết định rồi.")
    if actor.account_id is None or actor.account_id == refund.checked_by_id:
        raise SameOfficerTwice
    order = lock_order(refund.order_id) if refund.order_id is not None else None
    if order is not None and order.paid_vnd - order.refunded_vnd < refund.amount_vnd:
        raise RefundNotPossible("Khoản này không còn đủ tiền đã nộp để hoàn trả.")
    refund.status, refund.approved_by_id, refund.approved_by = RefundStatus.APPROVED, actor.account_id, actor.name
    refund.save(update_fields=["status", "approved_by_id", "approved_by"])
    if order is not None:
        order.refunded_vnd += refund.amount_vnd
        order.save(update_fields=["refunded_vnd"])
    post(
        key=f"refund:{refund.pk}", kind=EntryKind.REFUND, unit_id=refund.unit_id, actor=actor, at=at,
        postings=[
            *_sources(refund), Posting(rules.refund_due(refund.unit_id), -refund.amount_vnd, refund.order_id)
        ],
    )  # fmt: skip
    event = RefundApproved(refund_id=refund.pk, order_id=refund.order_id, amount_vnd=refund.amount_vnd)
    record(event, subject=_stream(refund), actor=actor, at=at)


@action
def refuse_refund(*, refund_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Không duyệt hoàn trả, có lý do.

    Raises:
        RefundNotPossible: it is decided already.
        Invalid: no reason.
    """
    refund = _lock(refund_id)
    require(permissions.can_approve_refund(actor, refund.unit_id))
    if refund.status not in {RefundStatus.PROPOSED, RefundStatus.CHECKED}:
        raise RefundNotPossible("Đề nghị hoàn trả này đã quyết định rồi.")
    if not reason.strip():
        raise Invalid("Mời ghi lý do không duyệt.")
    refund.status, refund.ended_at = RefundStatus.REFUSED, at
    refund.save(update_fields=["status", "ended_at"])
    if refund.reason == RefundReason.UNKNOWN_TRANSFER and refund.payment is not None:
        refund.payment.state = PaymentState.UNMATCHED
        refund.payment.save(update_fields=["state"])
    event = RefundRefused(refund_id=refund.pk, order_id=refund.order_id, reason=reason.strip())
    record(event, subject=_stream(refund), actor=actor, at=at)


@action
def pay_refund(
    *, refund_id: int, method: str, reference: str, received_by: str = "", actor: Actor, at: datetime
) -> None:  # fmt: skip
    """Chi hoàn trả đã duyệt: by a transfer that the bank's statement shows, or in cash from the officer's open shift.

    Paid already with the same reference, it stays as it is. Of cash it is written down who took it, on which paper.

    Raises:
        RefundNotPossible: not approved, or the drawer does not hold so much.
        ShiftNotOpen: cash, and the officer has no shift open.
        Invalid: cash, and not said who took it.
    """
    refund = _lock(refund_id)
    if method == Provider.CASH:
        require(permissions.can_hand_back(actor, refund))
    else:
        require(actor.kind is ActorKind.SYSTEM or permissions.can_check_refund(actor, refund.unit_id))
    if refund.status == RefundStatus.PAID and _is_repeated(refund, method, reference, actor):
        return
    if refund.status != RefundStatus.APPROVED:
        raise RefundNotPossible("Khoản hoàn trả này chưa được duyệt, hoặc đã chi.")
    if method == Provider.CASH:
        shift = (
            CashShift.objects.select_for_update()
            .filter(officer_id=actor.account_id or 0, status=ShiftStatus.OPEN)
            .first()
        )
        if shift is None:
            raise ShiftNotOpen
        if not received_by.strip():
            raise Invalid("Mời ghi người nhận tiền và giấy tờ đã xuất trình.")
        place, reference = rules.cash(shift.pk), f"ca-{shift.pk}"
        if queries.balance_of(place) < refund.amount_vnd:
            raise RefundNotPossible("Ngăn kéo không đủ tiền mặt để trả khoản này.")
        refund.shift, refund.received_by = shift, received_by.strip()[:200]
    else:
        place = rules.bank(refund.account)
    refund.status, refund.method, refund.reference, refund.ended_at = RefundStatus.PAID, method, reference[:100], at
    refund.save(update_fields=["status", "method", "reference", "ended_at", "shift", "received_by"])
    post(
        key=f"refund:{refund.pk}:paid", kind=EntryKind.REFUND_PAID, unit_id=refund.unit_id, actor=actor, at=at,
        note=reference,
        postings=[
            Posting(rules.refund_due(refund.unit_id), refund.amount_vnd, refund.order_id),
            Posting(place, -refund.amount_vnd, refund.order_id),
        ],
    )  # fmt: skip
    event = RefundPaid(
        refund_id=refund.pk, order_id=refund.order_id, amount_vnd=refund.amount_vnd, method=method, reference=reference
    )
    record(event, subject=_stream(refund), actor=actor, at=at)


def _is_repeated(refund: Refund, method: str, reference: str, actor: Actor) -> bool:
    if method == Provider.CASH:
        return refund.shift is not None and refund.shift.officer_id == actor.account_id
    return refund.reference == reference


def _lock(refund_id: int) -> Refund:
    refund = Refund.objects.select_for_update(of=("self",)).filter(pk=refund_id).first()
    if refund is None:
        raise NotFound("Không có đề nghị hoàn trả này.")
    return refund


def _sources(refund: Refund) -> list[Posting]:
    """Where the money is taken from: what the payer has beyond the order first, then what had been counted as revenue."""
    amount, order_id = refund.amount_vnd, refund.order_id
    if order_id is None:
        return [Posting(rules.suspense(refund.account), amount)]
    held = -queries.order_balance(order_id).get(rules.excess(refund.unit_id), 0)
    beyond = min(max(held, 0), amount)
    return [
        Posting(rules.excess(refund.unit_id), beyond, order_id),
        Posting(rules.revenue(refund.unit_id), amount - beyond, order_id),
    ]


def _stream(refund: Refund) -> str:
    return f"paymentorder:{refund.order_id}" if refund.order_id else f"payment:{refund.payment_id}"
