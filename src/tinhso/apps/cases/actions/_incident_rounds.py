"""What an incident does to many cases: clocks stop or go on in batches, each batch one transaction.

A round is one pass over the open cases: one when the incident is recorded, one more when it is over. Interrupted between
two batches it goes on after the last case it has done; a batch told twice finds nothing left to do.
"""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.audit.actions import record, record_many
from tinhso.apps.cases import queries
from tinhso.apps.cases.actions._refresh import refresh_clocks
from tinhso.apps.cases.data import IncidentNotFound
from tinhso.apps.cases.enums import PauseReason
from tinhso.apps.cases.events import ClockResumed, ClockSuspended, IncidentRoundFinished, IncidentRoundStarted
from tinhso.apps.cases.models import Case, Incident, IncidentRound, Pause
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

BATCH = 500


@action
def start_incident_round(*, incident_id: int, actor: Actor, at: datetime) -> IncidentRound:
    """Bắt đầu một lượt dừng (hoặc tính tiếp) thời hạn theo một sự cố. Asked again, the same round is given.

    Raises:
        IncidentNotFound: there is none.
    """
    require(actor.kind is ActorKind.SYSTEM)
    incident = Incident.objects.filter(pk=incident_id).first()
    if incident is None:
        raise IncidentNotFound
    total = queries.cases_of_incident(incident).count()
    work, is_new = IncidentRound.objects.get_or_create(
        incident=incident, is_end=incident.ended_at is not None, defaults={"started_at": at, "total": total}
    )
    if is_new:
        event = IncidentRoundStarted(incident_id=incident.pk, is_end=work.is_end, total=total)
        record(event, subject=incident, actor=actor, at=at)
    return work


@action
def apply_incident_batch(*, round_id: int, actor: Actor, at: datetime) -> IncidentRound:
    """Dừng hoặc tính tiếp thời hạn của một nhóm hồ sơ mà sự cố chạm đến; goes on where the round stopped.

    A case received while the system was down is touched from its reception on. Every case touched gets its own log entry.
    """
    require(actor.kind is ActorKind.SYSTEM)
    work = IncidentRound.objects.select_for_update(of=("self",)).select_related("incident").get(pk=round_id)
    if work.finished_at is not None:
        return work
    rows = queries.cases_of_incident(work.incident).filter(pk__gt=work.latest_case_id)
    cases = list(rows.select_for_update(of=("self",)).order_by("pk")[:BATCH])
    touched = _stop(work.incident, cases, actor=actor, at=at) | _go_on(work.incident, cases, actor=actor, at=at)
    refresh_clocks([case for case in cases if case.pk in touched], at)
    work.examined += len(cases)
    work.touched += len(touched)
    if cases:
        work.latest_case_id = cases[-1].pk
    if len(cases) < BATCH:
        work.finished_at = at
        event = IncidentRoundFinished(
            incident_id=work.incident_id, is_end=work.is_end, examined=work.examined, touched=work.touched
        )
        record(event, subject=work.incident, actor=actor, at=at)
    work.save()
    return work


def _stop(incident: Incident, cases: Sequence[Case], *, actor: Actor, at: datetime) -> set[int]:
    known = set(Pause.objects.filter(incident=incident, case__in=cases).values_list("case_id", flat=True))
    fresh = Pause.objects.bulk_create(
        Pause(
            case=case, reason=PauseReason.INCIDENT, basis=incident.evidence[:300], note=incident.system,
            started_at=max(incident.started_at, case.received_at or incident.started_at), started_by=actor.name,
            incident=incident,
        )
        for case in cases
        if case.pk not in known
    )  # fmt: skip
    events = [
        (
            ClockSuspended(
                case_id=pause.case_id, pause_id=pause.pk, reason=PauseReason.INCIDENT, basis=pause.basis, note=pause.note,
                since=pause.started_at, incident_id=incident.pk,
            ),
            f"case:{pause.case_id}",
        )
        for pause in fresh
    ]  # fmt: skip
    record_many(events, actor=actor, at=at)
    return {pause.case_id for pause in fresh}


def _go_on(incident: Incident, cases: Sequence[Case], *, actor: Actor, at: datetime) -> set[int]:
    if incident.ended_at is None:
        return set()
    standing = list(Pause.objects.select_for_update().filter(incident=incident, case__in=cases, ended_at__isnull=True))
    for pause in standing:
        pause.ended_at, pause.ended_by = max(incident.ended_at, pause.started_at), actor.name
    Pause.objects.bulk_update(standing, ["ended_at", "ended_by"])
    events = [
        (
            ClockResumed(
                case_id=pause.case_id, pause_id=pause.pk, reason=pause.reason, until=pause.ended_at or incident.ended_at
            ),
            f"case:{pause.case_id}",
        )
        for pause in standing
    ]
    record_many(events, actor=actor, at=at)
    return {pause.case_id for pause in standing}
