"""What a payment moves in a case, and what the end of a case does to money."""

from datetime import datetime

from tinhso.apps.cases import actions
from tinhso.apps.cases.events import CaseStopped, CaseWithdrawn, IntakeRefused
from tinhso.apps.cases.rules import gives_back
from tinhso.apps.payments.events import PaymentConfirmed
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor


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
