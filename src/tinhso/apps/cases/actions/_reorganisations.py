"""The open cases of a unit handed to its successor: proposed, approved by somebody else, done in batches.

Each batch is one transaction. Interrupted, the round goes on after the last case it has done; told twice, it finds nothing
left to do. Every case has a line in the report and, if it was handed over, an entry of its own in the log.
"""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.audit.actions import record, record_many
from tinhso.apps.cases import permissions, queries
from tinhso.apps.cases.actions._common import civil_date, package_of
from tinhso.apps.cases.actions._desks import DESK_FIELDS, change_desks
from tinhso.apps.cases.actions._refresh import refresh_clocks
from tinhso.apps.cases.data import ReorganisationBySamePerson, ReorganisationNotFound, ReorganisationNotOpen
from tinhso.apps.cases.enums import OPEN_STATUSES, ConsultationStatus, MoveStatus, StepOutcome
from tinhso.apps.cases.events import (
    CaseInherited,
    LimitChanged,
    ReorganisationDecided,
    ReorganisationFinished,
    ReorganisationProposed,
)
from tinhso.apps.cases.models import Case, Consultation, Reorganisation, ReorganisationLine, Transfer
from tinhso.apps.cases.queries import Inheritance, InheritedCase
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid

BATCH = 500
_FIELDS = ("unit", "intake_unit", "area", "national_limit", "time_limit", "updated_at", *DESK_FIELDS)


@action
def propose_reorganisation(
    *, from_unit_id: int, to_unit_id: int, reason: str, basis: str, actor: Actor, at: datetime
) -> Reorganisation:
    """Đề nghị bàn giao mọi hồ sơ đang giải quyết của một đơn vị cho đơn vị kế thừa.

    Raises:
        NotASuccessor: the directory does not name the one as the successor of the other.
        ReorganisationNotOpen: another round of this unit waits or is under way.
        Invalid: no reason, no document, or nothing to hand over.
    """
    require(permissions.can_propose_reorganisation(actor, to_unit_id))
    if not reason.strip() or not basis.strip():
        raise Invalid("Mời ghi lý do và văn bản sắp xếp đơn vị.")
    heritage = queries.inheritance(from_unit_id=from_unit_id, to_unit_id=to_unit_id, on=civil_date(at))
    if queries.open_reorganisation(from_unit_id) is not None:
        raise ReorganisationNotOpen("Đơn vị này đang có một đợt bàn giao chờ duyệt hoặc đang chạy.")
    total = queries.inherited_cases(heritage).count()
    if not total:
        raise Invalid("Đơn vị này không còn hồ sơ nào đang giải quyết.")
    made = Reorganisation.objects.create(
        from_unit_id=from_unit_id, to_unit_id=to_unit_id, reason=reason.strip(), basis=basis.strip()[:300], total=total,
        proposed_by=actor.name, proposed_by_id=actor.account_id, proposed_at=at,
    )  # fmt: skip
    event = ReorganisationProposed(
        reorganisation_id=made.pk, from_unit_id=from_unit_id, to_unit_id=to_unit_id, cases=total, reason=made.reason,
        basis=made.basis,
    )  # fmt: skip
    record(event, subject=f"unit:{from_unit_id}", actor=actor, at=at)
    return made


@action
def decide_reorganisation(*, reorganisation_id: int, approve: bool, actor: Actor, at: datetime) -> Reorganisation:
    """Duyệt hoặc không duyệt việc bàn giao; approved, a job hands the cases over in batches.

    Raises:
        ReorganisationNotFound: there is no such round.
        ReorganisationNotOpen: it was decided already.
        ReorganisationBySamePerson: who proposed it may not approve it.
    """
    work = Reorganisation.objects.select_for_update().filter(pk=reorganisation_id).first()
    if work is None:
        raise ReorganisationNotFound
    require(permissions.can_approve_reorganisation(actor, work.to_unit_id))
    if work.status != MoveStatus.PROPOSED:
        raise ReorganisationNotOpen
    if approve and work.proposed_by_id == actor.account_id:
        raise ReorganisationBySamePerson
    work.status = MoveStatus.APPROVED if approve else MoveStatus.REJECTED
    work.decided_by, work.decided_at = actor.name, at
    work.save(update_fields=["status", "decided_by", "decided_at"])
    event = ReorganisationDecided(reorganisation_id=work.pk, from_unit_id=work.from_unit_id, approved=approve)
    record(event, subject=f"unit:{work.from_unit_id}", actor=actor, at=at)
    return work


@action
def hand_over_batch(*, reorganisation_id: int, actor: Actor, at: datetime) -> Reorganisation:
    """Bàn giao một nhóm hồ sơ của một đợt đã duyệt; goes on where the round stopped.

    Looked at anew: what cannot be handed over now stays, with the reason.
    """
    require(actor.kind is ActorKind.SYSTEM)
    work = Reorganisation.objects.select_for_update().get(pk=reorganisation_id)
    if work.status != MoveStatus.APPROVED:
        return work
    heritage = queries.inheritance(from_unit_id=work.from_unit_id, to_unit_id=work.to_unit_id, on=civil_date(at))
    rows = queries.inherited_cases(heritage).filter(pk__gt=work.latest_case_id)
    cases = list(rows.select_for_update(of=("self",)).order_by("pk")[:BATCH])
    plans = queries.plan_inheritance(cases, heritage)
    moving = [(case, plan) for case, plan in zip(cases, plans, strict=True) if plan.can_move]
    _hand_over(work, heritage, moving, actor=actor, at=at)
    ReorganisationLine.objects.bulk_create(
        ReorganisationLine(
            reorganisation=work, case_id=plan.case_id, desk_before_id=plan.desk_before_id,
            desk_after_id=plan.desk_id if plan.can_move else plan.desk_before_id, moved=plan.can_move,
            failure=plan.obstacle,
        )
        for plan in plans
    )  # fmt: skip
    work.examined += len(cases)
    work.moved += len(moving)
    if cases:
        work.latest_case_id = cases[-1].pk
    if len(cases) < BATCH:
        work.status, work.finished_at = MoveStatus.DONE, at
        event = ReorganisationFinished(
            reorganisation_id=work.pk, from_unit_id=work.from_unit_id, to_unit_id=work.to_unit_id, examined=work.examined,
            moved=work.moved,
        )  # fmt: skip
        record(event, subject=f"unit:{work.from_unit_id}", actor=actor, at=at)
    work.save()
    return work


def _hand_over(
    work: Reorganisation,
    heritage: Inheritance,
    moving: Sequence[tuple[Case, InheritedCase]],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    events = [
        CaseInherited(
            case_id=case.pk, reorganisation_id=work.pk, from_unit_id=work.from_unit_id, to_unit_id=work.to_unit_id,
            unit_id=plan.unit_id, intake_unit_id=plan.intake_unit_id, step=case.step_key, desk_id=plan.desk_id,
            assignee_id=case.assignee_id, basis=work.basis,
        )
        for case, plan in moving
    ]  # fmt: skip
    record_many([(event, f"case:{event.case_id}") for event in events], actor=actor, at=at)
    competent = [case for case, plan in moving if plan.unit_id != case.unit_id]
    for case, plan in moving:
        case.unit_id, case.intake_unit_id, case.updated_at = plan.unit_id, plan.intake_unit_id, at
        if plan.intake_unit_id is not None and plan.intake_unit_id not in case.desk_unit_ids and case.code:
            case.desk_unit_ids = [*case.desk_unit_ids, plan.intake_unit_id]
    elsewhere = [(case, plan.desk_id) for case, plan in moving if plan.desk_id and plan.desk_id != case.step_unit_id]
    note = f"Bàn giao cho {heritage.new.agency_name} ({work.basis})"
    change_desks(elsewhere, outcome=StepOutcome.TRANSFERRED, note=note, actor=actor, at=at)
    limited = _follow_area(competent, heritage, actor=actor, at=at)
    Case.objects.bulk_update([case for case, _ in moving], _FIELDS)
    _turn_round(heritage, [case for case, _ in moving])
    if heritage.old.calendar_key != heritage.new.calendar_key:
        limited = competent
    running = [case for case in limited if case.status in OPEN_STATUSES and case.received_at is not None]
    refresh_clocks(running, at)


def _follow_area(cases: Sequence[Case], heritage: Inheritance, *, actor: Actor, at: datetime) -> list[Case]:
    """Another commune may be one where another limit holds (miền núi); counted from the same start."""
    if heritage.old.area == heritage.new.area:
        return []
    changed, events = [], []
    for case in cases:
        case.area = heritage.new.area
        if not case.limit_key:
            continue
        rule, before = package_of(case).limit(case.limit_key), case.time_limit
        case.national_limit = str(rule.national) if rule.national else ""
        case.time_limit = str(rule.limit_in(case.area))
        if case.time_limit != before:
            changed.append(case)
            event = LimitChanged(case_id=case.pk, limit=case.time_limit, limit_key=case.limit_key, before=before)
            events.append((event, f"case:{case.pk}"))
    record_many(events, actor=actor, at=at)
    return changed


def _turn_round(heritage: Inheritance, cases: Sequence[Case]) -> None:
    """Questions asked of the old unit and cases on their way to it lead to the new one."""
    asked = list(Consultation.objects.filter(case__in=cases, status=ConsultationStatus.OPEN, unit_id__in=heritage.ids))
    for question in asked:
        question.unit_id = heritage.offices.get(question.unit_id) or heritage.new.id
    Consultation.objects.bulk_update(asked, ["unit"])
    sent = list(Transfer.objects.filter(case__in=cases, accepted_at__isnull=True, declined_at__isnull=True))
    for transfer in sent:
        transfer.to_unit_id = heritage.offices.get(transfer.to_unit_id) or transfer.to_unit_id
        transfer.desk_id = heritage.offices.get(transfer.desk_id) or transfer.desk_id
    Transfer.objects.bulk_update(sent, ["to_unit", "desk"])
