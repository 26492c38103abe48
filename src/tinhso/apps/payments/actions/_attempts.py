"""Tries to pay through a provider, and what the provider says about them."""

from datetime import datetime
from hashlib import sha256

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.payments import permissions, queries
from tinhso.apps.payments.actions._money import ATTEMPT_OF, take
from tinhso.apps.payments.actions._orders import lock_order
from tinhso.apps.payments.data import AlreadyPaid, Answer, Money, NoCollectingAccount, OrderNotOpen
from tinhso.apps.payments.enums import AnswerState, AttemptStatus, OrderStatus, Provider, Verdict
from tinhso.apps.payments.events import AttemptEnded, AttemptOpened, AttemptSent, MessageDoubted, PayerReturned
from tinhso.apps.payments.models import PaymentAttempt, PaymentOrder, ProviderMessage
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid, NotFound
from tinhso.kernel.prepared import Prepared

_RUNNING = (AttemptStatus.INTENDED, AttemptStatus.PENDING)

_ATTEMPT = Prepared(lambda attempt_id: PaymentAttempt.objects.filter(pk=attempt_id), attempt_id=int)


@action
def open_attempt(
    *, order_id: int, provider: str, part_vnd: int | None = None, actor: Actor, at: datetime
) -> PaymentAttempt:
    """Bắt đầu một lượt thanh toán: the intent, before the provider hears of it.

    A try of the same way that still waits is taken up again instead of a second one, so that nobody pays twice by
    pressing twice. `part_vnd`: a part of what is left, where the app that raised the order lets it be paid in parts.

    Raises:
        AlreadyPaid: nothing is owed any more. Invalid: a part that is nothing, or more than is left.
        OrderNotOpen: the order was cancelled.
        NoCollectingAccount: the unit does not collect this way.
    """
    order = lock_order(order_id)
    require(permissions.can_pay(actor, order))
    if order.status == OrderStatus.PAID:
        raise AlreadyPaid
    if order.status == OrderStatus.CANCELLED:
        raise OrderNotOpen
    account = queries.get_account(order.account) if order.account else None
    if account is None or provider not in account.providers:
        raise NoCollectingAccount
    left = order.amount_vnd - order.paid_vnd
    if part_vnd is not None and not 0 < part_vnd <= left:
        raise Invalid("Số tiền phải nộp đã thay đổi, mời xem lại.")
    left = left if part_vnd is None else part_vnd
    waiting = order.attempts.filter(provider=provider, status__in=_RUNNING, amount_vnd=left).order_by("-pk").first()
    if waiting is not None:
        return waiting
    order.attempts_made += 1
    order.save(update_fields=["attempts_made"])
    attempt = PaymentAttempt.objects.create(
        order=order, provider=provider, reference=_reference(order, provider), amount_vnd=left, opened_at=at,
        # A transfer has nobody to be told of it: the code on the page is all there is.
        status=AttemptStatus.PENDING if provider == Provider.VIETQR else AttemptStatus.INTENDED,
    )  # fmt: skip
    event = AttemptOpened(
        order_id=order.pk, attempt_id=attempt.pk, provider=provider, reference=attempt.reference, amount_vnd=left
    )
    record(event, subject=order, actor=actor, at=at)
    return attempt


@action
def record_started(*, attempt_id: int, pay_url: str, actor: Actor, at: datetime) -> None:
    """Ghi nhận bên thanh toán đã nhận yêu cầu và nơi người nộp thanh toán. Money may have come before this."""
    attempt = _lock_attempt(attempt_id)
    require(permissions.can_pay(actor, attempt.order))
    attempt.pay_url = pay_url
    if attempt.status == AttemptStatus.INTENDED:
        attempt.status = AttemptStatus.PENDING
    attempt.save(update_fields=["pay_url", "status"])
    record(AttemptSent(order_id=attempt.order_id, attempt_id=attempt.pk), subject=attempt.order, actor=actor, at=at)


@action
def note_return(*, reference: str, actor: Actor, at: datetime) -> int:
    """Ghi người nộp đã quay về từ trang thanh toán; that says nothing about money, so the provider is asked. Returns the order.

    Raises:
        NotFound: no such try.
    """
    attempt = PaymentAttempt.objects.filter(reference=reference).first()
    if attempt is None:
        raise NotFound("Không có lượt thanh toán này.")
    attempt = _lock_attempt(attempt.pk)
    require(permissions.can_pay(actor, attempt.order))
    if attempt.returned_at is None:
        attempt.returned_at = at
        attempt.save(update_fields=["returned_at"])
        event = PayerReturned(order_id=attempt.order_id, attempt_id=attempt.pk)
        record(event, subject=attempt.order, actor=actor, at=at)
    return attempt.order_id


@action
def keep_notice(
    *, provider: str, kind: str, reference: str, external_id: str, amount_vnd: int | None, raw: bytes, actor: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """Giữ nguyên bản tin của bên thanh toán trước khi kết luận; whatever stops the decision, the message is there."""
    require(actor.kind is ActorKind.SYSTEM)
    ProviderMessage.objects.create(
        at=at, provider=provider, kind=kind, reference=reference[:100], external_id=external_id[:100],
        amount_vnd=amount_vnd, verdict=Verdict.RECEIVED, digest=sha256(raw).hexdigest(), raw=raw.decode(errors="replace"),
    )  # fmt: skip


@action
def take_notice(
    *, provider: str, kind: str, reference: str, external_id: str, amount_vnd: int | None, currency: str, success: bool,
    paid_at: datetime, authentic: bool, raw: bytes, actor: Actor, at: datetime,
) -> str:  # fmt: skip
    """Nhận bản tin báo kết quả của bên thanh toán; returns the verdict. It may come early, late, twice or wrong.

    Only an authentic message with our reference, our currency and exactly our sum is believed. Whatever else it says
    makes us ask the provider; nothing but the provider's own answer, or the bank's, then moves money.
    """
    require(actor.kind is ActorKind.SYSTEM)
    verdict, attempt = Verdict.WRONG_CHECKSUM, None
    if authentic:
        attempt = ATTEMPT_OF.first(reference=reference, provider=provider)
        verdict = Verdict.UNKNOWN_REFERENCE
    if attempt is not None:
        attempt = _lock_attempt(attempt.pk)
        verdict = _judge(attempt, amount_vnd, currency, external_id, success=success)
        if verdict is Verdict.ACCEPTED and success and amount_vnd is not None:
            money = Money(
                provider=provider, external_id=external_id, account=attempt.order.account, amount_vnd=amount_vnd,
                paid_at=paid_at, reference=reference,
            )  # fmt: skip
            verdict = Verdict(take(money, actor=actor, at=at).verdict)
        elif verdict is Verdict.ACCEPTED:
            _fail(attempt, AttemptStatus.FAILED, "Bên thanh toán báo không thành công", actor=actor, at=at)
        if verdict in {Verdict.WRONG_SUM, Verdict.DISAGREES, Verdict.MALFORMED}:
            event = MessageDoubted(
                order_id=attempt.order_id, attempt_id=attempt.pk, verdict=verdict, stated_vnd=amount_vnd or 0
            )
            record(event, subject=attempt.order, actor=actor, at=at)
    ProviderMessage.objects.create(
        at=at, provider=provider, kind=kind, reference=reference[:100], external_id=external_id[:100],
        amount_vnd=amount_vnd, verdict=verdict, digest=sha256(raw).hexdigest(),
    )  # fmt: skip
    return str(verdict)


@action
def record_answer(*, attempt_id: int, answer: Answer, last: bool, actor: Actor, at: datetime) -> str:
    """Ghi nhận kết quả hỏi lại bên thanh toán; `last` ends a try nobody has paid after days of asking. Returns its status."""
    require(actor.kind is ActorKind.SYSTEM)
    attempt = _lock_attempt(attempt_id)
    attempt.asked_at = at
    attempt.save(update_fields=["asked_at"])
    if answer.state == AnswerState.PAID and answer.external_id:
        sum_vnd = attempt.amount_vnd if answer.amount_vnd is None else answer.amount_vnd
        money = Money(
            provider=attempt.provider, external_id=answer.external_id, account=attempt.order.account, amount_vnd=sum_vnd,
            paid_at=answer.paid_at or at, reference=attempt.reference,
        )  # fmt: skip
        take(money, actor=actor, at=at)
        attempt.refresh_from_db(fields=["status"])
    elif answer.state == AnswerState.FAILED:
        _fail(attempt, AttemptStatus.FAILED, answer.note or "Bên thanh toán báo không thành công", actor=actor, at=at)
    elif last or (answer.state == AnswerState.UNKNOWN and attempt.status == AttemptStatus.INTENDED):
        _fail(attempt, AttemptStatus.LAPSED, answer.note or "Không có giao dịch", actor=actor, at=at)
    return attempt.status


def _judge(
    attempt: PaymentAttempt, amount_vnd: int | None, currency: str, external_id: str, *, success: bool
) -> Verdict:
    if success and (amount_vnd is None or not external_id):
        return Verdict.MALFORMED
    if success and (currency != "VND" or amount_vnd != attempt.amount_vnd):
        return Verdict.WRONG_SUM
    if not success and attempt.status == AttemptStatus.CONFIRMED:
        return Verdict.DISAGREES
    return Verdict.ACCEPTED


def _fail(attempt: PaymentAttempt, status: AttemptStatus, note: str, *, actor: Actor, at: datetime) -> None:
    """End a try without money; a later success outweighs it, never the other way round."""
    if attempt.status not in _RUNNING:
        return
    attempt.status, attempt.ended_at, attempt.note = status, at, note[:200]
    attempt.save(update_fields=["status", "ended_at", "note"])
    event = AttemptEnded(order_id=attempt.order_id, attempt_id=attempt.pk, status=status, reason=attempt.note)
    record(event, subject=attempt.order, actor=actor, at=at)


def _lock_attempt(attempt_id: int) -> PaymentAttempt:
    """The try under the lock of its order, which everything about an order takes first."""
    found = _ATTEMPT.first(attempt_id=attempt_id)
    if found is None:
        raise NotFound("Không có lượt thanh toán này.")
    order = lock_order(found.order_id)
    attempt = _ATTEMPT.first(attempt_id=attempt_id)  # as it is under the lock
    assert attempt is not None  # noqa: S101 - no try is ever removed
    attempt.order = order
    return attempt


def _reference(order: PaymentOrder, provider: str) -> str:
    """`H48.12-261008-0007-01`: the case's code and a number over all its orders; transfers have a series of their own."""
    mark = "Q" if provider == Provider.VIETQR else ""
    head = f"{order.case_code}-{mark}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [order.case_code])
    made = PaymentAttempt.objects.filter(reference__regex=rf"^{order.case_code.replace('.', '[.]')}-{mark}\d+$").count()
    return f"{head}{made + 1:02d}"
