"""The one function that writes what the clock says: due date, pause, step. Everything is computed from the log."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.audit.data import EntryData
from tinhso.apps.audit.queries import entries_in_streams, entries_of
from tinhso.apps.cases import rules
from tinhso.apps.cases.actions._common import calendar_of, package_of, save
from tinhso.apps.cases.data import Clock
from tinhso.apps.cases.events import ClockStarted, LimitChanged
from tinhso.apps.cases.models import Case, CaseStep
from tinhso.apps.procedures.data import Package
from tinhso.kernel.actor import Actor
from tinhso.kernel.prepared import Prepared
from tinhso.lib.worktime import Limit, WorkingCalendar

CLOCK_FIELDS = ("due_at", "paused_since", "pause_reason", "step_due_at")
_OPEN = Prepared(lambda case_id: CaseStep.objects.filter(case_id=case_id, left_at__isnull=True), case_id=int)


def open_stay(case: Case) -> CaseStep | None:
    """Where the case lies; None for one that has ended (database constraint: at most one)."""
    return _OPEN.first(case_id=case.pk)


def refresh_clock(case: Case, *, at: datetime) -> Clock | None:
    """Write what the log of a locked case says now: due date, what it waits for, when its step is due.

    The only writer of these fields after reception. While the clock stands still there is no due date, unless the time
    had run out before: a late case stays late whatever it waits for.
    """
    package = package_of(case)
    clock = _clock(case, package)
    if clock is None or case.unit_id is None:
        return None
    project(case, clock, package, calendar_of(case.unit_id, at))
    stay = open_stay(case)
    if stay is not None:
        stay.due_at = stay_due(case, stay, clock, at)
        stay.save(update_fields=["due_at"])
        case.step_due_at = stay.due_at
    save(case, at, *CLOCK_FIELDS)
    return clock


def project(case: Case, clock: Clock, package: Package, calendar: WorkingCalendar) -> None:
    """Set due date and pause of a case from its clock, without writing them."""
    deadline = rules.deadline_of(
        clock,
        limit=Limit.parse(case.time_limit),
        calendar=calendar,
        last_hour_tomorrow=package.policies.last_hour_tomorrow,
        explained=False,
    )
    first = min(clock.open_pauses, key=lambda pause: pause.since, default=None)
    case.due_at = deadline.due_at
    case.paused_since = first.since if first else None
    case.pause_reason = str(first.reason) if first else ""


def stay_due(
    case: Case, stay: CaseStep, clock: Clock, at: datetime, *, calendar: WorkingCalendar | None = None
) -> datetime | None:
    """When the open stay is due by its own budget; None where it has none, or while the clock stands still.

    `calendar`: that of the stay's unit, where the caller has it at hand.
    """
    if not stay.counted:
        return None
    hours = package_of(case).workflow.get(stay.key).hours_for(case.limit_key, case.area)
    known = calendar or calendar_of(stay.unit_id, at)
    return rules.step_due(stay.entered_at, hours=hours, clock=clock, calendar=known) if hours else None


def refresh_clocks(cases: Sequence[Case], at: datetime) -> None:
    """`refresh_clock` for a batch: one reading of the logs, one writing of cases and of stays."""
    logs: defaultdict[str, list[EntryData]] = defaultdict(list)
    for entry in entries_in_streams([f"case:{case.pk}" for case in cases], types=rules.CLOCK_EVENTS):
        logs[entry.stream].append(entry)
    stays = {stay.case_id: stay for stay in CaseStep.objects.filter(case__in=cases, left_at__isnull=True)}
    calendars: dict[int, WorkingCalendar] = {}

    def calendar_at(unit_id: int) -> WorkingCalendar:
        if unit_id not in calendars:
            calendars[unit_id] = calendar_of(unit_id, at)
        return calendars[unit_id]

    for case in cases:
        package = package_of(case)
        clock = clock_from(logs[f"case:{case.pk}"], package)
        if clock is None or case.unit_id is None:
            continue
        project(case, clock, package, calendar_at(case.unit_id))
        stay = stays.get(case.pk)
        if stay is not None:
            stay.due_at = case.step_due_at = stay_due(case, stay, clock, at, calendar=calendar_at(stay.unit_id))
        case.updated_at = at
    Case.objects.bulk_update(cases, [*CLOCK_FIELDS, "updated_at"])
    CaseStep.objects.bulk_update(stays.values(), ["due_at"])


def start_clock(case: Case, *, actor: Actor, at: datetime) -> None:
    """The competent agency has a case that was filed elsewhere: its clock starts (Điều 17 khoản 3 NĐ 118/2025)."""
    assert case.unit_id is not None  # noqa: S101 - a received case has its unit
    calendar, package = calendar_of(case.unit_id, at), package_of(case)
    case.due_at = rules.deadline_of(
        Clock(start_at=at),
        limit=Limit.parse(case.time_limit),
        calendar=calendar,
        last_hour_tomorrow=package.policies.last_hour_tomorrow,
        explained=False,
    ).due_at
    save(case, at, "due_at")
    event = ClockStarted(case_id=case.pk, unit_id=case.unit_id, started_at=at, due_at=case.due_at)
    record(event, subject=case, actor=actor, at=at)


def change_limit(case: Case, *, limit: str, limit_key: str, actor: Actor, at: datetime) -> None:
    """Another limit holds for a locked case, counted from the same start (another version, another area)."""
    before = case.time_limit
    if limit == before and limit_key == case.limit_key:
        return
    case.time_limit, case.limit_key = limit, limit_key
    save(case, at, "time_limit", "limit_key")
    event = LimitChanged(case_id=case.pk, limit=limit, limit_key=limit_key, before=before)
    record(event, subject=case, actor=actor, at=at)
    if case.due_at is not None or case.paused_since is not None:
        refresh_clock(case, at=at)


def clock_from(entries: Sequence[EntryData], package: Package) -> Clock | None:
    """The clock of a case from the rows of its log."""
    return rules.clock_of(entries, after_supplement=package.policies.after_supplement)


def _clock(case: Case, package: Package) -> Clock | None:
    return clock_from(entries_of(f"case:{case.pk}", types=rules.CLOCK_EVENTS), package)
