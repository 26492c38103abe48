"""Moving a case along its process: entering and leaving steps, with the budget and the handover trace of each."""

from collections.abc import Iterable
from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import rules
from tinhso.apps.cases.actions._common import calendar_of, civil_date, save
from tinhso.apps.cases.actions._consultations import ask_on_entry
from tinhso.apps.cases.actions._refresh import open_stay, start_clock, stay_due
from tinhso.apps.cases.actions._turns import give_by_rule
from tinhso.apps.cases.data import Clock, UnitNotCompetent
from tinhso.apps.cases.enums import CaseStatus, StepOutcome, SupplementStage
from tinhso.apps.cases.events import StepEntered, StepLeft
from tinhso.apps.cases.models import Case, CaseStep
from tinhso.apps.cases.queries import unit_of_step
from tinhso.apps.procedures.data import Package, WorkflowStep
from tinhso.apps.procedures.enums import StepUnit
from tinhso.kernel import prepared
from tinhso.kernel.actor import Actor
from tinhso.kernel.prepared import Prepared, update
from tinhso.lib.worktime import Pause, lateness, working_minutes_between

_STEP_FIELDS = ("step_key", "step_kind", "step_name", "step_role", "step_unit", "step_due_at", "assignee")
_ENTERED = (*_STEP_FIELDS, "desk_unit_ids")
_LEFT = ("left_at", "due_at", "outcome", "note", "by_account_id", "by_name", "lateness", "used_minutes")
_LATEST = Prepared(
    lambda case_id: (
        CaseStep.objects.filter(case_id=case_id).order_by("-sequence").values_list("sequence", flat=True)[:1]
    ),
    case_id=int,
)
# As a statement: it is asked at every step of every case, and composing it cost several times its answer.
_WAITED = """
SELECT started_at, ended_at FROM cases_pause WHERE case_id = %(case)s AND started_at < %(end)s
UNION
SELECT requested_at, answered_at FROM cases_supplement
WHERE case_id = %(case)s AND stage = %(stage)s AND requested_at < %(end)s
"""


def step_unit_id(case: Case, package: Package, step: WorkflowStep, at: datetime) -> int:
    """The unit a step lies at, from the unit that resolves the case.

    Raises:
        UnitNotCompetent: the resolving unit has no such office.
    """
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit (database constraint)
    assert case.intake_unit_id is not None  # noqa: S101 - likewise
    if step.unit == StepUnit.ONE_STOP:
        return case.intake_unit_id
    unit = unit_of_step(case, package, step, on=civil_date(at))
    if unit is None:
        raise UnitNotCompetent(f"Không tìm thấy đơn vị làm bước «{step.name}» của hồ sơ này.")
    return unit.id


def enter_step(
    case: Case,
    package: Package,
    step: WorkflowStep,
    *,
    after: CaseStep | None = None,
    actor: Actor,
    at: datetime,
    assignee_id: int | None = None,
    unit_id: int | None = None,
    starts_clock: bool = True,
    changed: Iterable[str] = (),
) -> CaseStep:
    """Put the case at a step, with the step's own due time (bàn giao đến bước).

    `after` is the stay that has just ended, where the caller has it at hand. `changed` names what else of the case is to
    be written, so that its row is written once. `unit_id` is another desk than the process names (a hand-over); with
    `starts_clock` False reaching it is not yet the competent agency's reception.
    """
    unit_id = unit_id or step_unit_id(case, package, step, at)
    if starts_clock:
        _reach(case, unit_id, actor=actor, at=at)
    hours = step.hours_for(case.limit_key, case.area)
    due_at = None
    # While the clock stands still no step runs either; its due time comes when the clock goes on.
    if step.counted and hours and case.paused_since is None:
        due_at = rules.step_due(at, hours=hours, clock=None, calendar=calendar_of(unit_id, at))
    sequence = (after.sequence if after else _LATEST.first(case_id=case.pk) or 0) + 1
    stay = CaseStep.objects.create(
        case=case, sequence=sequence, key=step.key, kind=step.kind, name=step.name, role=step.role, unit_id=unit_id,
        counted=step.counted, from_name=(after.by_name if after else "") or actor.name, entered_at=at, due_at=due_at,
    )  # fmt: skip
    case.step_key, case.step_kind, case.step_name, case.step_role = step.key, str(step.kind), step.name, step.role
    case.step_unit_id, case.step_due_at, case.assignee_id = unit_id, due_at, assignee_id
    if unit_id not in case.desk_unit_ids:
        case.desk_unit_ids = [*case.desk_unit_ids, unit_id]
    save(case, at, *_ENTERED, *changed)
    event = StepEntered(
        case_id=case.pk, step=step.key, role=step.role, unit_id=unit_id, assignee_id=assignee_id, due_at=due_at
    )
    record(event, subject=case, actor=actor, at=at)
    ask_on_entry(case, package, step, at=at)
    give_by_rule(case, at=at)
    return stay


def leave_step(
    case: Case, *, outcome: StepOutcome, actor: Actor, at: datetime, note: str = "", stay: CaseStep | None = None,
    done_by: tuple[int | None, str] | None = None,
) -> CaseStep:  # fmt: skip
    """Close the open stay of the case, classed against its own budget (kết quả trước/đúng/quá hạn của bước).

    `stay` is that stay where the caller has it at hand; `done_by` who did the step (account, name) where the system only
    notes that it is done: the control slip names people (Mẫu 06).
    """
    stay = stay or open_stay(case)
    assert stay is not None  # noqa: S101 - a case that moves lies somewhere
    calendar = calendar_of(stay.unit_id, at)
    pauses = _pauses_within(case, stay.entered_at, at)
    waited = rules.waiting_minutes(stay.entered_at, at, pauses=pauses, calendar=calendar)
    if stay.due_at is None and case.paused_since is not None:
        stay.due_at = stay_due(case, stay, Clock(start_at=stay.entered_at, changes=tuple(pauses)), at)
    stay.used_minutes = max(working_minutes_between(calendar, stay.entered_at, at) - waited, 0)
    stay.left_at, stay.outcome, stay.note = at, outcome, note
    stay.by_account_id, stay.by_name = done_by or (actor.account_id, actor.name)
    stay.lateness = str(lateness(at, stay.due_at, calendar)) if stay.due_at else ""
    update(stay, *_LEFT)
    event = StepLeft(case_id=case.pk, step=stay.key, outcome=str(outcome), lateness=stay.lateness, note=note)
    record(event, subject=case, actor=actor, at=at)
    return stay


def _reach(case: Case, unit_id: int, *, actor: Actor, at: datetime) -> None:
    """Filed elsewhere, the clock starts when the case reaches a desk of the competent agency."""
    waiting = case.received_at is not None and case.due_at is None and case.paused_since is None
    if waiting and unit_id != case.intake_unit_id and case.status in {CaseStatus.RECEIVED, CaseStatus.PROCESSING}:
        start_clock(case, actor=actor, at=at)


def close_steps(
    case: Case,
    *,
    actor: Actor,
    at: datetime,
    note: str,
    outcome: StepOutcome = StepOutcome.CLOSED,
    changed: Iterable[str] = (),
) -> None:
    """End the open stay when the case itself ends, and take the case off every worklist; `changed` as in `enter_step`."""
    stay = open_stay(case)
    if stay is not None:
        leave_step(case, outcome=outcome, actor=actor, at=at, note=note, stay=stay)
    case.step_key = case.step_kind = case.step_name = case.step_role = ""
    case.step_unit_id = case.step_due_at = case.assignee_id = None
    save(case, at, *_STEP_FIELDS, *changed)


def _pauses_within(case: Case, start: datetime, end: datetime) -> list[Pause]:
    """What the case waited for during a stay, cut to it: pauses and supplements at appraisal, in one query."""
    with prepared.cursor() as cursor:
        cursor.execute(_WAITED, {"case": case.pk, "stage": SupplementStage.APPRAISAL.value, "end": end})
        rows = cursor.fetchall()
    cut = ((max(since, start), min(until or end, end)) for since, until in rows)
    return [Pause(start=since, end=until) for since, until in cut if since < until]
