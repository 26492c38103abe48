"""Moving running cases to another version of their procedure: proposed, approved by somebody else, each on its own."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, queries
from tinhso.apps.cases.actions._common import civil_date, lock_case, save
from tinhso.apps.cases.actions._refresh import change_limit
from tinhso.apps.cases.data import MoveBySamePerson, MoveNotFound, MoveNotOpen
from tinhso.apps.cases.enums import MoveStatus
from tinhso.apps.cases.events import CaseVersionMoved, VersionMoveDecided, VersionMoveFinished, VersionMoveProposed
from tinhso.apps.cases.models import VersionMove, VersionMoveLine
from tinhso.apps.procedures import queries as procedures
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid


@action
def propose_version_move(
    *, procedure_code: str, to_version_id: int, reason: str, basis: str, actor: Actor, at: datetime
) -> VersionMove:
    """Đề nghị chuyển hồ sơ đang giải quyết sang phiên bản khác: what differs is kept with the proposal, case by case.

    Raises:
        MoveNotOpen: another proposal for this procedure waits.
        Invalid: no reason, no transitional rule, nothing to move, or not a version of this procedure.
    """
    require(permissions.can_propose_version_move(actor))
    if not reason.strip() or not basis.strip():
        raise Invalid("Mời ghi lý do và quy định chuyển tiếp cho phép chuyển phiên bản.")
    found = queries.preview_move(procedure_code=procedure_code, to_version_id=to_version_id, now=at)
    if not found:
        raise Invalid("Không có hồ sơ nào đang giải quyết theo phiên bản khác.")
    if VersionMove.objects.filter(procedure_code=procedure_code, status=MoveStatus.PROPOSED).exists():
        raise MoveNotOpen("Thủ tục này đang có một đề nghị chuyển phiên bản chờ duyệt.")
    move = VersionMove.objects.create(
        procedure_code=procedure_code, to_version_id=to_version_id, reason=reason.strip(), basis=basis.strip()[:300],
        proposed_by=actor.name, proposed_by_id=actor.account_id, proposed_at=at,
    )  # fmt: skip
    from_versions = dict(queries.versions_of([line.case_id for line in found]))
    VersionMoveLine.objects.bulk_create(
        VersionMoveLine(
            move=move, case_id=line.case_id, from_version_id=from_versions[line.case_id], difference=line.to_dict(),
            can_move=line.can_move,
        )
        for line in found
    )  # fmt: skip
    event = VersionMoveProposed(
        move_id=move.pk, procedure=procedure_code, to_version_id=to_version_id, cases=len(found), reason=move.reason,
        basis=move.basis,
    )  # fmt: skip
    record(event, subject=f"procedure:{procedure_code}", actor=actor, at=at)
    return move


@action
def decide_version_move(*, move_id: int, approve: bool, actor: Actor, at: datetime) -> VersionMove:
    """Duyệt hoặc không duyệt chuyển phiên bản; approved, a job moves every case that can be moved.

    Raises:
        MoveNotFound: there is no such proposal.
        MoveNotOpen: it was decided already.
        MoveBySamePerson: who proposed it may not approve it.
    """
    require(permissions.can_approve_version_move(actor))
    move = _lock(move_id)
    if move.status != MoveStatus.PROPOSED:
        raise MoveNotOpen
    if approve and move.proposed_by_id == actor.account_id:
        raise MoveBySamePerson
    move.status = MoveStatus.APPROVED if approve else MoveStatus.REJECTED
    move.decided_by, move.decided_at = actor.name, at
    move.save(update_fields=["status", "decided_by", "decided_at"])
    event = VersionMoveDecided(move_id=move.pk, procedure=move.procedure_code, approved=approve)
    record(event, subject=f"procedure:{move.procedure_code}", actor=actor, at=at)
    return move


@action
def move_case(*, line_id: int, actor: Actor, at: datetime) -> VersionMoveLine:
    """Chuyển một hồ sơ sang phiên bản đã duyệt. Looked at anew: what cannot be moved now stays, with the reason.

    Told twice, it happens once.
    """
    require(actor.kind is ActorKind.SYSTEM)
    line = VersionMoveLine.objects.select_related("move").get(pk=line_id)
    if line.moved_at is not None or line.move.status != MoveStatus.APPROVED:
        return line
    case = lock_case(line.case_id)
    to = procedures.get_version_by_id(line.move.to_version_id)
    found = queries.compare(case, to, from_number=0, today=civil_date(at))
    if case.status not in queries.RUNNING or case.version_id != line.from_version_id:
        line.failure = "Hồ sơ đã kết thúc hoặc đã đổi phiên bản."
    elif not found.can_move:
        line.failure = " ".join(found.obstacles)
    else:
        line.failure, line.moved_at = "", at
        before = case.version_id
        case.version_id, case.procedure_name = to.id, to.facts.name
        save(case, at, "version", "procedure_name")
        event = CaseVersionMoved(
            case_id=case.pk, move_id=line.move_id, from_version_id=before, to_version_id=to.id, reason=line.move.reason
        )
        record(event, subject=case, actor=actor, at=at)
        change_limit(case, limit=found.limit, limit_key=found.limit_key, actor=actor, at=at)
    line.save(update_fields=["failure", "moved_at"])
    return line


@action
def finish_version_move(*, move_id: int, actor: Actor, at: datetime) -> VersionMove:
    """Kết thúc một đợt chuyển phiên bản, with its count (báo cáo kết quả chuyển)."""
    require(actor.kind is ActorKind.SYSTEM)
    move = _lock(move_id)
    if move.status != MoveStatus.APPROVED:
        return move
    move.status = MoveStatus.DONE
    move.save(update_fields=["status"])
    moved, whole = move.lines.filter(moved_at__isnull=False).count(), move.lines.count()
    event = VersionMoveFinished(move_id=move.pk, procedure=move.procedure_code, moved=moved, failed=whole - moved)
    record(event, subject=f"procedure:{move.procedure_code}", actor=actor, at=at)
    return move


def _lock(move_id: int) -> VersionMove:
    move = VersionMove.objects.select_for_update().filter(pk=move_id).first()
    if move is None:
        raise MoveNotFound
    return move
