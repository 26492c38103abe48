"""How a linked case follows its legs: taken, done, refused, stopped, corrected; and when the whole is over."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, queries, rules
from tinhso.apps.cases.actions import _intake
from tinhso.apps.cases.actions._common import calendar_of, lock_case, package_of, save
from tinhso.apps.cases.actions._linked import group_of, start_ready
from tinhso.apps.cases.actions._linked_clock import pause_whole, resume_leg, resume_whole, suspend_leg
from tinhso.apps.cases.actions._vault import carry_result
from tinhso.apps.cases.data import LegNotCorrectable, LegReport
from tinhso.apps.cases.enums import CaseStatus, LegStatus, ResultOutcome, ResultStatus
from tinhso.apps.cases.events import (
    CaseResolved,
    CaseStopped,
    LegCorrected,
    LegCorrectionAsked,
    LegFinished,
    LegReported,
    LegTaken,
    LegUnacknowledged,
)
from tinhso.apps.cases.models import Case, Leg, Result
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.kernel.prepared import Prepared
from tinhso.lib.worktime import Limit, lateness

_ENDED = {
    CaseStatus.INTAKE_REFUSED: LegStatus.REFUSED,
    CaseStatus.WITHDRAWN: LegStatus.STOPPED,
    CaseStatus.STOPPED: LegStatus.STOPPED,
}
_ALIVE = (CaseStatus.SUBMITTED, CaseStatus.RECEIVED, CaseStatus.PROCESSING)

_WHOLE_OF = Prepared(
    lambda child_id: Case.objects.filter(pk=child_id).values_list("parent_id", flat=True), child_id=int
)


@action
def follow_leg(*, child_id: int, actor: Actor, at: datetime) -> Leg | None:
    """Cập nhật hồ sơ liên thông theo hồ sơ của một bước. It reads the state, so told twice it happens once.

    None for a case that is no leg.
    """
    require(actor.kind is ActorKind.SYSTEM)
    parent_id = _WHOLE_OF.first(child_id=child_id)
    if parent_id is None:
        return None
    parent = lock_case(parent_id)
    leg = Leg.objects.select_for_update(of=("self",)).select_related("child").get(child_id=child_id)
    child = leg.child
    assert child is not None  # noqa: S101 - asked for by its child
    if leg.acknowledged_at is None and child.received_at is not None:
        _take(parent, leg, child.received_at, child.due_at, actor=actor, at=at)
    _follow_clock(parent, leg, child, actor=actor, at=at)
    status = CaseStatus(child.status)
    result = child.results.filter(status=ResultStatus.SIGNED).first()
    if status in {CaseStatus.RESOLVED, CaseStatus.DELIVERED} and result is not None:
        if leg.status in rules.OPEN:
            _finish_with(parent, leg, child, result, actor=actor, at=at)
        elif leg.status == LegStatus.DONE and leg.result_file_id != result.file_id:
            _correct_with(parent, leg, child, result, actor=actor, at=at)
    elif status in _ENDED and leg.status in rules.OPEN:
        _finish(parent, leg, _ENDED[status], reason=_why(child), actor=actor, at=at)
    return leg


@action
def record_leg_report(*, leg_id: int, report: LegReport, actor: Actor, at: datetime) -> Leg:
    """Ghi nhận tình trạng do hệ thống của bộ báo; what was known already changes nothing."""
    require(actor.kind is ActorKind.SYSTEM)
    parent = lock_case(Leg.objects.values_list("parent_id", flat=True).get(pk=leg_id))
    leg = Leg.objects.select_for_update().get(pk=leg_id)
    known = (leg.national_status, leg.result_number, leg.note)
    if known == (report.national_status, report.result_number or leg.result_number, report.note):
        Leg.objects.filter(pk=leg.pk).update(reported_at=at)
        return leg
    leg.national_status, leg.reported_at, leg.note = report.national_status, at, report.note
    leg.save(update_fields=["national_status", "reported_at", "note"])
    event = LegReported(
        case_id=parent.pk, leg=leg.key, national_status=report.national_status, reported_at=report.reported_at,
        note=report.note,
    )  # fmt: skip
    record(event, subject=parent, actor=actor, at=at)
    if leg.acknowledged_at is None and report.taken_at is not None:
        _take_elsewhere(parent, leg, report.taken_at, actor=actor, at=at)
    told = rules.LEG_STATUS_OF.get(report.national_status, LegStatus(leg.status))
    if leg.status in rules.OPEN and told in rules.OVER:
        if told == LegStatus.DONE:
            _keep_result(leg, report, at)
        _finish(parent, leg, told, reason=report.note, finished_at=report.finished_at, actor=actor, at=at)
    elif leg.status == LegStatus.DONE and told == LegStatus.DONE and report.result_number != leg.result_number:
        _keep_result(leg, report, at)
        leg.save(update_fields=["result_name", "result_number", "result_file", "result_fields"])
        _tell_corrected(parent, leg, [], actor=actor, at=at)
    return leg


@action
def record_unacknowledged(*, leg_id: int, actor: Actor, at: datetime) -> Leg:
    """Ghi cảnh báo: quá hạn mà cơ quan của bước chưa nhận; once a leg."""
    require(actor.kind is ActorKind.SYSTEM)
    parent = lock_case(Leg.objects.values_list("parent_id", flat=True).get(pk=leg_id))
    leg = Leg.objects.select_for_update().get(pk=leg_id)
    if leg.alerted_at is None and leg.acknowledged_at is None and leg.started_at is not None:
        leg.alerted_at = at
        leg.save(update_fields=["alerted_at"])
        event = LegUnacknowledged(case_id=parent.pk, leg=leg.key, since=leg.started_at)
        record(event, subject=parent, actor=actor, at=at)
    return leg


@action
def ask_leg_correction(*, case_id: int, leg: str, reason: str, actor: Actor, at: datetime) -> Leg:
    """Đề nghị cơ quan của bước trước đính chính kết quả; this leg's clock stands still until the right paper is here.

    Raises:
        LegNotCorrectable: the case is no leg, or does not use the result of that one.
        Invalid: no word on what is wrong.
    """
    child = lock_case(case_id)
    require(permissions.can_request_supplement(actor, child))
    if not reason.strip():
        raise Invalid("Mời ghi rõ chỗ sai trong kết quả của bước trước.")
    if child.parent_id is None or child.status not in {CaseStatus.RECEIVED, CaseStatus.PROCESSING}:
        raise LegNotCorrectable
    parent = Case.objects.get(pk=child.parent_id)
    own = Leg.objects.get(child_id=child.pk)
    before = Leg.objects.select_for_update().filter(parent=parent, key=leg, status=LegStatus.DONE).first()
    if before is None or leg not in group_of(parent).leg(own.key).receives.values():
        raise LegNotCorrectable
    before.note = f"Bước «{own.name}» đề nghị đính chính: {reason.strip()}"
    before.save(update_fields=["note"])
    suspend_leg(child, note=f"Chờ đính chính kết quả bước «{before.name}»", actor=actor, at=at)
    event = LegCorrectionAsked(case_id=parent.pk, leg=leg, by_leg=own.key, reason=reason.strip())
    record(event, subject=parent, actor=actor, at=at)
    return before


def _take(parent: Case, leg: Leg, taken_at: datetime, due_at: datetime | None, *, actor: Actor, at: datetime) -> None:
    leg.status, leg.acknowledged_at, leg.due_at = LegStatus.RUNNING, taken_at, due_at
    leg.save(update_fields=["status", "acknowledged_at", "due_at"])
    event = LegTaken(case_id=parent.pk, leg=leg.key, taken_at=taken_at, due_at=due_at)
    record(event, subject=parent, actor=actor, at=at)


def _take_elsewhere(parent: Case, leg: Leg, taken_at: datetime, *, actor: Actor, at: datetime) -> None:
    assert parent.unit_id is not None  # noqa: S101 - a filed case has its unit
    package = package_of(parent)
    due_at = rules.leg_due(
        taken_at, limit=Limit.parse(leg.time_limit), calendar=calendar_of(parent.unit_id, at),
        cutoff_minute=group_of(parent).rules.cutoff_minute, last_hour_tomorrow=package.policies.last_hour_tomorrow,
    )  # fmt: skip
    _take(parent, leg, taken_at, due_at, actor=actor, at=at)
    if parent.status == CaseStatus.SUBMITTED:
        # The first system to take its leg receives the application for all of them.
        _intake.receive_whole(parent, actor=actor, at=taken_at)


def _follow_clock(parent: Case, leg: Leg, child: Case, *, actor: Actor, at: datetime) -> None:
    """While a leg waits for the applicant the whole waits too; a leg that starts anew takes its lost time with it."""
    if child.status == CaseStatus.SUPPLEMENT and leg.acknowledged_at is not None:
        asked = child.supplements.filter(answered_at__isnull=True).first()
        if asked is not None:
            anew = package_of(parent).policies.after_supplement == rules.RESTART
            since = leg.acknowledged_at if anew else asked.requested_at
            pause_whole(parent, leg, since=since, actor=actor, at=at)
    else:
        resume_whole(parent, leg, actor=actor, at=at)


def _finish_with(parent: Case, leg: Leg, child: Case, result: Result, *, actor: Actor, at: datetime) -> None:
    _keep_own_result(leg, child, result)
    refused = result.outcome == ResultOutcome.REFUSE
    status = LegStatus.REFUSED if refused else LegStatus.DONE
    reason = result.text if refused else ""
    _finish(parent, leg, status, reason=reason, finished_at=child.resolved_at, actor=actor, at=at)


def _finish(
    parent: Case, leg: Leg, status: LegStatus, *, reason: str, finished_at: datetime | None = None, actor: Actor,
    at: datetime,
) -> None:  # fmt: skip
    leg.status, leg.finished_at, leg.note = status, finished_at or at, reason
    leg.save()
    event = LegFinished(case_id=parent.pk, leg=leg.key, status=status, result_number=leg.result_number, reason=reason)
    record(event, subject=parent, actor=actor, at=at)
    if parent.status not in _ALIVE:
        return
    if status == LegStatus.DONE:
        start_ready(parent, receiver=None, actor=actor, at=at)
    else:
        _stop_dependants(parent, leg, actor=actor, at=at)
    conclude(parent, at=leg.finished_at or at, actor=actor)


def _stop_dependants(parent: Case, leg: Leg, *, actor: Actor, at: datetime) -> None:
    """What waits for a leg that has no result cannot be done; it is told why."""
    keys = [rule.key for rule in group_of(parent).dependants(leg.key)]
    why = f"Bước «{leg.name}» {LegStatus(leg.status).label.lower()}, nên bước này không thực hiện được."
    for waiting in Leg.objects.select_for_update().filter(parent=parent, key__in=keys, child__isnull=True):
        if waiting.status not in {LegStatus.WAITING, LegStatus.READY}:
            continue
        waiting.status, waiting.finished_at, waiting.note = LegStatus.STOPPED, at, why
        waiting.save(update_fields=["status", "finished_at", "note"])
        event = LegFinished(case_id=parent.pk, leg=waiting.key, status=LegStatus.STOPPED, reason=why)
        record(event, subject=parent, actor=actor, at=at)


def conclude(parent: Case, *, actor: Actor, at: datetime) -> None:
    """End the whole when no leg can move any more: with the papers there are, or, without any, as stopped."""
    legs = list(Leg.objects.filter(parent=parent).order_by("position"))
    if not rules.is_over(leg.status for leg in legs):
        return
    for leg in legs:
        resume_whole(parent, leg, actor=actor, at=at)
    if not any(leg.result_number or leg.result_file_id for leg in legs):
        ended = next((leg for leg in legs if leg.status in {LegStatus.REFUSED, LegStatus.STOPPED}), legs[0])
        parent.status, parent.closed_at = CaseStatus.STOPPED, at
        save(parent, at, "status", "closed_at")
        reason = f"Bước «{ended.name}»: {ended.note or LegStatus(ended.status).label}"
        record(CaseStopped(case_id=parent.pk, reason=reason), subject=parent, actor=actor, at=at)
        return
    assert parent.unit_id is not None  # noqa: S101 - a filed case has its unit
    parent.status, parent.resolved_at = CaseStatus.RESOLVED, at
    if parent.due_at is not None:
        parent.lateness = str(lateness(at, parent.due_at, calendar_of(parent.unit_id, at)))
    save(parent, at, "status", "resolved_at", "lateness")
    outcome = ResultOutcome.GRANT if rules.all_granted(leg.status for leg in legs) else ResultOutcome.REFUSE
    event = CaseResolved(case_id=parent.pk, outcome=outcome, resolved_at=at, lateness=parent.lateness)
    record(event, subject=parent, actor=actor, at=at)


def _correct_with(parent: Case, leg: Leg, child: Case, result: Result, *, actor: Actor, at: datetime) -> None:
    """A mended result goes to every open leg that uses it, and those that waited for it go on."""
    _keep_own_result(leg, child, result)
    leg.note = ""
    leg.save()
    handed = []
    group = group_of(parent)
    for later in Leg.objects.filter(parent=parent, child__isnull=False).select_related("child"):
        keys = [key for key, source in group.leg(later.key).receives.items() if source == leg.key]
        if later.status not in rules.OPEN or later.child is None or not keys:
            continue
        target = lock_case(later.child.pk)
        for key in keys:
            name = next((d.name for d in package_of(target).documents if d.key == key), key)
            source = f"Kết quả đính chính của bước «{leg.name}», số {leg.result_number}"
            carry_result(target, key=key, name=name, file_id=leg.result_file_id, source=source, actor=actor, at=at)
        resume_leg(target, actor=actor, at=at)
        handed.append(later.key)
    _tell_corrected(parent, leg, handed, actor=actor, at=at)


def _tell_corrected(parent: Case, leg: Leg, handed: list[str], *, actor: Actor, at: datetime) -> None:
    event = LegCorrected(case_id=parent.pk, leg=leg.key, result_number=leg.result_number, handed_to=handed)
    record(event, subject=parent, actor=actor, at=at)


def _keep_own_result(leg: Leg, child: Case, result: Result) -> None:
    assert child.unit_id is not None  # noqa: S101 - a filed case has its unit
    issuer = directory.get_unit(child.unit_id).agency_name
    leg.result_name, leg.result_number, leg.result_file_id = result.name[:300], result.number, result.file_id
    leg.result_fields = {"issuer": issuer, "fields": result.fields}


def _keep_result(leg: Leg, report: LegReport, at: datetime) -> None:
    rule = group_of(leg.parent).leg(leg.key)
    leg.result_name = (report.result_name or rule.result)[:300]
    leg.result_number, leg.result_file_id = report.result_number, report.file_id
    leg.result_fields = {"issuer": leg.agency, "fields": report.result_fields}


def _why(child: Case) -> str:
    """The reason the log gives for the end of a leg's case."""
    ends = {"case.stopped", "case.withdrawn", "case.intake_refused"}
    told = [entry for entry in queries.timeline_of(child) if entry.type in ends]
    return str(told[-1].payload.get("reason", "")) if told else ""
