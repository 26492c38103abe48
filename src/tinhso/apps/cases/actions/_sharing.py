"""Taking work, giving it back, standing in for somebody who is away (nhận việc, trả việc, làm thay)."""

from datetime import datetime

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._common import lock_case, save
from tinhso.apps.cases.data import CaseMoved, CaseTaken
from tinhso.apps.cases.enums import AssignmentReason, CaseStatus
from tinhso.apps.cases.events import CaseAssigned
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import stands_in_for
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

_AT_WORK = (CaseStatus.RECEIVED, CaseStatus.PROCESSING)


@action
def claim_case(*, case_id: int, step: str, actor: Actor, at: datetime) -> Case:
    """Nhận việc: a case of the unit that nobody has becomes the actor's own; asked again, nothing changes.

    Work of somebody who is away may be taken by the one who stands in for him, and by nobody else.

    Raises:
        CaseMoved: the case has left that step.
        CaseTaken: it is somebody else's.
    """
    case = _lock_at_work(case_id, actor)
    require(actor.kind is ActorKind.OFFICER and permissions.can_take(actor, case))
    if case.step_key != step:
        raise CaseMoved(f"Hồ sơ đang ở bước «{case.step_name}».")
    if case.assignee_id == actor.account_id:
        return case
    reason = AssignmentReason.CLAIMED
    if case.assignee_id is not None:
        if case.assignee_id not in stands_in_for(actor=actor, at=at):
            name = accounts.account_names([case.assignee_id]).get(case.assignee_id, "Người khác")
            raise CaseTaken(f"Hồ sơ này đang giao cho {name}; người phân công mới chuyển được.")
        reason = AssignmentReason.STOOD_IN
    _give(case, actor.account_id, reason, actor=actor, at=at)
    return case


@action
def release_case(*, case_id: int, actor: Actor, at: datetime) -> Case:
    """Trả việc: the case is the whole unit's again; its step and its clock stay as they are.

    Raises:
        CaseMoved: the case is not in work.
    """
    case = _lock_at_work(case_id, actor)
    require(permissions.can_release(actor, case))
    _give(case, None, AssignmentReason.RELEASED, actor=actor, at=at)
    return case


def _give(case: Case, assignee_id: int | None, reason: AssignmentReason, *, actor: Actor, at: datetime) -> None:
    previous_id, case.assignee_id = case.assignee_id, assignee_id
    save(case, at, "assignee")
    event = CaseAssigned(
        case_id=case.pk, step=case.step_key, assignee_id=assignee_id, reason=reason.value, previous_id=previous_id
    )
    record(event, subject=case, actor=actor, at=at)


def _lock_at_work(case_id: int, actor: Actor) -> Case:
    case = lock_case(case_id)
    require(permissions.can_view(actor, case))
    if case.status not in _AT_WORK:
        raise CaseMoved(f"Hồ sơ hiện ở trạng thái «{CaseStatus(case.status).label}».")
    return case
