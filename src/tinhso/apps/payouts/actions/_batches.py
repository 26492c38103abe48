"""Batches: submitted by one person, checked by a second, approved by a third; then the file for the bank stands."""

import hashlib
from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.payments.actions import post
from tinhso.apps.payments.data import Posting
from tinhso.apps.payments.enums import EntryKind
from tinhso.apps.payouts import permissions, queries, rules
from tinhso.apps.payouts.actions._runs import lock, stream
from tinhso.apps.payouts.data import NotBySamePayer, PayoutInvalid, PayoutMoved, PayoutNotFound
from tinhso.apps.payouts.enums import BatchStatus, LineStatus, RunStatus
from tinhso.apps.payouts.events import BatchApproved, BatchChecked, BatchRefused, BatchSubmitted
from tinhso.apps.payouts.models import BatchLine, PayBatch, PayLine, PayRun
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor


@action
def submit_batch(*, run_id: int, actor: Actor, at: datetime) -> PayBatch:
    """Trình một đợt chi: every line of the run that has not been paid yet and waits in no other batch.

    Raises:
        PayoutNotFound: no such run. PayoutMoved: its list is still being drawn up, or nothing is left to pay.
    """
    run = lock(run_id)
    require(permissions.can_prepare(actor, run.unit_id))
    lines = list(PayLine.objects.select_for_update().filter(run=run, status=LineStatus.PLANNED).order_by("pk"))
    if run.status != RunStatus.READY or not lines:
        raise PayoutMoved("Danh sách chưa lập xong, hoặc không còn dòng nào chờ chi.")
    assert actor.account_id is not None  # noqa: S101 - an officer has an account
    number = PayBatch.objects.filter(run=run).count() + 1
    made = PayBatch.objects.create(
        run=run, number=number, count=len(lines), amount_vnd=sum(line.amount_vnd for line in lines),
        submitted_by_id=actor.account_id, submitted_by=actor.name[:200], submitted_at=at,
    )  # fmt: skip
    BatchLine.objects.bulk_create(
        BatchLine(batch=made, line=line, by_cash=not (line.bank_bin and line.account_number)) for line in lines
    )
    PayLine.objects.filter(pk__in=[line.pk for line in lines]).update(status=LineStatus.IN_BATCH, reason="")
    event = BatchSubmitted(run_id=run.pk, batch_id=made.pk, lines=made.count, amount_vnd=made.amount_vnd)
    record(event, subject=stream(run.pk), actor=actor, at=at)
    return made


@action
def check_batch(*, batch_id: int, actor: Actor, at: datetime) -> PayBatch:
    """Kiểm tra đợt chi: the first of two approvals.

    Raises:
        PayoutNotFound: no such batch. PayoutMoved: it does not wait for this. NotBySamePayer: the actor submitted it.
    """
    batch, run = lock_batch(batch_id)
    require(permissions.can_check(actor, run.unit_id))
    _at_step(batch, BatchStatus.SUBMITTED)
    if actor.account_id == batch.submitted_by_id:
        raise NotBySamePayer
    batch.status, batch.checked_by_id, batch.checked_by, batch.checked_at = (
        BatchStatus.CHECKED, actor.account_id, actor.name[:200], at,
    )  # fmt: skip
    batch.save()
    record(BatchChecked(run_id=run.pk, batch_id=batch.pk), subject=stream(run.pk), actor=actor, at=at)
    return batch


@action
def approve_batch(*, batch_id: int, actor: Actor, at: datetime) -> PayBatch:
    """Duyệt đợt chi: the second approval; the file for the bank is made, and what is owed to the payees is in the book.

    Raises:
        PayoutNotFound: no such batch. PayoutMoved: it does not wait for this.
        NotBySamePayer: the actor submitted or checked it.
    """
    batch, run = lock_batch(batch_id)
    require(permissions.can_approve(actor, run.unit_id))
    _at_step(batch, BatchStatus.CHECKED)
    if actor.account_id in {batch.submitted_by_id, batch.checked_by_id}:
        raise NotBySamePayer
    book = queries.rules_now()
    batch.content = rules.bank_file(queries.file_lines(batch), columns=book.columns, separator=book.separator)
    batch.sha256 = hashlib.sha256(batch.content.encode()).hexdigest()
    batch.status, batch.approved_by_id, batch.approved_by, batch.approved_at = (
        BatchStatus.APPROVED, actor.account_id, actor.name[:200], at,
    )  # fmt: skip
    tries = list(queries.lines_in(batch))
    cash = [one.line_id for one in tries if one.by_cash]
    if len(cash) == len(tries):  # nobody waits for the bank
        batch.status = BatchStatus.ANSWERED
    batch.save()
    _book_debt(run, batch, sum(one.line.amount_vnd for one in tries if not one.line.is_booked), actor=actor, at=at)
    sent = [one.line_id for one in tries if not one.by_cash]
    PayLine.objects.filter(pk__in=sent).update(status=LineStatus.SENT, is_booked=True)
    PayLine.objects.filter(pk__in=cash).update(status=LineStatus.CASH, is_booked=True)
    event = BatchApproved(run_id=run.pk, batch_id=batch.pk, amount_vnd=batch.amount_vnd, sha256=batch.sha256)
    record(event, subject=stream(run.pk), actor=actor, at=at)
    return batch


@action
def refuse_batch(*, batch_id: int, reason: str, actor: Actor, at: datetime) -> PayBatch:
    """Trả lại một đợt chi đang chờ kiểm tra hoặc chờ duyệt, có lý do; its lines may be put into another.

    Raises:
        PayoutNotFound: no such batch. PayoutMoved: it is approved already. PayoutInvalid: no reason.
    """
    batch, run = lock_batch(batch_id)
    is_first = batch.status == BatchStatus.SUBMITTED
    require((permissions.can_check if is_first else permissions.can_approve)(actor, run.unit_id))
    if batch.status not in {BatchStatus.SUBMITTED, BatchStatus.CHECKED}:
        raise PayoutMoved
    if not reason.strip():
        raise PayoutInvalid("Mời ghi lý do trả lại đợt chi.")
    batch.status, batch.refusal = BatchStatus.REFUSED, reason.strip()[:500]
    batch.save()
    PayLine.objects.filter(tries__batch=batch).update(status=LineStatus.PLANNED)
    event = BatchRefused(run_id=run.pk, batch_id=batch.pk, reason=batch.refusal)
    record(event, subject=stream(run.pk), actor=actor, at=at)
    return batch


def _book_debt(run: PayRun, batch: PayBatch, amount: int, *, actor: Actor, at: datetime) -> None:
    if not amount:
        return
    sides = (Posting(f"allowance:{run.programme}:{run.unit_id}", amount), Posting(owed_account(run), -amount))
    post(
        key=f"payout:approved:{batch.pk}", kind=EntryKind.PAYOUT, postings=sides, unit_id=run.unit_id,
        note=f"Duyệt đợt chi {batch.number} tháng {run.month:%m/%Y}", actor=actor, at=at,
    )  # fmt: skip


def owed_account(run: PayRun) -> str:
    """What a unit owes its payees (phải trả người hưởng)."""
    return f"payout-due:{run.unit_id}"


def _at_step(batch: PayBatch, status: BatchStatus) -> None:
    if batch.status != status:
        raise PayoutMoved


def lock_batch(batch_id: int) -> tuple[PayBatch, PayRun]:
    """A batch and its run, locked, the run first."""
    run_id = PayBatch.objects.filter(pk=batch_id).values_list("run_id", flat=True).first()
    if run_id is None:
        raise PayoutNotFound
    run = lock(run_id)
    batch = PayBatch.objects.select_for_update().get(pk=batch_id)
    batch.run = run
    return batch, run
