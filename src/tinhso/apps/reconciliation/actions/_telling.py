"""From the log of cases into the outbox, and the measured lag of synchronisation."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from tinhso.apps.audit import queries as audit
from tinhso.apps.audit.actions import record
from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases import queries as cases
from tinhso.apps.cases.actions import end_incident, record_incident
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange.actions import queue_message
from tinhso.apps.reconciliation import rules
from tinhso.apps.reconciliation.data import DESTINATION, NAME
from tinhso.apps.reconciliation.events import CaseToldAgain, LagBegan, LagEnded
from tinhso.apps.reconciliation.models import Arrival, CaseSync, Reading
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

_AT_ONCE = 10  # rows of progress in one message
_SURELY_ENDED = timedelta(days=1)  # transaction numbers start anew in a restored database


@action
def begin_reading(*, since: datetime, actor: Actor, at: datetime) -> Reading:
    """Bắt đầu theo dõi nhật ký cho Cổng quốc gia, from what is recorded now on; once an installation.

    Cases filed before `since` are not told.
    """
    require(actor.kind is ActorKind.SYSTEM)
    known = Reading.objects.select_for_update().first()
    return known or Reading.objects.create(position=0, since=since)


@action
def advance_reading(*, seen_up_to: int, actor: Actor, at: datetime) -> None:
    """Ghi nhận đã đọc nhật ký đến đâu. Rows below `seen_up_to` may still be uncommitted: the position moves there only
    when every transaction that ran meanwhile has ended; until then the next round looks at the same rows again."""
    require(actor.kind is ActorKind.SYSTEM)
    row = Reading.objects.select_for_update().get()
    pending, since = row.pending_transaction, row.pending_since
    if pending is not None and since is not None and row.pending_position is not None:
        if not (audit.transactions_ended(pending) or at - since > _SURELY_ENDED):
            return
        row.position = max(row.position, row.pending_position)
        row.pending_position = row.pending_transaction = row.pending_since = None
    if seen_up_to > row.position:
        row.pending_position, row.pending_transaction, row.pending_since = seen_up_to, audit.latest_transaction(), at
    row.save(update_fields=["position", "pending_position", "pending_transaction", "pending_since"])


@action
def tell_case(*, case_id: int, mark: str = "", actor: Actor, at: datetime) -> int:
    """Đưa tình trạng và tiến độ mới của một hồ sơ vào hàng chờ gửi. Told twice, it happens once; returns how many messages.

    What has happened since it was told last becomes one message with the case as it stands, and its acts in rows of
    progress. With `mark` it goes out again although nothing has happened.
    """
    require(actor.kind is ActorKind.SYSTEM or bool(mark))
    case = cases.case_as_filed(case_id)
    since = Reading.objects.values_list("since", flat=True).first()
    if case.code is None or case.submitted_at is None or since is None or (case.submitted_at < since and not mark):
        return 0
    sync, _ = CaseSync.objects.select_for_update().get_or_create(case_id=case_id)
    entries = cases.timeline_of(case)
    news = [one for one in entries if one.sequence > sync.told_sequence and one.type in rules.TOLD]
    if not news and not mark:
        return 0
    latest = entries[-1]
    flags = rules.flags_of(entries)
    package = cases.get_package(case)
    dossier = rules.dossier_of(
        case, flags=flags, agency=directory.get_unit(case.unit_id).agency_name if case.unit_id else "",
        url=settings.BASE_URL, codes={one.key: one.code or one.key for one in package.documents},
    )  # fmt: skip
    units = {one: directory.get_unit(one).name for one in {case.unit_id, *(s.unit_id for s in case.steps.all())} if one}
    progress = rules.progress_of(case, news, units=units)
    caused = news[0].recorded_at if news else at
    told_before = sync.told_sequence > 0 or Arrival.objects.filter(case_id=case_id).exists()
    queue = partial(
        queue_message, destination=DESTINATION, key=case.code, subject=f"case:{case_id}",
        unit_id=case.intake_unit_id or case.unit_id, caused_at=caused, actor=actor, at=at,
    )  # fmt: skip
    name = f"{mark}/" if mark else ""
    queue(
        kind="DongBoHoSoMC", once=f"{name}{case_id}/{latest.sequence}",
        summary=f"Hồ sơ ở trạng thái «{rules.status_in_words(dossier.status)}»",
        body={"updating": told_before, "dossier": dossier.to_wire()},
    )  # fmt: skip
    rows = [one.to_wire() for one in progress]
    for start in range(0, len(rows), _AT_ONCE):
        queue(
            kind="CapNhatTienDoHoSoMC", once=f"{name}{case_id}/{latest.sequence}/progress/{start}",
            summary="Tiến độ: " + ", ".join(one.what for one in progress[start : start + _AT_ONCE]),
            body={"rows": rows[start : start + _AT_ONCE]},
        )  # fmt: skip
    sync.told_sequence, sync.told_status, sync.told_at = latest.sequence, dossier.status, at
    sync.save()
    if mark:
        _tell_again(case.code, case_id, mark, latest, actor=actor, at=at)
    return 1 + -(-len(rows) // _AT_ONCE)


def _tell_again(code: str, case_id: int, mark: str, latest: EntryData, *, actor: Actor, at: datetime) -> None:
    record(CaseToldAgain(case_id=case_id, code=code, mark=mark), subject=f"national:{code}", actor=actor, at=at)


@action
def note_lag(*, since: datetime, waiting: int, why: str, actor: Actor, at: datetime) -> bool:
    """Ghi nhận đồng bộ đang chậm, with what was measured, as an incident; once, until it is over.

    It stops no clock: our own work goes on. Whether it made a case late is judged with the evidence, case by case.
    """
    require(actor.kind is ActorKind.SYSTEM)
    row = Reading.objects.select_for_update(of=("self",)).get()
    if row.lag_incident_id is not None:
        return False
    evidence = (
        f"Nhật ký gửi đi: {waiting} thông điệp chờ, thông điệp cũ nhất từ {since.astimezone():%H:%M:%S %d/%m/%Y}; {why}"
    )
    incident = record_incident(
        system=NAME, kind="lag", unit_id=None, description="Không đồng bộ được hồ sơ với Cổng Dịch vụ công quốc gia.",
        evidence=evidence, stops_clock=False, started_at=since, ended_at=None, actor=actor, at=at,
    )  # fmt: skip
    row.lag_incident = incident
    row.save(update_fields=["lag_incident"])
    event = LagBegan(since=since, waiting=waiting, incident_id=incident.pk)
    record(event, subject="national", actor=actor, at=at)
    return True


@action
def end_lag(*, actor: Actor, at: datetime) -> bool:
    """Ghi nhận đồng bộ hết chậm; whether it had been noted."""
    require(actor.kind is ActorKind.SYSTEM)
    row = Reading.objects.select_for_update(of=("self",)).first()
    if row is None or row.lag_incident_id is None:
        return False
    incident_id = row.lag_incident_id
    row.lag_incident = None
    row.save(update_fields=["lag_incident"])
    end_incident(incident_id=incident_id, ended_at=at, actor=actor, at=at)
    record(LagEnded(incident_id=incident_id), subject="national", actor=actor, at=at)
    return True
