"""Undoing what was done wrongly: open a case again, correct a signed result, revoke it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, queries, rules
from tinhso.apps.cases.actions._common import civil_date, lock_case, new_check_code, package_of, save
from tinhso.apps.cases.actions._filing import check_draft
from tinhso.apps.cases.actions._processing import approve, title_of
from tinhso.apps.cases.actions._refresh import refresh_clock
from tinhso.apps.cases.actions._steps import enter_step
from tinhso.apps.cases.data import CaseMoved, CaseNotReopenable, ResultNotCorrectable
from tinhso.apps.cases.enums import (
    CaseStatus,
    ClockAfter,
    FeeEffect,
    PaperKind,
    ResultStatus,
    StepOutcome,
    SupplementStage,
)
from tinhso.apps.cases.events import (
    CaseReopened,
    CorrectionDropped,
    CorrectionProposed,
    ResultRevoked,
)
from tinhso.apps.cases.models import Case, Paper, Result, Supplement
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import reserve_number
from tinhso.apps.documents.queries import get_letter
from tinhso.apps.procedures.data import Package, WorkflowStep
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid

_ENDED = (CaseStatus.INTAKE_REFUSED, CaseStatus.WITHDRAWN, CaseStatus.STOPPED)
_WITH_RESULT = (CaseStatus.RESOLVED, CaseStatus.DELIVERED)
_OUTCOME_FIELDS = ("status", "closed_at", "resolved_at", "delivered_at", "lateness", "late_cause")


@action
def reopen_case(
    *, case_id: int, reason: str, basis: str, clock: str = ClockAfter.RESUME, actor: Actor, at: datetime
) -> Case:
    """Mở lại hồ sơ đã kết thúc do sai sót: refused, withdrawn or stopped by mistake, or its result revoked.

    It goes back to where it was: to the counter where it had not been received, to the applicant where it had waited
    for her, to the appraisal where a result was revoked. `clock` is `resume` (the time in between does not count) or
    `restart`. Fees are never collected twice for an agency's error.

    Raises:
        CaseNotReopenable: it has not ended, its result still holds, or it is part of a linked group.
        Invalid: no reason, no decision it rests on, or no such way to count.
    """
    case = lock_case(case_id)
    require(permissions.can_reopen(actor, case))
    package = package_of(case)
    if case.parent_id is not None or package.group is not None or not _may_reopen(case):
        raise CaseNotReopenable
    if not reason.strip() or not basis.strip() or clock not in ClockAfter.values:
        raise Invalid("Mời ghi lý do mở lại, văn bản làm căn cứ và cách tính thời hạn.")
    before, closed_at = case.status, _ended_at(case, at)
    waiting = _renew_supplement(case, package, at)
    step = _step_to_go_on(case, package)
    case.status = _status_after(case, waiting, step)
    case.closed_at = case.resolved_at = case.delivered_at = None
    case.lateness = case.late_cause = ""
    save(case, at, *_OUTCOME_FIELDS)
    effect = rules.fee_effect_of_error(fee_vnd=case.fee_vnd, received=case.received_at is not None)
    event = CaseReopened(
        case_id=case.pk, from_status=before, to_status=case.status, reason=reason.strip(), basis=basis.strip(),
        clock=clock, closed_at=closed_at, reopened_at=at, supplement=case.status == CaseStatus.SUPPLEMENT,
        fee_effect=effect, fee_vnd=case.fee_vnd,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    refresh_clock(case, at=at)
    if step is not None:
        enter_step(case, package, step, actor=actor, at=at)
        refresh_clock(case, at=at)
    return case


@action
def correct_result(
    *, case_id: int, reason: str, text: str, fields: Mapping[str, Any], actor: Actor, at: datetime
) -> Result:
    """Dự thảo đính chính kết quả đã ký: a new result that takes the place of the signed one when it is signed.

    Until then the signed one holds. The course of the case, its clock and its lateness stay what they were.

    Raises:
        ResultNotCorrectable: no signed result in force, or a correction is under way.
        Invalid: no reason, or a wrong field (paths `fields.<key>`).
    """
    case = lock_case(case_id)
    require(permissions.can_correct_result(actor, case))
    signed = _signed(case)
    if not reason.strip():
        raise Invalid("Mời ghi rõ sai sót cần đính chính.")
    package = package_of(case)
    kind = next((known for known in package.results if known.key == signed.key), None)
    written = check_draft(case, package, fields, on=civil_date(at)) if kind and not _refuses(signed) else {}
    result = Result.objects.create(
        case=case, key=signed.key, name=signed.name, outcome=signed.outcome, status=ResultStatus.PROPOSED,
        text=(text.strip() or signed.text) if _refuses(signed) else reason.strip(), fields=written,
        proposed_by=actor.name, proposed_at=at, check_code=new_check_code(), replaces=signed,
    )  # fmt: skip
    event = CorrectionProposed(case_id=case.pk, result_id=result.pk, replaces_id=signed.pk, reason=reason.strip())
    record(event, subject=case, actor=actor, at=at)
    return result


@action
def approve_correction(*, case_id: int, actor: Actor, at: datetime) -> Result:
    """Phê duyệt, ký bản đính chính: it gets a number of its own; signing and sealing follow in the same job.

    Raises:
        CaseMoved: no correction waits.
    """
    case = lock_case(case_id)
    require(permissions.can_approve_correction(actor, case))
    result = _correction(case)
    approve(case, result, actor=actor, at=at)
    return result


@action
def drop_correction(*, case_id: int, reason: str, actor: Actor, at: datetime) -> Result:
    """Không đính chính: the draft is cancelled, the signed result holds.

    Raises:
        CaseMoved: no correction waits.
        Invalid: no reason.
    """
    case = lock_case(case_id)
    require(permissions.can_approve_correction(actor, case))
    result = _correction(case)
    if not reason.strip():
        raise Invalid("Mời ghi lý do không đính chính.")
    # The old paper may be corrected another time: the link belongs to the draft that is signed.
    result.status, result.replaces, result.end_reason = ResultStatus.CANCELLED, None, reason.strip()
    result.save(update_fields=["status", "replaces", "end_reason"])
    event = CorrectionDropped(case_id=case.pk, result_id=result.pk, reason=reason.strip())
    record(event, subject=case, actor=actor, at=at)
    return result


@action
def revoke_result(
    *, case_id: int, reason: str, decision: str = "", fee_effect: str = "", actor: Actor, at: datetime
) -> Result:
    """Hủy bỏ, thu hồi kết quả đã ký bằng một quyết định. The public check says so from this moment.

    Without `decision` the decision is this one: it takes a number of the agency's book, and a job typesets, signs and
    seals it. With `decision` (number and date) it has been made elsewhere, and no paper is made here. The case keeps its
    end; opening it again is another act.

    Raises:
        ResultNotCorrectable: no signed result in force, or a correction is under way.
        Invalid: no reason, or no such effect on the fees.
    """
    case = lock_case(case_id)
    require(permissions.can_revoke_result(actor, case))
    signed = _signed(case)
    if not reason.strip():
        raise Invalid("Mời ghi lý do hủy bỏ, thu hồi.")
    effect = fee_effect or (FeeEffect.KEPT if case.fee_vnd else FeeEffect.NONE)
    if effect not in {FeeEffect.KEPT, FeeEffect.REFUND, FeeEffect.NONE}:
        raise Invalid("Mời chọn hoàn hay không hoàn phí, lệ phí đã nộp.")
    paper = None if decision.strip() else _decision_paper(case, signed, actor=actor, at=at)
    named = f"Quyết định số {paper.number} ngày {civil_date(at):%d/%m/%Y}" if paper else decision.strip()
    signed.status, signed.ended_at, signed.ended_by = ResultStatus.REVOKED, at, named[:200]
    signed.end_reason = reason.strip()
    signed.save(update_fields=["status", "ended_at", "ended_by", "end_reason"])
    event = ResultRevoked(
        case_id=case.pk, result_id=signed.pk, number=signed.number, decision=signed.ended_by, reason=reason.strip(),
        fee_effect=effect, fee_vnd=case.fee_vnd, paper_id=paper.pk if paper else 0,
        signer_title=title_of(actor, case, _issuer_id(case, signed, at), at) if paper else "",
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    return signed


def _issuer_id(case: Case, result: Result, at: datetime) -> int:
    """The agency whose result it is: of the book its number came from."""
    if result.book_entry is not None:
        return result.book_entry.book.unit_id
    return queries.deciding_unit_id(case, package_of(case), on=civil_date(at))


def _decision_paper(case: Case, result: Result, *, actor: Actor, at: datetime) -> Paper:
    """The decision with its number in the book of the agency whose result it takes back; typeset by a job."""
    unit_id = _issuer_id(case, result, at)
    letter = get_letter(PaperKind.REVOCATION_DECISION)
    entry = reserve_number(
        unit_id=unit_id, book=letter.book, year=civil_date(at).year, subject=f"case:{case.pk}", actor=actor, at=at
    )
    number = letter.number_format.format(
        number=f"{entry.number:02d}", unit=rules.abbreviation(directory.get_unit(unit_id))
    )
    return Paper.objects.create(
        case=case, kind=PaperKind.REVOCATION_DECISION, subject_id=result.pk, book_entry_id=entry.id, number=number,
        issued_by=actor.name, issued_by_id=actor.account_id, check_code=new_check_code(), created_at=at,
    )  # fmt: skip


def _may_reopen(case: Case) -> bool:
    if case.status in _ENDED:
        return True
    held = case.results.filter(status__in=[ResultStatus.SIGNED, ResultStatus.PROPOSED, ResultStatus.APPROVED])
    return case.status in _WITH_RESULT and not held.exists()


def _ended_at(case: Case, at: datetime) -> datetime:
    """When the clock of the case came to its end: the result, or the end of the case."""
    return case.resolved_at or case.closed_at or at


def _renew_supplement(case: Case, package: Package, at: datetime) -> Supplement | None:
    """A supplement that nobody had answered is waited for again, with its full time."""
    supplement = case.supplements.filter(answered_at__isnull=True).first()
    if supplement is None or case.status not in _ENDED:
        return None
    supplement.answer_until = at + timedelta(days=package.policies.supplement_days)
    supplement.save(update_fields=["answer_until"])
    return supplement


def _step_to_go_on(case: Case, package: Package) -> WorkflowStep | None:
    if case.received_at is None:
        return None
    if case.status in _WITH_RESULT:
        return package.workflow.of_kind(StepKind.APPRAISAL) or package.workflow.first()
    latest = case.steps.filter(outcome=StepOutcome.CLOSED).order_by("-sequence").first()
    return package.workflow.get(latest.key) if latest else package.workflow.first()


def _status_after(case: Case, waiting: Supplement | None, step: WorkflowStep | None) -> CaseStatus:
    if waiting is not None:
        at_intake = waiting.stage == SupplementStage.INTAKE
        return CaseStatus.INTAKE_SUPPLEMENT if at_intake else CaseStatus.SUPPLEMENT
    if step is None:
        return CaseStatus.SUBMITTED
    return CaseStatus.RECEIVED if step.kind == StepKind.RECEPTION else CaseStatus.PROCESSING


def _signed(case: Case) -> Result:
    signed = case.results.select_for_update().filter(status=ResultStatus.SIGNED).first()
    under_way = case.results.filter(status__in=[ResultStatus.PROPOSED, ResultStatus.APPROVED]).exists()
    if case.status not in _WITH_RESULT or signed is None or under_way:
        raise ResultNotCorrectable
    return signed


def _correction(case: Case) -> Result:
    waiting = case.results.select_for_update().filter(status=ResultStatus.PROPOSED, replaces__isnull=False).first()
    if case.status not in _WITH_RESULT or waiting is None:
        raise CaseMoved("Hồ sơ không có bản đính chính nào chờ ký.")
    return waiting


def _refuses(result: Result) -> bool:
    return result.outcome == "refuse"
