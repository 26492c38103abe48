"""What became of the money: the bank's answers line by line, cash handed over against a signature."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.payments.actions import post
from tinhso.apps.payments.data import Posting
from tinhso.apps.payments.enums import EntryKind
from tinhso.apps.payouts import permissions, queries, rules
from tinhso.apps.payouts.actions._batches import lock_batch, owed_account
from tinhso.apps.payouts.actions._runs import lock, stream
from tinhso.apps.payouts.data import PayoutInvalid, PayoutMoved, PayoutNotFound, ResultRow
from tinhso.apps.payouts.enums import BatchStatus, LineStatus
from tinhso.apps.payouts.events import CashHandedOver, LineToCash, ResultsTaken
from tinhso.apps.payouts.models import BatchLine, PayBatch, PayLine, PayRun
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError


@action
def take_results(*, batch_id: int, text: str, actor: Actor, at: datetime) -> int:
    """Nhập kết quả của ngân hàng cho một đợt chi: all lines or none; the same file again changes nothing.

    Returns how many lines were new. The bank may answer in several files.

    Raises:
        PayoutNotFound: no such batch. PayoutMoved: it was not approved. PayoutInvalid: with every wrong line in words.
    """
    batch, run = lock_batch(batch_id)
    require(permissions.can_settle(actor, run.unit_id))
    if batch.status not in {BatchStatus.APPROVED, BatchStatus.ANSWERED}:
        raise PayoutMoved
    rows, problems = rules.read_results(text)
    tries = {queries.reference_of(batch, one.line_id): one for one in queries.lines_in(batch) if not one.by_cash}
    problems += [problem for row in rows if (problem := _problem(row, tries.get(row.reference)))]
    if problems:
        raise PayoutInvalid(
            f"Tệp có {len(problems)} chỗ chưa khớp, chưa nhập dòng nào.",
            errors=[FieldError("file", problem) for problem in problems[:200]],
        )
    fresh = [(row, tries[row.reference]) for row in rows if tries[row.reference].is_paid is None]
    _settle(fresh, at)
    paid = sum(row.amount_vnd for row, _ in fresh if row.paid)
    if not any(one.is_paid is None for one in tries.values()):
        batch.status = BatchStatus.ANSWERED
        batch.save(update_fields=["status"])
    if fresh:
        _book_paid(run, batch, paid, first=min(one.pk for _, one in fresh), actor=actor, at=at)
        returned = sum(not row.paid for row, _ in fresh)
        event = ResultsTaken(
            run_id=run.pk, batch_id=batch.pk, paid=len(fresh) - returned, returned=returned, paid_vnd=paid
        )
        record(event, subject=stream(run.pk), actor=actor, at=at)
    return len(fresh)


@action
def pay_in_cash(*, line_id: int, reason: str, actor: Actor, at: datetime) -> PayLine:
    """Chuyển một khoản bị ngân hàng trả lại sang chi tiền mặt, có lý do.

    Raises:
        PayoutNotFound: no such line. PayoutMoved: it was not returned. PayoutInvalid: no reason.
    """
    line, run = _lock_line(line_id)
    require(permissions.can_settle(actor, run.unit_id))
    if line.status != LineStatus.RETURNED:
        raise PayoutMoved
    if not reason.strip():
        raise PayoutInvalid("Mời ghi lý do chi tiền mặt.")
    line.status, line.reason = LineStatus.CASH, reason.strip()[:300]
    line.save(update_fields=["status", "reason"])
    event = LineToCash(run_id=run.pk, line_id=line.pk, reason=line.reason)
    record(event, subject=stream(run.pk), actor=actor, at=at)
    return line


@action
def hand_over_cash(*, line_id: int, receiver: str, actor: Actor, at: datetime) -> PayLine:
    """Chi tiền mặt, người nhận ký vào danh sách. `receiver`: who took it, the payee or who may take it for them.

    Raises:
        PayoutNotFound: no such line. PayoutMoved: it does not wait for cash. PayoutInvalid: nobody named.
    """
    line, run = _lock_line(line_id)
    require(permissions.can_settle(actor, run.unit_id))
    if line.status != LineStatus.CASH:
        raise PayoutMoved
    if not receiver.strip():
        raise PayoutInvalid("Mời ghi họ tên người nhận và ký.")
    line.status, line.receiver, line.settled_at = LineStatus.CASH_PAID, receiver.strip()[:200], at
    line.save()
    sides = (Posting(owed_account(run), line.amount_vnd), Posting(f"vault:{run.unit_id}", -line.amount_vnd))
    post(
        key=f"payout:cash:{line.pk}", kind=EntryKind.PAYOUT, postings=sides, unit_id=run.unit_id,
        note=f"Chi tiền mặt tháng {run.month:%m/%Y}", actor=actor, at=at,
    )  # fmt: skip
    event = CashHandedOver(run_id=run.pk, line_id=line.pk, amount_vnd=line.amount_vnd, receiver=line.receiver)
    record(event, subject=stream(run.pk), actor=actor, at=at)
    return line


def _problem(row: ResultRow, one: BatchLine | None) -> str:
    if one is None:
        return f"Tham chiếu {row.reference} không thuộc đợt chi này."
    if row.amount_vnd != one.line.amount_vnd:
        return f"Tham chiếu {row.reference}: ngân hàng ghi {row.amount_vnd} đồng, ta chi {one.line.amount_vnd} đồng."
    if one.is_paid is not None and one.is_paid != row.paid:
        return f"Tham chiếu {row.reference}: trái với kết quả đã nhập."
    return ""


def _settle(fresh: Sequence[tuple[ResultRow, BatchLine]], at: datetime) -> None:
    """Write the bank's answers: two statements for however many lines, for a province answers ten thousand at once."""
    for row, one in fresh:
        one.is_paid = row.paid
    answers: dict[str, list[Any]] = {
        "tries": [one.pk for _, one in fresh], "lines": [one.line_id for _, one in fresh],
        "paid": [row.paid for row, _ in fresh], "reasons": [row.reason for row, _ in fresh],
        "references": [row.bank_reference for row, _ in fresh],
    }  # fmt: skip
    given: dict[str, Any] = {
        **answers,
        "at": at,
        "is_paid": LineStatus.PAID.value,
        "is_returned": LineStatus.RETURNED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payouts_batchline AS row SET is_paid = told.paid, reason = told.reason,"
            " bank_reference = told.reference, answered_at = %(at)s"
            " FROM unnest(%(tries)s::bigint[], %(paid)s::boolean[], %(reasons)s::text[], %(references)s::text[])"
            " AS told(id, paid, reason, reference) WHERE row.id = told.id",
            given,
        )
        cursor.execute(
            "UPDATE payouts_payline AS row SET status = CASE WHEN told.paid THEN %(is_paid)s ELSE %(is_returned)s END,"
            " reason = CASE WHEN told.paid THEN '' ELSE told.reason END,"
            " bank_reference = CASE WHEN told.paid THEN told.reference ELSE '' END,"
            " settled_at = CASE WHEN told.paid THEN %(at)s::timestamptz END"
            " FROM unnest(%(lines)s::bigint[], %(paid)s::boolean[], %(reasons)s::text[], %(references)s::text[])"
            " AS told(id, paid, reason, reference) WHERE row.id = told.id",
            given,
        )


def _book_paid(run: PayRun, batch: PayBatch, paid: int, *, first: int, actor: Actor, at: datetime) -> None:
    if not paid:
        return
    sides = (Posting(owed_account(run), paid), Posting(f"bank:payout:{run.unit_id}", -paid))
    post(
        key=f"payout:paid:{batch.pk}:{first}", kind=EntryKind.PAYOUT, postings=sides, unit_id=run.unit_id,
        note=f"Ngân hàng đã chi đợt {batch.number} tháng {run.month:%m/%Y}", actor=actor, at=at,
    )  # fmt: skip


def _lock_line(line_id: int) -> tuple[PayLine, PayRun]:
    run_id = PayLine.objects.filter(pk=line_id).values_list("run_id", flat=True).first()
    if run_id is None:
        raise PayoutNotFound
    run = lock(run_id)
    return PayLine.objects.select_for_update().get(pk=line_id), run
