"""Approving many results with one consent."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.audit.actions import record, record_disclosure
from tinhso.apps.cases import queries
from tinhso.apps.cases.actions._processing import approve_result
from tinhso.apps.cases.events import SigningBatchConsented
from tinhso.apps.cases.models import Result, SigningBatch, SigningBatchLine
from tinhso.apps.cases.permissions import CasePermission
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid

MOST = 200


@action
def consent_to_signing(*, cases: Sequence[tuple[str, str]], actor: Actor, at: datetime) -> SigningBatch:
    """Đồng ý ký một loạt kết quả: (case code, step shown) pairs, up to 200; a job approves and signs them one by one.

    Raises:
        Invalid: nothing, or more than 200.
    """
    require(actor.account_id is not None and bool(actor.unit_ids_for(CasePermission.APPROVE)))
    chosen = dict(cases)
    if not chosen or len(chosen) > MOST:
        raise Invalid(f"Mỗi lượt ký từ 1 đến {MOST} kết quả.")
    batch = SigningBatch.objects.create(account_id=actor.account_id or 0, consented_at=at)
    SigningBatchLine.objects.bulk_create(
        SigningBatchLine(batch=batch, position=place, case_code=code, step=step)
        for place, (code, step) in enumerate(chosen.items())
    )
    event = SigningBatchConsented(batch_id=batch.pk, count=len(chosen))
    record(event, subject=f"account:{actor.account_id}", actor=actor, at=at)
    return batch


@action
def approve_in_batch(*, line_id: int, actor: Actor, at: datetime) -> Result | None:
    """Phê duyệt một kết quả của lượt ký, under the leader's right. Done already: nothing happens.

    Raises:
        what `approve_result` refuses; nothing is written then.
    """
    line = SigningBatchLine.objects.select_for_update(of=("self",)).select_related("batch").get(pk=line_id)
    require(line.batch.account_id == actor.account_id)
    if line.done_at is not None:
        return None
    case = queries.get_case(actor=actor, code=line.case_code)
    record_disclosure(
        subject=f"case:{case.pk}", purpose="Ký duyệt hàng loạt", fields=["results.draft"], actor=actor, at=at
    )
    result = approve_result(case_id=case.pk, step=line.step, actor=actor, at=at)
    line.result, line.done_at = result, at
    line.save(update_fields=["result", "done_at"])
    return result


@action
def record_batch_refusal(*, line_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Ghi lý do một kết quả của lượt ký không ký được."""
    line = SigningBatchLine.objects.select_for_update(of=("self",)).select_related("batch").get(pk=line_id)
    require(line.batch.account_id == actor.account_id)
    if line.done_at is None:
        line.refusal, line.done_at = reason[:300], at
        line.save(update_fields=["refusal", "done_at"])


@action
def finish_signing_batch(*, batch_id: int, actor: Actor, at: datetime) -> None:
    """Kết thúc lượt ký: every line has its outcome; signatures may still be on their way."""
    batch = SigningBatch.objects.select_for_update().get(pk=batch_id)
    require(batch.account_id == actor.account_id)
    if batch.finished_at is None and not batch.lines.filter(done_at__isnull=True).exists():
        batch.finished_at = at
        batch.save(update_fields=["finished_at"])
