"""What a payment moves in a case, and what the end of a case does to money."""

from datetime import datetime

from tinhso.apps.cases import actions
from tinhso.apps.cases.events import CaseStopped, CaseWithdrawn, DutyNoticed, FeeAssessed, IntakeRefused
from tinhso.apps.cases.rules import fee_words, gives_back, refund_words
from tinhso.apps.notifications.enums import NoticeKind
from tinhso.apps.payments import queries as payments
from tinhso.apps.payments.enums import Provider
from tinhso.apps.payments.events import PaymentConfirmed, RefundApproved, RefundPaid
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor

_KIND = NoticeKind.PROGRESS


@jobs.on(PaymentConfirmed)
def follow_payment(*, event: PaymentConfirmed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Tiếp tục hồ sơ khi khoản phải nộp đã nộp đủ."""
    stream, _, case_id = event.subject.partition(":")
    if stream == "case":
        actions.take_payment_word(case_id=int(case_id), occasion=event.occasion, actor=SYSTEM, at=at)


@jobs.on(CaseWithdrawn)
def settle_withdrawn(*, event: CaseWithdrawn, actor: Actor, at: datetime, entry_id: int) -> None:
    """Giải quyết tiền của hồ sơ đã rút."""
    cause = f"Rút hồ sơ, lần {event.occasion + 1}"
    actions.settle_money(case_id=event.case_id, refund=gives_back(event.fee_effect), cause=cause, actor=SYSTEM, at=at)


@jobs.on(CaseStopped)
def settle_stopped(*, event: CaseStopped, actor: Actor, at: datetime, entry_id: int) -> None:
    """Giải quyết tiền của hồ sơ đã dừng."""
    cause = f"Dừng giải quyết, lần {event.occasion + 1}"
    actions.settle_money(case_id=event.case_id, refund=gives_back(event.fee_effect), cause=cause, actor=SYSTEM, at=at)


@jobs.on(IntakeRefused)
def settle_refused(*, event: IntakeRefused, actor: Actor, at: datetime, entry_id: int) -> None:
    """Giải quyết tiền của hồ sơ không được tiếp nhận: what was paid on line goes back."""
    cause = f"Không tiếp nhận, lần {event.occasion + 1}"
    actions.settle_money(case_id=event.case_id, refund=True, cause=cause, actor=SYSTEM, at=at)


@jobs.on(FeeAssessed)
def tell_assessed(*, event: FeeAssessed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp khoản thu vừa được xác định."""
    words = fee_words(event.name, event.amount_vnd, event.basis)
    actions.tell_of_case(case_id=event.case_id, entry_id=entry_id, to_applicant=words, kind=_KIND, actor=SYSTEM, at=at)


@jobs.on(DutyNoticed)
def tell_duty(*, event: DutyNoticed, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp số tiền theo thông báo của cơ quan thuế."""
    words = fee_words(event.name, event.amount_vnd, event.notice)
    actions.tell_of_case(case_id=event.case_id, entry_id=entry_id, to_applicant=words, kind=_KIND, actor=SYSTEM, at=at)


@jobs.on(RefundApproved)
def tell_refund(*, event: RefundApproved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp việc hoàn trả đã được duyệt."""
    words = refund_words(event.amount_vnd, is_paid=False)
    if case_id := _case_of(event.order_id):
        actions.tell_of_case(case_id=case_id, entry_id=entry_id, to_applicant=words, kind=_KIND, actor=SYSTEM, at=at)


@jobs.on(RefundPaid)
def tell_refund_paid(*, event: RefundPaid, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người nộp tiền hoàn trả đã đi."""
    words = refund_words(event.amount_vnd, is_paid=True, in_cash=event.method == Provider.CASH)
    if case_id := _case_of(event.order_id):
        actions.tell_of_case(case_id=case_id, entry_id=entry_id, to_applicant=words, kind=_KIND, actor=SYSTEM, at=at)


def _case_of(order_id: int | None) -> int | None:
    """The case an order is for, if it is for one."""
    stream, _, key = payments.get_order(order_id).subject.partition(":") if order_id else ("", "", "")
    return int(key) if stream == "case" else None
