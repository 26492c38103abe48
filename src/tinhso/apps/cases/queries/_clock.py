"""Why this date, who used the time, what stood in the way, and the rounds of recomputation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from tinhso.apps.audit.data import EntryData
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.data import AvailableAction, Explained, TimeShare
from tinhso.apps.cases.enums import OPEN_STATUSES, Area, CaseStatus, LateCause, ResultStatus
from tinhso.apps.cases.models import Case, Incident, Recomputation, RecomputedDeadline
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import NotFound
from tinhso.lib.worktime import ZONE, Limit, WorkingCalendar, instant_text


def explain_deadline(case: Case, now: datetime, *, entries: Sequence[EntryData] | None = None) -> Explained | None:
    """Why this date (vì sao hẹn ngày này): every step of the computation, from the log; None before the clock starts.

    `entries` is the log of the case where the caller has read it already; otherwise it is read in one query. A closed
    case is explained by the calendar that held when it closed.
    """
    if case.unit_id is None or case.received_at is None:
        return None
    package = procedures.get_version_by_id(case.version_id).package
    assert package is not None  # noqa: S101 - a case is only ever started under a package
    log = entries_of(f"case:{case.pk}") if entries is None else entries
    clock = rules.clock_of(log, after_supplement=package.policies.after_supplement)
    if clock is None:
        return None
    calendar = calendar_for(case, now)
    rule = package.limit(case.limit_key)
    limit = Limit.parse(clock.limit or case.time_limit)
    deadline = rules.deadline_of(
        clock, limit=limit, calendar=calendar, last_hour_tomorrow=package.policies.last_hour_tomorrow
    )
    basis = rule.basis_in(case.area)
    indicator = rules.indicator_766(log, period_end=now)
    late = case.lateness == "late" or (
        case.resolved_at is None and deadline.due_at is not None and now > deadline.due_at
    )
    return Explained(
        deadline=deadline, limit_label=limit.label(), basis=basis.label() if basis else "", calendar=calendar.key,
        assumed=rule.assumed, name=rule.name, effective_from=basis.effective_from if basis else None,
        national_label=Limit.parse(case.national_limit).label() if case.national_limit else "",
        area_label=str(Area(case.area).label) if case.area and rule.mountain else "",
        open_pauses=clock.open_pauses, extensions=clock.extensions, indicator=indicator,
        disagreement=rules.differs(indicator, late=late) if indicator else "",
        moved=tuple(_moved(entry.payload) for entry in log if entry.type == "case.deadline_recomputed"),
        late_note=next((_late_note(entry.payload) for entry in log if entry.type == "case.late_cause_found"), ""),
    )  # fmt: skip


def find_by_code(code: str) -> Case | None:
    """A case by its code for the command line, whose user holds the database itself; not for pages."""
    return Case.objects.filter(code=code.strip().upper()).first()


def _moved(payload: dict[str, Any]) -> str:
    before, after = (datetime.fromisoformat(payload[key]).astimezone(ZONE) for key in ("before_at", "after_at"))
    return (
        f"Ngày hẹn chuyển từ {instant_text(before)} sang {instant_text(after)} vì lịch làm việc được công bố lại"
        f" (phiên bản {payload['calendar_number']})."
    )


def _late_note(payload: dict[str, Any]) -> str:
    return f"{LateCause(payload['cause']).label}. Bằng chứng: {payload['evidence']}"


def calendar_for(case: Case, now: datetime) -> WorkingCalendar:
    """The calendar a case runs by: today's while it is open, that of its last day once it is closed."""
    at = case.resolved_at or case.closed_at or now
    return get_working_calendar(calendar_key=directory.calendar_key_of(case.unit_id or 0), at=at)


def used_time(case: Case, now: datetime, *, entries: Sequence[EntryData] | None = None) -> list[TimeShare]:
    """Office minutes that each unit and officer used, apart from what the case waited for others."""
    if case.received_at is None:
        return []
    log = entries_of(f"case:{case.pk}", types=rules.CLOCK_EVENTS) if entries is None else entries
    clock = rules.clock_of(log, after_supplement="")
    stays = sorted(case.steps.all(), key=lambda row: row.sequence)
    pauses = clock.pauses if clock else ()
    return rules.time_shares(stays, pauses=pauses, calendar=calendar_for(case, now), now=now)


def clock_actions(*, actor: Actor, case: Case, now: datetime) -> list[AvailableAction]:
    """What this actor may do to the clock of a case now (tạm dừng, tính tiếp, nghĩa vụ tài chính, hẹn lại)."""
    found: list[AvailableAction] = []
    if permissions.can_suspend(actor, case):
        if case.status == CaseStatus.FINANCIAL_DUTY:
            found.append(AvailableAction("duty-paid", "Đã hoàn thành nghĩa vụ tài chính", "A", primary=True))
            found.append(AvailableAction("duty-notice", "Ghi thông báo của cơ quan thuế", "U"))
        elif _runs(case):
            if any(pause.ended_at is None and pause.incident_id is None for pause in case.pauses.all()):
                found.append(AvailableAction("resume", "Tính tiếp thời hạn", "U"))
            found.append(AvailableAction("suspend", "Tạm dừng thời hạn", "D"))
            found.append(AvailableAction("duty", "Chuyển nghĩa vụ tài chính", "F"))
            found.append(AvailableAction("assess", "Xác định khoản thu", "N"))
    if permissions.can_extend(actor, case) and may_extend(case, now):
        found.append(AvailableAction("extend", "Xin lỗi, hẹn lại", "G"))
    return found


def may_extend(case: Case, now: datetime) -> bool:
    """Whether the date can still be put off: it runs, it is on a later day, and there is an extension left."""
    if not _runs(case) or case.due_at is None or case.paused_since is not None:
        return False
    if now.astimezone(PROVINCE_TIME).date() >= case.due_at.astimezone(PROVINCE_TIME).date():
        return False
    package = procedures.get_version_by_id(case.version_id).package
    return package is not None and case.extensions.count() < package.policies.extensions


def _runs(case: Case) -> bool:
    at_work = case.status in {CaseStatus.RECEIVED, CaseStatus.PROCESSING}
    approved = any(result.status == ResultStatus.APPROVED for result in case.results.all())
    return at_work and not approved and (case.due_at is not None or case.paused_since is not None)


def incidents_touching(*, unit_id: int, start: datetime, end: datetime) -> list[Incident]:
    """Incidents of the unit, of one above it or of the whole province that overlap a stretch of time."""
    units = [unit_id, *(unit.id for unit in directory.ancestors_of(unit_id))]
    rows = Incident.objects.filter(started_at__lt=end).filter(Q(ended_at__isnull=True) | Q(ended_at__gt=start))
    return list(rows.filter(Q(unit__isnull=True) | Q(unit_id__in=units)).order_by("started_at"))


def list_incidents(*, actor: Actor, limit: int = 200) -> list[Incident]:
    """The incidents, those that last first, then the newest; `told` of each is its rounds."""
    require(actor.has(CasePermission.RECORD_INCIDENT))
    told = Prefetch("rounds", to_attr="told")
    rows = Incident.objects.select_related("unit").prefetch_related(told).order_by("ended_at", "-started_at")
    return list(rows[:limit])


def cases_of_incident(incident: Incident) -> QuerySet[Case]:
    """The open cases whose clocks an incident touches, for its round."""
    if not incident.stops_clock:
        return Case.objects.none()
    rows = Case.objects.filter(status__in=OPEN_STATUSES, received_at__isnull=False)
    if incident.ended_at is not None:
        rows = rows.filter(received_at__lt=incident.ended_at)
    return _of_unit(rows, incident)


def late_cases_of_incident(incident_id: int) -> list[int]:
    """The cases closed late since an incident began that have no cause yet, for its job."""
    incident = Incident.objects.get(pk=incident_id)
    rows = Case.objects.filter(resolved_at__gte=incident.started_at, lateness="late", late_cause="")
    return list(_of_unit(rows, incident).order_by("pk").values_list("pk", flat=True))


def list_recomputations(*, actor: Actor) -> list[Recomputation]:
    """The rounds, newest first."""
    require(actor.has(CasePermission.RECOMPUTE))
    return list(Recomputation.objects.order_by("-id")[:100])


def get_recomputation(
    *, actor: Actor, recomputation_id: int, after: int = 0, limit: int = 100
) -> tuple[Recomputation, list[RecomputedDeadline]]:
    """One round and a page of its lines, by row number after `after`.

    Raises:
        NotFound: no such round.
    """
    require(actor.has(CasePermission.RECOMPUTE))
    found = Recomputation.objects.filter(pk=recomputation_id).first()
    if found is None:
        raise NotFound("Không tìm thấy lượt tính lại này.")
    rows = found.lines.filter(pk__gt=after).select_related("case").order_by("pk")[:limit]
    return found, list(rows)


def _of_unit(rows: QuerySet[Case], incident: Incident) -> QuerySet[Case]:
    if incident.unit_id is None:
        return rows
    return rows.filter(unit_id__in=directory.subtree_ids(incident.unit_id))
