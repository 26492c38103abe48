"""The end of a linked case by people: withdrawn as a whole, handed over as a whole."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import rules
from tinhso.apps.cases.actions._common import lock_case, save
from tinhso.apps.cases.actions._steps import close_steps, leave_step
from tinhso.apps.cases.data import CaseNotWithdrawable, LegNotAlone
from tinhso.apps.cases.enums import INTAKE_STATUSES, OPEN_STATUSES, CaseStatus, LegStatus, ResultStatus, StepOutcome
from tinhso.apps.cases.events import CaseWithdrawn, LegFinished, ResultDelivered
from tinhso.apps.cases.models import Case, Leg
from tinhso.kernel.actor import Actor
from tinhso.kernel.prepared import Prepared

_CHILDREN = Prepared(
    lambda parent_id: (
        Leg.objects.filter(parent_id=parent_id, child__isnull=False)
        .values_list("child_id", flat=True).order_by("position")
    ),
    parent_id=int,
)  # fmt: skip


def refuse_alone(case: Case) -> None:
    """What is done once for the whole is not done for one leg.

    Raises:
        LegNotAlone: the case is a leg.
    """
    if case.parent_id is not None:
        raise LegNotAlone


def withdraw_legs(parent: Case, *, reason: str, actor: Actor, at: datetime) -> None:
    """Withdraw every leg of a locked whole that is not decided yet; what is decided stays decided.

    Raises:
        CaseNotWithdrawable: the result of a leg is approved and being signed.
    """
    legs = list(Leg.objects.select_for_update().filter(parent=parent).order_by("position"))
    # Every case first: nothing is written before all of them are ours.
    children = {leg.key: lock_case(leg.child_id) for leg in legs if leg.child_id is not None}
    for child in children.values():
        if child.results.filter(status=ResultStatus.APPROVED).exists():
            raise CaseNotWithdrawable("Kết quả của một bước đã được phê duyệt, đang ký số.")
    for leg in legs:
        if leg.status in rules.OVER:
            continue
        own = children.get(leg.key)
        if own is not None and own.status in {*INTAKE_STATUSES, *OPEN_STATUSES}:
            own.results.filter(status=ResultStatus.PROPOSED).update(status=ResultStatus.CANCELLED)
            own.status, own.closed_at = CaseStatus.WITHDRAWN, at
            own.save(update_fields=["status", "closed_at"])
            close_steps(own, actor=actor, at=at, note="Người nộp rút hồ sơ liên thông")
            record(CaseWithdrawn(case_id=own.pk, reason=reason), subject=own, actor=actor, at=at)
        leg.status, leg.finished_at, leg.note = LegStatus.STOPPED, at, "Người nộp rút hồ sơ"
        leg.save(update_fields=["status", "finished_at", "note"])
        event = LegFinished(case_id=parent.pk, leg=leg.key, status=LegStatus.STOPPED, reason=leg.note)
        record(event, subject=parent, actor=actor, at=at)


def deliver_legs(parent: Case, *, to_name: str, method: str, actor: Actor, at: datetime) -> None:
    """Hand over with the whole the result of every leg that has one (trả trọn bộ kết quả một lần)."""
    for child_id in _CHILDREN.all(parent_id=parent.pk):
        child = lock_case(child_id or 0)
        if child.status != CaseStatus.RESOLVED:
            continue
        if child.step_key:
            leave_step(child, outcome=StepOutcome.DELIVERED, actor=actor, at=at)
        child.status, child.delivered_at, child.closed_at = CaseStatus.DELIVERED, at, at
        save(child, at, "status", "delivered_at", "closed_at")
        close_steps(child, actor=actor, at=at, note="")
        event = ResultDelivered(case_id=child.pk, to_name=to_name or child.applicant_name, method=method)
        record(event, subject=child, actor=actor, at=at)
