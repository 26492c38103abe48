"""What becomes of a result and of papers: outcomes that flows and jobs report back."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import rules
from tinhso.apps.cases.actions._clock import finish_clock
from tinhso.apps.cases.actions._common import calendar_of, civil_date, lock_case, new_check_code, package_of, save
from tinhso.apps.cases.actions._incidents import explain_lateness
from tinhso.apps.cases.actions._steps import enter_step, leave_step
from tinhso.apps.cases.data import CaseMoved, ResultNotFound
from tinhso.apps.cases.enums import CaseStatus, ResultStatus, StepOutcome
from tinhso.apps.cases.events import (
    CaseResolved,
    PaperIssued,
    ResultApproved,
    ResultFailed,
    ResultReplaced,
    ResultSigned,
)
from tinhso.apps.cases.models import Case, Paper, Result
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import signing_subject
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import cancel_number, issue_number, reserve_number
from tinhso.apps.documents.queries import get_letter
from tinhso.apps.procedures.enums import StepKind
from tinhso.apps.signatures import queries as signatures
from tinhso.apps.signatures.actions import switch_signer
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.prepared import Prepared
from tinhso.lib.worktime import lateness

_LOCKED = Prepared(lambda result_id: Result.objects.select_for_update().filter(pk=result_id), result_id=int)
_CASE_OF_RESULT = Prepared(lambda pk: Result.objects.filter(pk=pk).values_list("case_id", flat=True), pk=int)
_CASE_OF_PAPER = Prepared(lambda pk: Paper.objects.filter(pk=pk).values_list("case_id", flat=True), pk=int)


@action
def record_result_signed(*, result_id: int, file_id: int, actor: Actor, at: datetime) -> Result:
    """Ghi nhận kết quả đã ký số, đóng dấu: the paper joins the case, which is resolved and waits to be handed over.

    Told twice, it happens once: a result already signed is given back as it is.

    Raises:
        CaseMoved: the result was cancelled meanwhile.
    """
    require(actor.kind is ActorKind.SYSTEM)
    case = _lock_case_of(Result, result_id)
    result = _LOCKED.first(result_id=result_id)
    assert result is not None  # noqa: S101 - its case was found by it
    if result.status == ResultStatus.SIGNED:
        return result
    if result.status != ResultStatus.APPROVED:
        raise CaseMoved("Kết quả này đã bị hủy trước khi ký xong.")
    replaced = _give_way(result, at)
    result.status, result.file_id, result.signed_at, result.failure = ResultStatus.SIGNED, file_id, at, ""
    result.save()
    if result.book_entry_id is not None:
        issue_number(entry_id=result.book_entry_id, actor=actor, at=at)
    signed = ResultSigned(case_id=case.pk, result_id=result.pk, file_id=file_id, number=result.number)
    record(signed, subject=case, actor=actor, at=at)
    if replaced is None:
        _resolve(case, result, actor=actor, at=at)
        return result
    event = ResultReplaced(
        case_id=case.pk, result_id=replaced.pk, number=replaced.number, by_result_id=result.pk, by_number=result.number
    )
    record(event, subject=case, actor=actor, at=at)
    return result


@action
def record_result_failed(*, result_id: int, reason: str, actor: Actor, at: datetime) -> Result:
    """Ghi nhận ký số không thành: the number stays in the book as cancelled; the approval waits to be repeated."""
    require(actor.kind is ActorKind.SYSTEM)
    case = _lock_case_of(Result, result_id)
    result = Result.objects.select_for_update().get(pk=result_id)
    if result.status != ResultStatus.APPROVED:
        return result
    if result.book_entry_id is not None:
        cancel_number(entry_id=result.book_entry_id, reason=reason, actor=actor, at=at)
    # Back to a proposal: the leader sees why and signs again, under a new number.
    result.status, result.failure, result.number, result.book_entry_id = ResultStatus.PROPOSED, reason, "", None
    result.save()
    event = ResultFailed(case_id=case.pk, result_id=result.pk, reason=reason)
    record(event, subject=case, actor=actor, at=at)
    return result


@action
def retry_result(*, result_id: int, choice_id: int | None = None, actor: Actor, at: datetime) -> Result:
    """Đưa kết quả đã duyệt vào hàng chờ ký lại: the job was lost, the signer refused, or another signer shall be used.

    `choice_id`: with what the approver signs instead; what waits elsewhere is given up. The number stays.

    Raises:
        ResultNotFound: there is no such result.
        CaseMoved: the result does not wait for a signature.
        SignerNotSet: the choice is not the approver's.
    """
    case = _lock_case_of(Result, result_id)
    require(actor.has(CasePermission.APPROVE, unit_id=case.unit_id, field=case.field))
    result = Result.objects.get(pk=result_id)
    if result.status != ResultStatus.APPROVED:
        raise CaseMoved("Kết quả này không chờ ký.")
    if actor.account_id == result.approved_by_id:
        subject = signing_subject(result)
        switch_signer(subject=subject, role=OwnerKind.PERSON, choice_id=choice_id, actor=actor, at=at)
    event = ResultApproved(case_id=case.pk, result_id=result.pk, number=result.number)
    record(event, subject=case, actor=actor, at=at)
    return result


@action
def begin_paper(
    *, case_id: int, kind: str, subject_id: int, officer: str, officer_id: int | None, actor: Actor, at: datetime
) -> Paper:
    """Lấy số cho một giấy gửi người nộp, before it is typeset. Asked twice, the first one is given."""
    require(actor.kind is ActorKind.SYSTEM)
    case = lock_case(case_id)
    known = Paper.objects.filter(case=case, kind=kind, subject_id=subject_id).first()
    if known is not None:
        return known
    assert case.intake_unit_id is not None  # noqa: S101 - papers are made for filed cases
    letter = get_letter(kind)
    letters = rules.abbreviation(directory.get_unit(case.intake_unit_id))
    entry = reserve_number(
        unit_id=case.intake_unit_id, book=letter.book, year=civil_date(at).year, subject=f"case:{case.pk}",
        actor=actor, at=at,
    )  # fmt: skip
    return Paper.objects.create(
        case=case, kind=kind, subject_id=subject_id, book_entry_id=entry.id, issued_by=officer, issued_by_id=officer_id,
        number=letter.number_format.format(number=f"{entry.number:02d}", unit=letters), check_code=new_check_code(),
        created_at=at,
    )  # fmt: skip


@action
def record_paper(*, paper_id: int, file_id: int, actor: Actor, at: datetime) -> Paper:
    """Ghi nhận một giấy tờ đã lập. The same paper made twice is kept once."""
    require(actor.kind is ActorKind.SYSTEM)
    case = _lock_case_of(Paper, paper_id)
    paper = Paper.objects.get(pk=paper_id)
    if paper.file_id is not None:
        return paper
    paper.file_id = file_id
    paper.save(update_fields=["file"])
    issue_number(entry_id=paper.book_entry_id, actor=actor, at=at)
    event = PaperIssued(case_id=case.pk, kind=paper.kind, file_id=file_id, code=paper.check_code)
    record(event, subject=case, actor=actor, at=at)
    return paper


@action
def take_strengthened_file(*, subject: str, actor: Actor, at: datetime) -> None:
    """Thay tệp của một kết quả, giấy tờ bằng bản mới nhất có dấu thời gian, bằng chứng; what is signed is the same.

    `subject`: "result:<id>" or "paper:<id>", as it was given to be kept.
    """
    require(actor.kind is ActorKind.SYSTEM)
    kind, _, key = subject.partition(":")
    table: type[Result] | type[Paper] | None = Result if kind == "result" else Paper if kind == "paper" else None
    file_id = signatures.current_file_of(subject)
    if table is None or file_id is None:
        return
    _lock_case_of(table, int(key))
    table.objects.filter(pk=int(key), file__isnull=False).update(file_id=file_id)


def _lock_case_of(table: type[Result] | type[Paper], pk: int) -> Case:
    """The case of a result or a paper, locked: always the case first, so that no two acts wait for each other.

    Raises:
        ResultNotFound: there is no such row.
    """
    case_id = (_CASE_OF_RESULT if table is Result else _CASE_OF_PAPER).first(pk=pk)
    if case_id is None:
        raise ResultNotFound
    return lock_case(case_id)


def _give_way(result: Result, at: datetime) -> Result | None:
    """The signed result whose place a correction takes, ended in the same moment; None where nothing is corrected."""
    if result.replaces_id is None:
        return None
    replaced = Result.objects.select_for_update().get(pk=result.replaces_id)
    if replaced.status != ResultStatus.SIGNED:
        raise CaseMoved("Kết quả cần đính chính không còn hiệu lực.")
    replaced.status, replaced.ended_at, replaced.ended_by = ResultStatus.REPLACED, at, result.approved_by
    replaced.end_reason = result.text
    replaced.save(update_fields=["status", "ended_at", "ended_by", "end_reason"])
    return replaced


def _resolve(case: Case, result: Result, *, actor: Actor, at: datetime) -> None:
    """Close the clock and put the case at its last step; the issuing step is done by the seal itself."""
    package = package_of(case)
    signer = (result.approved_by_id, result.approved_by)
    stay = leave_step(case, outcome=StepOutcome.APPROVED, actor=actor, at=at, note="Đã ký số", done_by=signer)
    following = package.workflow.after(case.step_key)
    if following is not None and following.kind == StepKind.ISSUE:
        stay = enter_step(case, package, following, after=stay, actor=actor, at=at)
        note = f"Vào sổ số {result.number}, đóng dấu số"
        leave_step(case, outcome=StepOutcome.ISSUED, actor=actor, at=at, note=note, stay=stay)
        following = package.workflow.after(following.key)
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit
    finish_clock(case, actor=actor, at=at)
    assert case.due_at is not None  # noqa: S101 - a finished clock has its date
    case.status, case.resolved_at = CaseStatus.RESOLVED, at
    case.lateness = str(lateness(at, case.due_at, calendar_of(case.unit_id, at)))
    resolved = ("status", "resolved_at", "lateness")
    if following is None:
        save(case, at, *resolved)
    event = CaseResolved(case_id=case.pk, outcome=result.outcome, resolved_at=at, lateness=case.lateness)
    record(event, subject=case, actor=actor, at=at)
    explain_lateness(case, actor=actor, at=at)
    if following is not None:
        enter_step(case, package, following, after=stay, actor=actor, at=at, changed=resolved)
