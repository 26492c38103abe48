"""The same step at another desk, for many cases at once: one reading and one writing of each table."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count

from tinhso.apps.audit.actions import record_many
from tinhso.apps.cases import rules
from tinhso.apps.cases.actions._common import calendar_of, package_of
from tinhso.apps.cases.actions._refresh import stay_due
from tinhso.apps.cases.data import Clock
from tinhso.apps.cases.enums import StepOutcome, SupplementStage
from tinhso.apps.cases.events import StepEntered, StepLeft
from tinhso.apps.cases.models import Case, CaseStep, Pause, Supplement
from tinhso.kernel.actor import Actor
from tinhso.lib.worktime import Pause as Wait
from tinhso.lib.worktime import WorkingCalendar, lateness, working_minutes_between

_LEFT = ("left_at", "due_at", "outcome", "note", "by_account_id", "by_name", "lateness", "used_minutes")
DESK_FIELDS = ("step_unit", "step_due_at", "assignee", "team", "desk_unit_ids")


def change_desks(
    moves: Sequence[tuple[Case, int]], *, outcome: StepOutcome, note: str, actor: Actor, at: datetime
) -> None:
    """Close the open stay of each locked case and open one of the same step at another desk, with nobody's name on it.

    What the old desk used is counted for the old desk. The new one has the budget of the step; the legal date is none
    of its business. Sets `DESK_FIELDS` of the cases without writing them: the caller writes each row once.
    """
    cases = [case for case, _ in moves]
    stays = {stay.case_id: stay for stay in CaseStep.objects.filter(case__in=cases, left_at__isnull=True)}
    waits = _waits(cases)
    counted = CaseStep.objects.filter(case__in=cases).values("case_id").annotate(all=Count("pk"))
    numbers = {row["case_id"]: row["all"] for row in counted}
    calendars: dict[int, WorkingCalendar] = {}

    def calendar_at(unit_id: int) -> WorkingCalendar:
        if unit_id not in calendars:
            calendars[unit_id] = calendar_of(unit_id, at)
        return calendars[unit_id]

    opened = []
    for case, desk_id in moves:
        stay = stays.get(case.pk)
        case.step_unit_id, case.assignee_id, case.team_id, case.step_due_at = desk_id, None, None, None
        if desk_id not in case.desk_unit_ids:
            case.desk_unit_ids = [*case.desk_unit_ids, desk_id]
        if stay is None:
            continue
        _close(case, stay, waits[case.pk], calendar_at(stay.unit_id), outcome=outcome, note=note, actor=actor, at=at)
        new = _opened(case, stay, desk_id, numbers[case.pk] + 1, calendar_at(desk_id), actor=actor, at=at)
        case.step_due_at = new.due_at
        opened.append(new)
    CaseStep.objects.bulk_update(stays.values(), _LEFT)
    CaseStep.objects.bulk_create(opened)
    _tell(stays.values(), opened, actor=actor, at=at)


def _close(
    case: Case,
    stay: CaseStep,
    waits: Sequence[Wait],
    calendar: WorkingCalendar,
    *,
    outcome: StepOutcome,
    note: str,
    actor: Actor,
    at: datetime,
) -> None:
    cut = ((max(wait.start, stay.entered_at), min(wait.end or at, at)) for wait in waits)
    within = tuple(Wait(start=since, end=until) for since, until in cut if since < until)
    waited = rules.waiting_minutes(stay.entered_at, at, pauses=within, calendar=calendar)
    if stay.due_at is None and case.paused_since is not None:
        stay.due_at = stay_due(case, stay, Clock(start_at=stay.entered_at, changes=within), at, calendar=calendar)
    stay.used_minutes = max(working_minutes_between(calendar, stay.entered_at, at) - waited, 0)
    stay.left_at, stay.outcome, stay.note = at, outcome, note
    stay.by_account_id, stay.by_name = actor.account_id, actor.name
    stay.lateness = str(lateness(at, stay.due_at, calendar)) if stay.due_at else ""


def _opened(
    case: Case, stay: CaseStep, desk_id: int, sequence: int, calendar: WorkingCalendar, *, actor: Actor, at: datetime
) -> CaseStep:
    hours = package_of(case).workflow.get(stay.key).hours_for(case.limit_key, case.area) if stay.counted else 0
    due_at = None
    if hours and case.paused_since is None:
        due_at = rules.step_due(at, hours=hours, clock=None, calendar=calendar)
    return CaseStep(
        case=case, sequence=sequence, key=stay.key, kind=stay.kind, name=stay.name, role=stay.role, unit_id=desk_id,
        counted=stay.counted, from_name=actor.name, entered_at=at, due_at=due_at,
    )  # fmt: skip


def _tell(left: Iterable[CaseStep], entered: Iterable[CaseStep], *, actor: Actor, at: datetime) -> None:
    gone = [
        StepLeft(case_id=s.case_id, step=s.key, outcome=str(s.outcome), lateness=s.lateness, note=s.note) for s in left
    ]
    record_many([(event, f"case:{event.case_id}") for event in gone], actor=actor, at=at)
    come = [
        StepEntered(case_id=s.case_id, step=s.key, role=s.role, unit_id=s.unit_id, assignee_id=None, due_at=s.due_at)
        for s in entered
    ]
    record_many([(event, f"case:{event.case_id}") for event in come], actor=actor, at=at)


def _waits(cases: Sequence[Case]) -> defaultdict[int, list[Wait]]:
    """What each case waited for others: pauses, and supplements at appraisal."""
    found: defaultdict[int, list[Wait]] = defaultdict(list)
    pauses = Pause.objects.filter(case__in=cases).values_list("case_id", "started_at", "ended_at")
    asked = Supplement.objects.filter(case__in=cases, stage=SupplementStage.APPRAISAL)
    for case_id, since, until in [*pauses, *asked.values_list("case_id", "requested_at", "answered_at")]:
        found[case_id].append(Wait(start=since, end=until))
    return found
