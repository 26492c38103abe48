"""Money that comes in: every way of it ends here, once for each transaction of a provider."""

from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.payments import permissions, rules
from tinhso.apps.payments.actions._ledger import post
from tinhso.apps.payments.actions._orders import lock_order
from tinhso.apps.payments.actions._refunds import propose
from tinhso.apps.payments.data import Money, OrderNotOpen, Posting, Taken
from tinhso.apps.payments.enums import (
    AttemptStatus,
    EntryKind,
    OrderStatus,
    PaymentState,
    Provider,
    RefundReason,
    Verdict,
)
from tinhso.apps.payments.events import PaymentConfirmed, PaymentCorrected, PaymentMatched, PaymentTaken
from tinhso.apps.payments.models import LedgerEntry, Payment, PaymentAttempt, PaymentOrder
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import NotFound
from tinhso.kernel.prepared import Prepared

_OPEN = (OrderStatus.DUE, OrderStatus.PARTLY_PAID)

KNOWN_PAYMENT = Prepared(
    lambda provider, external_id: Payment.objects.filter(provider=provider, external_id=external_id),
    provider=str, external_id=str,
)  # fmt: skip
ATTEMPT_OF = Prepared(
    lambda reference, provider: (
        PaymentAttempt.objects.filter(reference=reference, provider=provider).order_by("pk")[:1]
    ),
    reference=str, provider=str,
)  # fmt: skip


@action
def take_money(*, money: Money, actor: Actor, at: datetime) -> Taken:
    """Ghi nhận tiền về theo bên thu hộ hoặc ngân hàng, told by a message, by asking or by a statement.

    The same transaction told again changes nothing. What belongs to no order known is kept aside (tiền chưa rõ).
    """
    require(actor.kind is ActorKind.SYSTEM)
    return take(money, actor=actor, at=at)


def take(
    money: Money, *, actor: Actor, at: datetime, order_id: int | None = None, shift_id: int | None = None
) -> Taken:
    """`take_money` for the acts of this app; at the counter the order and the shift are known."""
    # The order first, as every act on it does; then the transaction, which may have no order.
    attempt = _attempt_of(money)
    if order_id is None:
        order_id = attempt.order_id if attempt else _order_of_text(money)
    order = lock_order(order_id) if order_id is not None else None
    _lock_transaction(money.provider, money.external_id)
    known = KNOWN_PAYMENT.first(provider=str(money.provider), external_id=money.external_id)
    if known is not None:
        verdict = Verdict.REPEATED if known.amount_vnd == money.amount_vnd else Verdict.DISAGREES
        return Taken(known.pk, known.order_id, verdict)
    payment = Payment.objects.create(
        provider=money.provider, external_id=money.external_id, account=money.account, order=order, attempt=attempt,
        unit_id=order.unit_id if order else None, shift_id=shift_id, amount_vnd=money.amount_vnd, paid_at=money.paid_at,
        taken_at=at, text=money.text[:300], payer=money.payer[:200], payer_account=money.payer_account[:60],
        state=PaymentState.MATCHED if order else PaymentState.UNMATCHED,
    )  # fmt: skip
    event = PaymentTaken(
        payment_id=payment.pk, order_id=order_id, provider=money.provider, external_id=money.external_id,
        amount_vnd=money.amount_vnd, paid_at=money.paid_at,
    )  # fmt: skip
    record(event, subject=order or payment, actor=actor, at=at)
    source = place_of(payment)
    if order is None:
        sides = [Posting(source, money.amount_vnd), Posting(rules.suspense(money.account), -money.amount_vnd)]
        post(
            key=f"payment:{payment.pk}", kind=EntryKind.PAYMENT, unit_id=None, note=money.external_id, postings=sides,
            actor=actor, at=at,
        )  # fmt: skip
        return Taken(payment.pk, None, Verdict.ACCEPTED)
    _end_attempt(order, attempt, payment, at=at)
    credit(order, payment, source=source, key=f"payment:{payment.pk}", kind=EntryKind.PAYMENT, actor=actor, at=at)
    return Taken(payment.pk, order.pk, Verdict.ACCEPTED)


def credit(
    order: PaymentOrder, payment: Payment, *, source: str, key: str, kind: EntryKind, actor: Actor, at: datetime
) -> None:
    """Book a payment on a locked order: what is owed first, the rest is owed to the payer and goes back."""
    amount, left = payment.amount_vnd, max(order.amount_vnd - order.paid_vnd, 0)
    used = min(amount, left) if order.status in _OPEN else 0
    sides = [
        Posting(source, amount, order.pk),
        Posting(rules.receivable(order.unit_id), -used, order.pk),
        Posting(rules.excess(order.unit_id), used - amount, order.pk),
    ]
    post(key=key, kind=kind, unit_id=order.unit_id, note=order.case_code, postings=sides, actor=actor, at=at)
    order.paid_vnd += amount
    if order.status in _OPEN:
        order.status = OrderStatus.PAID if order.paid_vnd >= order.amount_vnd else OrderStatus.PARTLY_PAID
    first = order.status == OrderStatus.PAID and order.paid_at is None
    if first:
        order.paid_at, order.paid_by = payment.paid_at, payment.provider
    order.save(update_fields=["paid_vnd", "status", "paid_at", "paid_by"])
    if first:
        event = PaymentConfirmed(
            order_id=order.pk, subject=order.subject, occasion=order.occasion, provider=payment.provider,
            amount_vnd=order.amount_vnd, paid_at=payment.paid_at,
        )  # fmt: skip
        record(event, subject=order, actor=actor, at=at)
    if amount > used:
        propose(
            key=f"over:{payment.pk}", order=order, payment=payment, amount_vnd=amount - used, to_name=order.payer_name,
            reason=RefundReason.OVERPAID, note="Nộp nhiều hơn khoản phải nộp", actor=actor, at=at,
        )  # fmt: skip


@action
def match_payment(*, payment_id: int, order_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Ghép tiền chưa rõ với khoản phải nộp, by an officer who says why.

    Raises:
        OrderNotOpen: the money is matched or sent back already.
    """
    payment = lock_payment(payment_id)
    require(permissions.can_match(actor, None))
    if payment.state != PaymentState.UNMATCHED or payment.refunds.exclude(status="refused").exists():
        raise OrderNotOpen("Khoản tiền này đã được ghép hoặc đang trả lại.")
    order = lock_order(order_id)
    require(permissions.can_match(actor, order.unit_id))
    payment.order, payment.unit_id, payment.state = order, order.unit_id, PaymentState.MATCHED
    payment.save(update_fields=["order", "unit_id", "state"])
    event = PaymentMatched(
        payment_id=payment.pk, order_id=order.pk, amount_vnd=payment.amount_vnd, reason=reason.strip()
    )
    record(event, subject=order, actor=actor, at=at)
    credit(
        order, payment, source=rules.suspense(payment.account), key=f"match:{payment.pk}", kind=EntryKind.MATCH,
        actor=actor, at=at,
    )  # fmt: skip


@action
def correct_payment(*, payment_id: int, amount_vnd: int, reason: str, actor: Actor, at: datetime) -> None:
    """Điều chỉnh tiền đã ghi cho đúng ngân hàng, after reconciliation has shown what the bank holds; 0 undoes it.

    The order owes again what the bank does not have; a refund nobody has approved is taken down to what is there.
    """
    require(actor.kind is ActorKind.SYSTEM or permissions.can_reconcile(actor))
    payment = lock_payment(payment_id)
    old = payment.amount_vnd
    if old == amount_vnd:
        return
    order = lock_order(payment.order_id) if payment.order_id is not None else None
    number = _corrections(payment) + 1
    event = PaymentCorrected(
        payment_id=payment.pk, order_id=payment.order_id, old_vnd=old, new_vnd=amount_vnd, reason=reason
    )
    record(event, subject=order or payment, actor=actor, at=at)
    source, key = place_of(payment), f"payment:{payment.pk}:correction:{number}"
    payment.amount_vnd = amount_vnd
    if amount_vnd == 0:
        payment.state = PaymentState.CORRECTED
    payment.save(update_fields=["amount_vnd", "state"])
    if order is None:
        sides = [Posting(source, amount_vnd - old), Posting(rules.suspense(payment.account), old - amount_vnd)]
    else:
        sides = _recount(order, source, amount_vnd - old)
    unit_id = order.unit_id if order else None
    post(key=key, kind=EntryKind.CORRECTION, unit_id=unit_id, note=reason, postings=sides, actor=actor, at=at)
    if order is not None and order.status == OrderStatus.PAID and order.paid_at is None:
        order.paid_at, order.paid_by = payment.paid_at, payment.provider
        order.save(update_fields=["paid_at", "paid_by"])
        confirmed = PaymentConfirmed(
            order_id=order.pk, subject=order.subject, occasion=order.occasion, provider=payment.provider,
            amount_vnd=order.amount_vnd, paid_at=payment.paid_at,
        )  # fmt: skip
        record(confirmed, subject=order, actor=actor, at=at)


def _recount(order: PaymentOrder, source: str, change: int) -> list[Posting]:
    """The sides of a change of what was paid on a locked order, and the order after it."""
    cancelled = order.status == OrderStatus.CANCELLED
    # Of a cancelled order what was paid before counts, what came after it is owed back.
    owed = 0 if cancelled else order.amount_vnd
    before, after = min(order.paid_vnd, owed), min(order.paid_vnd + change, owed)
    order.paid_vnd += change
    if not cancelled:
        order.status = (
            OrderStatus.PAID
            if order.paid_vnd >= order.amount_vnd
            else OrderStatus.PARTLY_PAID if order.paid_vnd else OrderStatus.DUE
        )  # fmt: skip
    order.save(update_fields=["paid_vnd", "status"])
    return [
        Posting(source, change, order.pk),
        Posting(rules.receivable(order.unit_id), before - after, order.pk),
        Posting(rules.excess(order.unit_id), after - before - change, order.pk),
    ]


def place_of(payment: Payment) -> str:
    """The account of the book where a payment's money lies first."""
    if payment.provider == Provider.CASH:
        return rules.cash(payment.shift_id or 0)
    if payment.provider == Provider.CARD:
        return rules.card(payment.shift_id or 0)
    return rules.bank(payment.account) if payment.provider == Provider.VIETQR else rules.platform(payment.account)


def lock_payment(payment_id: int) -> Payment:
    """The payment, locked for the rest of the transaction; before its order, as money is taken.

    Raises:
        NotFound: there is none.
    """
    payment = Payment.objects.select_for_update().filter(pk=payment_id).first()
    if payment is None:
        raise NotFound("Không có khoản tiền này.")
    return payment


def _corrections(payment: Payment) -> int:

    return LedgerEntry.objects.filter(key__startswith=f"payment:{payment.pk}:correction:").count()


def _lock_transaction(provider: str, external_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"money:{provider}:{external_id}"])


def _attempt_of(money: Money) -> PaymentAttempt | None:
    if not money.reference:
        return None
    return ATTEMPT_OF.first(reference=money.reference, provider=str(money.provider))


def _order_of_text(money: Money) -> int | None:
    """The order a transfer's text names: of its case the one with this very sum, or the only one open."""
    if not money.text:
        return None
    codes = rules.candidates(money.text)
    if not codes:
        return None
    rows = list(
        PaymentOrder.objects.filter(match_code__in=codes, account=money.account)
        .order_by("pk")
        .values_list("pk", "match_code", "status", "amount_vnd", "paid_vnd")
    )
    longest = max((len(row[1]) for row in rows), default=0)
    rows = [row for row in rows if len(row[1]) == longest]
    waiting = [row for row in rows if row[2] in _OPEN]
    exact = [row for row in waiting if row[3] - row[4] == money.amount_vnd]
    for found in (exact, waiting, rows):
        if len(found) == 1:
            return int(found[0][0])
    return None


def _end_attempt(order: PaymentOrder, attempt: PaymentAttempt | None, payment: Payment, *, at: datetime) -> None:
    """The try that brought the money is over; a transfer ends the QR code shown last."""
    if attempt is None and payment.provider == Provider.VIETQR:
        attempt = order.attempts.filter(provider=Provider.VIETQR, status=AttemptStatus.PENDING).order_by("-pk").first()
        if attempt is not None:
            payment.attempt = attempt
            payment.save(update_fields=["attempt"])
    if attempt is not None and attempt.status != AttemptStatus.CONFIRMED:
        attempt.status, attempt.ended_at = AttemptStatus.CONFIRMED, at
        attempt.save(update_fields=["status", "ended_at"])
