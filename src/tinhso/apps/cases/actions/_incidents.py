"""Incidents: a system that was down or lagged, which cases it touched, and which it made late."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import rules
from tinhso.apps.cases.actions._common import calendar_of, lock_case, save
from tinhso.apps.cases.data import IncidentAlreadyEnded, IncidentNotFound, IncidentSpan
from tinhso.apps.cases.events import IncidentEnded, IncidentRecorded, LateCauseFound
from tinhso.apps.cases.models import Case, Incident
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import incidents_touching
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid

KINDS = ("outage", "lag")


@action
def record_incident(
    *,
    system: str,
    kind: str,
    unit_id: int | None,
    description: str,
    evidence: str,
    stops_clock: bool,
    started_at: datetime,
    ended_at: datetime | None,
    actor: Actor,
    at: datetime,
) -> Incident:
    """Ghi nhận sự cố hệ thống, with its evidence; the cases it touches follow in a job.

    Raises:
        Invalid: no name, no evidence, or times that cannot be.
    """
    require(_may_record(actor))
    if kind not in KINDS or not system.strip() or not description.strip():
        raise Invalid("Mời ghi tên hệ thống, loại sự cố và mô tả.")
    if not evidence.strip():
        raise Invalid("Mời ghi bằng chứng của sự cố: số phiếu, thông báo hoặc dòng nhật ký.")
    if started_at > at or (ended_at is not None and not started_at <= ended_at <= at):
        raise Invalid("Sự cố phải bắt đầu trước lúc ghi nhận, và kết thúc sau khi bắt đầu.")
    incident = Incident.objects.create(
        system=system.strip(), kind=kind, unit_id=unit_id, description=description.strip(), evidence=evidence.strip(),
        stops_clock=stops_clock, started_at=started_at, ended_at=ended_at, recorded_by=actor.name, recorded_at=at,
    )  # fmt: skip
    event = IncidentRecorded(
        incident_id=incident.pk, system=incident.system, kind=kind, unit_id=unit_id, stops_clock=stops_clock,
        started_at=started_at,
    )  # fmt: skip
    record(event, subject=incident, actor=actor, at=at)
    return incident


@action
def end_incident(*, incident_id: int, ended_at: datetime, actor: Actor, at: datetime) -> Incident:
    """Ghi nhận sự cố đã khắc phục; the clocks it stopped go on in a job.

    Raises:
        IncidentNotFound: there is none.
        IncidentAlreadyEnded: somebody was first.
        Invalid: an end before the beginning, or in the future.
    """
    require(_may_record(actor))
    incident = Incident.objects.select_for_update().filter(pk=incident_id).first()
    if incident is None:
        raise IncidentNotFound
    if incident.ended_at is not None:
        raise IncidentAlreadyEnded
    if not incident.started_at <= ended_at <= at:
        raise Invalid("Sự cố phải kết thúc sau khi bắt đầu và không ở tương lai.")
    incident.ended_at = ended_at
    incident.save(update_fields=["ended_at"])
    record(IncidentEnded(incident_id=incident.pk, ended_at=ended_at), subject=incident, actor=actor, at=at)
    return incident


def _may_record(actor: Actor) -> bool:
    """A person by right, or the system with what it has measured itself."""
    return actor.kind is ActorKind.SYSTEM or actor.has(CasePermission.RECORD_INCIDENT)


@action
def find_late_cause(*, case_id: int, actor: Actor, at: datetime) -> Case:
    """Xét nguyên nhân quá hạn của một hồ sơ đã xong: an incident with evidence that explains the whole delay."""
    require(actor.kind is ActorKind.SYSTEM)
    case = lock_case(case_id)
    if not case.late_cause:
        explain_lateness(case, actor=actor, at=at)
    return case


def explain_lateness(case: Case, *, actor: Actor, at: datetime) -> None:
    """Name the incident without which a late case would have been on time, if there is one."""
    if case.lateness != "late" or case.unit_id is None or case.received_at is None:
        return
    assert case.due_at is not None  # noqa: S101 - late means later than a date
    assert case.resolved_at is not None  # noqa: S101 - likewise
    spans = [
        IncidentSpan(
            row.pk, row.kind, row.started_at, row.ended_at,
            stopped_clock=row.stops_clock and case.pauses.filter(incident=row).exists(), evidence=row.evidence,
        )
        for row in incidents_touching(unit_id=case.unit_id, start=case.received_at, end=case.resolved_at)
    ]  # fmt: skip
    because = rules.late_because(
        start_at=case.received_at, due_at=case.due_at, finished_at=case.resolved_at, incidents=spans,
        calendar=calendar_of(case.unit_id, case.resolved_at),
    )  # fmt: skip
    if because is None:
        return
    case.late_cause = because.cause
    save(case, at, "late_cause")
    event = LateCauseFound(
        case_id=case.pk, cause=because.cause, incident_id=because.incident_id, minutes=because.minutes,
        evidence=because.evidence,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
