"""Rounds: every open due date computed anew under an edited calendar, in batches, with the dates before and after."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record, record_many
from tinhso.apps.audit.data import EntryData
from tinhso.apps.audit.queries import entries_in_streams
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import rules
from tinhso.apps.cases.actions._common import calendar_of, package_of
from tinhso.apps.cases.actions._refresh import clock_from, project, stay_due
from tinhso.apps.cases.enums import OPEN_STATUSES
from tinhso.apps.cases.events import DeadlineRecomputed, RecomputationFinished, RecomputationStarted
from tinhso.apps.cases.models import Case, CaseStep, Recomputation, RecomputedDeadline
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.lib.worktime import WorkingCalendar

BATCH = 500
# Two statements for a whole batch; an update a row, or one built of 500 conditions, takes many times as long.
_CASES = """
UPDATE cases_case SET due_at = given.due_at, step_due_at = given.step_due_at, updated_at = %s
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS given(id, due_at, step_due_at)
WHERE cases_case.id = given.id
"""
_STAYS = """
UPDATE cases_casestep SET due_at = given.due_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS given(id, due_at) WHERE cases_casestep.id = given.id
"""


@action
def start_recomputation(*, calendar_key: str, calendar_number: int, actor: Actor, at: datetime) -> Recomputation:
    """Bắt đầu một lượt tính lại thời hạn theo một phiên bản lịch. Asked again, the same round is given."""
    require(actor.kind is ActorKind.SYSTEM or actor.has(CasePermission.RECOMPUTE))
    found, fresh = Recomputation.objects.get_or_create(
        calendar_key=calendar_key, calendar_number=calendar_number, defaults={"started_at": at}
    )
    if fresh:
        event = RecomputationStarted(
            recomputation_id=found.pk, calendar_key=calendar_key, calendar_number=calendar_number
        )
        record(event, subject=found, actor=actor, at=at)
    return found


@action
def recompute_batch(*, recomputation_id: int, actor: Actor, at: datetime) -> Recomputation:
    """Tính lại thời hạn của một nhóm hồ sơ đang giải quyết. Goes on where the round stopped; closed cases never move.

    One query for the logs of a batch, one write for its cases, one event for each case whose date has moved.
    """
    require(actor.kind is ActorKind.SYSTEM)
    work = Recomputation.objects.select_for_update().get(pk=recomputation_id)
    if work.finished_at is not None:
        return work
    calendar = get_working_calendar(calendar_key=work.calendar_key)
    cases = list(
        Case.objects.select_for_update(of=("self",))
        .filter(pk__gt=work.latest_case_id, status__in=OPEN_STATUSES, received_at__isnull=False)
        .order_by("pk")[:BATCH]
    )
    keys = {unit_id: directory.calendar_key_of(unit_id) for unit_id in {case.unit_id for case in cases} if unit_id}
    mine = [case for case in cases if keys.get(case.unit_id or 0) == work.calendar_key]
    moved = _recompute(mine, calendar, at)
    _write(work, moved, actor=actor, at=at)
    work.examined += len(mine)
    work.changed += len(moved)
    if cases:
        work.latest_case_id = cases[-1].pk
    if len(cases) < BATCH:
        work.finished_at = at
        event = RecomputationFinished(recomputation_id=work.pk, examined=work.examined, changed=work.changed)
        record(event, subject=work, actor=actor, at=at)
    work.save()
    return work


def _recompute(cases: Sequence[Case], calendar: WorkingCalendar, at: datetime) -> list[tuple[Case, datetime, datetime]]:
    """Set the new dates on the cases; those whose due date moved, with the dates before and after."""
    logs: defaultdict[str, list[EntryData]] = defaultdict(list)
    for entry in entries_in_streams([f"case:{case.pk}" for case in cases], types=rules.CLOCK_EVENTS):
        logs[entry.stream].append(entry)
    stays = {stay.case_id: stay for stay in CaseStep.objects.filter(case__in=cases, left_at__isnull=True)}
    calendars: dict[int, WorkingCalendar] = {}
    moved, changed, moved_stays = [], [], []
    for case in cases:
        package = package_of(case)
        clock = clock_from(logs[f"case:{case.pk}"], package)
        if clock is None:
            continue
        before, before_step = case.due_at, case.step_due_at
        project(case, clock, package, calendar)
        stay = stays.get(case.pk)
        if stay is not None:
            if stay.unit_id not in calendars:
                calendars[stay.unit_id] = calendar_of(stay.unit_id, at)
            stay.due_at = case.step_due_at = stay_due(case, stay, clock, at, calendar=calendars[stay.unit_id])
            if stay.due_at != before_step:
                moved_stays.append(stay)
        if before is not None and case.due_at is not None and before != case.due_at:
            moved.append((case, before, case.due_at))
        if before != case.due_at or before_step != case.step_due_at:
            changed.append(case)
    with connection.cursor() as cursor:
        cursor.execute(
            _CASES, [at, [c.pk for c in changed], [c.due_at for c in changed], [c.step_due_at for c in changed]]
        )
        cursor.execute(_STAYS, [[stay.pk for stay in moved_stays], [stay.due_at for stay in moved_stays]])
    return moved


def _write(
    work: Recomputation, moved: Sequence[tuple[Case, datetime, datetime]], *, actor: Actor, at: datetime
) -> None:
    RecomputedDeadline.objects.bulk_create(
        RecomputedDeadline(recomputation=work, case=case, before_at=before, after_at=after)
        for case, before, after in moved
    )
    events = [
        (
            DeadlineRecomputed(
                case_id=case.pk, recomputation_id=work.pk, calendar_key=work.calendar_key,
                calendar_number=work.calendar_number, before_at=before, after_at=after,
            ),
            f"case:{case.pk}",
        )
        for case, before, after in moved
    ]  # fmt: skip
    record_many(events, actor=actor, at=at)
