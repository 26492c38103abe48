"""Hand-overs between agencies: filed anywhere in the province, sent on by mistake or by law, taken or declined.

Two acts always: who holds the case hands it on, and the desk it was sent to takes it. Between the two it lies at that
desk and nothing else is done with it.
"""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._common import civil_date, lock_case, package_of, require_undecided, save
from tinhso.apps.cases.actions._refresh import change_limit, refresh_clock, start_clock
from tinhso.apps.cases.actions._steps import enter_step, leave_step, step_unit_id
from tinhso.apps.cases.data import CaseMoved, CaseTravelling, NotAwaitingHandover, UnitNotCompetent
from tinhso.apps.cases.enums import CaseStatus, ResultStatus, StepOutcome, TransferKind
from tinhso.apps.cases.events import CaseHandedOn, CaseHandedOver, HandoverDeclined
from tinhso.apps.cases.models import Case, Transfer
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.data import Package, WorkflowStep
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid
from tinhso.kernel.prepared import Prepared

FILED_ELSEWHERE_BASIS = "Điều 17, 118/2025/NĐ-CP"
_UNDER_WAY = Prepared(
    lambda case: Transfer.objects.filter(case_id=case, accepted_at__isnull=True, declined_at__isnull=True).order_by(
        "pk"
    ),
    case=int,
)
_BY_PEOPLE = (TransferKind.WRONG_UNIT, TransferKind.REORGANISATION)


@action
def transfer_case(
    *, case_id: int, step: str, to_unit_id: int, kind: str, reason: str, basis: str, actor: Actor, at: datetime
) -> Transfer:
    """Chuyển hồ sơ sang cơ quan khác cùng cấp: sai thẩm quyền, hoặc sắp xếp lại tổ chức.

    Sent to the wrong agency, its limit counts from the day the competent one takes it; after a reorganisation the clock
    simply goes on, because the citizen has nothing to do with it.

    Raises:
        CaseMoved: somebody was first, it is not in work, or its result is approved and being signed.
        CaseTravelling: it is on its way already.
        UnitNotCompetent: the unit is of another level, closed, or the one that has the case.
        Invalid: no reason, no such kind, or no basis of a reorganisation.
    """
    case = lock_case(case_id)
    require(permissions.can_transfer(actor, case))
    if case.status not in {CaseStatus.RECEIVED, CaseStatus.PROCESSING} or case.step_key != step or case.parent_id:
        raise CaseMoved(f"Hồ sơ hiện ở trạng thái «{CaseStatus(case.status).label}», bước «{case.step_name}».")
    require_undecided(case)
    require_settled(case)
    if kind not in _BY_PEOPLE:
        raise Invalid("Mời chọn vì sao chuyển: sai thẩm quyền hoặc sắp xếp tổ chức.")
    if not reason.strip() or (kind == TransferKind.REORGANISATION and not basis.strip()):
        raise Invalid("Mời ghi lý do chuyển, và văn bản sắp xếp tổ chức nếu chuyển vì lý do đó.")
    _require_peer(case, to_unit_id, at)
    return hand_on(
        case, TransferKind(kind), to_unit_id=to_unit_id, reason=reason.strip(), basis=basis.strip(), actor=actor, at=at
    )


@action
def accept_handover(*, case_id: int, actor: Actor, at: datetime) -> Case:
    """Nhận hồ sơ chuyển đến. Filed elsewhere, the clock starts now (Điều 17 khoản 3 Nghị định 118/2025/NĐ-CP).

    Raises:
        NotAwaitingHandover: nothing is on its way to this desk, or it was taken already.
    """
    case = lock_case(case_id)
    require(permissions.can_take_over(actor, case))
    transfer = _open(case)
    if case.status not in {CaseStatus.RECEIVED, CaseStatus.PROCESSING} or transfer is None:
        raise NotAwaitingHandover
    transfer.accepted_at, transfer.accepted_by = at, actor.name
    transfer.save(update_fields=["accepted_at", "accepted_by"])
    case.unit_id = transfer.to_unit_id
    save(case, at, "unit")
    package = package_of(case)
    not_started = case.due_at is None and case.paused_since is None
    restarts = transfer.kind == TransferKind.WRONG_UNIT and not not_started
    event = CaseHandedOver(
        case_id=case.pk, transfer_id=transfer.pk, kind=transfer.kind, unit_id=transfer.to_unit_id, handed_over_at=at,
        restarts_clock=restarts, basis=transfer.basis or FILED_ELSEWHERE_BASIS,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    _follow_area(case, package, actor=actor, at=at)
    if not_started:
        start_clock(case, actor=actor, at=at)
    else:
        refresh_clock(case, at=at)
    leave_step(case, outcome=StepOutcome.FORWARDED, actor=actor, at=at, note="Đã nhận hồ sơ chuyển đến")
    if transfer.kind != TransferKind.REORGANISATION:
        case.results.filter(status=ResultStatus.PROPOSED).update(status=ResultStatus.CANCELLED)
    case.status = CaseStatus.PROCESSING
    save(case, at, "status")
    enter_step(case, package, _next_step(package, transfer), actor=actor, at=at)
    return case


@action
def decline_handover(*, case_id: int, reason: str, actor: Actor, at: datetime) -> Case:
    """Không nhận hồ sơ chuyển đến: it goes back to where it was sent from, with the reason.

    Raises:
        NotAwaitingHandover: nothing is on its way to this desk.
        Invalid: no reason.
    """
    case = lock_case(case_id)
    require(permissions.can_take_over(actor, case))
    transfer = _open(case)
    if case.status not in {CaseStatus.RECEIVED, CaseStatus.PROCESSING} or transfer is None:
        raise NotAwaitingHandover
    if not reason.strip():
        raise Invalid("Mời ghi lý do không nhận để nơi chuyển biết mà xử lý.")
    transfer.declined_at, transfer.declined_by, transfer.decline_reason = at, actor.name, reason.strip()
    transfer.save(update_fields=["declined_at", "declined_by", "decline_reason"])
    event = HandoverDeclined(case_id=case.pk, transfer_id=transfer.pk, reason=reason.strip())
    record(event, subject=case, actor=actor, at=at)
    leave_step(case, outcome=StepOutcome.RETURNED, actor=actor, at=at, note=reason.strip())
    package = package_of(case)
    enter_step(case, package, package.workflow.get(transfer.step_key), actor=actor, at=at, starts_clock=False)
    return case


def require_settled(case: Case) -> None:
    """Refuse while the case is on its way to another agency.

    Raises:
        CaseTravelling: it is.
    """
    if _open(case) is not None:
        raise CaseTravelling


def hand_on(
    case: Case, kind: TransferKind, *, to_unit_id: int, reason: str, basis: str, actor: Actor, at: datetime
) -> Transfer:
    """Put a locked case on the desk of another agency, to be taken there."""
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit
    desk = directory.one_stop_of(to_unit_id, civil_date(at))
    desk_id = desk.id if desk else to_unit_id
    assert case.intake_unit_id is not None  # noqa: S101 - likewise
    here = case.intake_unit_id if kind == TransferKind.FILED_ELSEWHERE else case.unit_id
    package = package_of(case)
    transfer = Transfer.objects.create(
        case=case, kind=kind, from_unit_id=here, to_unit_id=to_unit_id, desk_id=desk_id, step_key=case.step_key,
        reason=reason, basis=basis, sent_at=at, sent_by=actor.name,
    )  # fmt: skip
    leave_step(case, outcome=StepOutcome.TRANSFERRED, actor=actor, at=at, note=reason)
    event = CaseHandedOn(
        case_id=case.pk, transfer_id=transfer.pk, kind=kind, from_unit_id=transfer.from_unit_id, to_unit_id=to_unit_id,
        desk_id=desk_id, reason=reason, basis=basis,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    enter_step(case, package, package.workflow.first(), actor=actor, at=at, unit_id=desk_id, starts_clock=False)
    return transfer


def hand_to_competent(case: Case, *, actor: Actor, at: datetime) -> Transfer:
    """What was received for another agency goes there at once (Điều 18 Nghị định 118/2025/NĐ-CP)."""
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit
    return hand_on(
        case, TransferKind.FILED_ELSEWHERE, to_unit_id=case.unit_id, reason="Nộp tại nơi khác trong tỉnh",
        basis=FILED_ELSEWHERE_BASIS, actor=actor, at=at,
    )  # fmt: skip


def waits_for_competent(case: Case, at: datetime) -> bool:
    """Whether a received case lies at a counter that is not the resolving agency's, its clock not started."""
    if case.unit_id is None or case.due_at is not None or case.paused_since is not None:
        return False
    own = directory.one_stop_of(case.unit_id, civil_date(at))
    return own is not None and case.intake_unit_id not in {own.id, case.unit_id}


def end_transfer(case: Case, *, actor: Actor, at: datetime) -> None:
    """The case ends while it is on its way."""
    open_ones = case.transfers.filter(accepted_at__isnull=True, declined_at__isnull=True)
    open_ones.update(declined_at=at, declined_by=actor.name, decline_reason="Hồ sơ đã kết thúc")


def _open(case: Case) -> Transfer | None:
    return _UNDER_WAY.first(case=case.pk)


def _next_step(package: Package, transfer: Transfer) -> WorkflowStep:
    """Where the case goes on: after a reorganisation where it was, else after the reception."""
    at_step = package.workflow.get(transfer.step_key)
    if transfer.kind == TransferKind.REORGANISATION and at_step.kind != StepKind.RECEPTION:
        return at_step
    first = package.workflow.first()
    return package.workflow.after(first.key) or first


def _follow_area(case: Case, package: Package, *, actor: Actor, at: datetime) -> None:
    """Another commune may be one where another limit holds (miền núi, biên giới, hải đảo)."""
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit
    area = directory.get_unit(case.unit_id).area
    if area == case.area:
        return
    case.area = area
    rule = package.limit(case.limit_key)
    case.national_limit = str(rule.national) if rule.national else ""
    save(case, at, "area", "national_limit")
    change_limit(case, limit=str(rule.limit_in(area)), limit_key=case.limit_key, actor=actor, at=at)


def _require_peer(case: Case, to_unit_id: int, at: datetime) -> None:
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit
    on = civil_date(at)
    present, wanted = directory.get_unit(case.unit_id), directory.get_unit(to_unit_id)
    open_peers = directory.list_communes(on) if present.level == "commune" else directory.list_departments(on)
    if wanted.id == present.id or wanted.id not in {unit.id for unit in open_peers}:
        raise UnitNotCompetent("Chỉ chuyển được đến cơ quan cùng cấp đang hoạt động trong tỉnh.")
    package = package_of(case)
    probe = Case(unit_id=wanted.id, intake_unit_id=case.intake_unit_id, field=case.field)
    for known in package.workflow.steps:
        step_unit_id(probe, package, known, at)
