"""The work inside: assign, forward, send back, propose, approve."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.actions._common import (
    civil_date,
    lock_case,
    new_check_code,
    package_of,
    require_undecided,
    save,
)
from tinhso.apps.cases.actions._consultations import require_heard
from tinhso.apps.cases.actions._filing import check_draft
from tinhso.apps.cases.actions._scans import require_copy_scanned
from tinhso.apps.cases.actions._steps import enter_step, leave_step
from tinhso.apps.cases.actions._transfers import hand_to_competent, require_settled, waits_for_competent
from tinhso.apps.cases.actions._vault import require_sources_settled
from tinhso.apps.cases.data import CaseMoved
from tinhso.apps.cases.enums import CaseStatus, ResultOutcome, ResultStatus, StepOutcome
from tinhso.apps.cases.events import CaseAssigned, CaseReturned, ResultApproved, ResultProposed
from tinhso.apps.cases.models import Case, Result
from tinhso.apps.cases.queries import deciding_unit_id
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import reserve_number
from tinhso.apps.documents.queries import get_letter
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid
from tinhso.kernel.prepared import Prepared

_AT_WORK = (CaseStatus.RECEIVED, CaseStatus.PROCESSING)

_DRAFT = Prepared(
    lambda case_id: (
        Result.objects.select_for_update().filter(case_id=case_id, status=ResultStatus.PROPOSED).order_by("pk")[:1]
    ),
    case_id=int,
)


@action
def assign_case(*, case_id: int, assignee_id: int | None, actor: Actor, at: datetime) -> Case:
    """Phân công người xử lý bước hiện tại; None gives it back to the whole unit.

    Raises:
        CaseMoved: the case is not in work.
        Invalid: that officer does not do this step there.
    """
    case = _lock_at_work(case_id, actor)
    require(permissions.can_assign(actor, case))
    if assignee_id is not None:
        _require_able(case, assignee_id, at)
    case.assignee_id = assignee_id
    save(case, at, "assignee")
    event = CaseAssigned(case_id=case.pk, step=case.step_key, assignee_id=assignee_id)
    record(event, subject=case, actor=actor, at=at)
    return case


@action
def forward_case(
    *, case_id: int, step: str, note: str = "", assignee_id: int | None = None, actor: Actor, at: datetime
) -> Case:
    """Hoàn thành bước và chuyển bước sau. `step` is the step the officer saw: if the case has moved on, he is told.

    Raises:
        CaseMoved: somebody was first, or this step ends in another way (proposal, approval, delivery).
    """
    case = _lock_at_work(case_id, actor, step=step)
    require(permissions.can_complete_step(actor, case))
    if case.step_kind not in permissions.FORWARDED_KINDS:
        raise CaseMoved("Bước này kết thúc bằng trình dự thảo, phê duyệt hoặc trả kết quả.")
    _move_on(case, outcome=StepOutcome.FORWARDED, note=note, assignee_id=assignee_id, actor=actor, at=at)
    return case


@action
def return_case(*, case_id: int, step: str, note: str, to: str = "", actor: Actor, at: datetime) -> Case:
    """Trả lại bước trước, with what is to be mended. A proposal under way is dropped.

    `to` is the key of the earlier step; empty, the appraisal, or the step before where the case is at appraisal itself.
    Each return is a stay of its own with a budget of its own; the case's own date does not move.

    Raises:
        CaseMoved: somebody was first, or the result is approved and being signed.
        Invalid: no word on what is to be mended, or not an earlier step.
    """
    case = _lock_at_work(case_id, actor, step=step)
    require(permissions.can_return_step(actor, case))
    require_undecided(case)
    require_settled(case)
    if not note.strip():
        raise Invalid("Mời ghi rõ nội dung cần sửa khi trả lại.")
    package = package_of(case)
    earlier = package.workflow.before(case.step_key)
    if not earlier:
        raise CaseMoved("Hồ sơ đang ở bước đầu tiên, không còn bước nào để trả lại.")
    usual = next((known for known in earlier if known.kind == StepKind.APPRAISAL), earlier[-1])
    target = next((known for known in earlier if known.key == to), None) if to else usual
    if target is None:
        raise Invalid("Chỉ trả lại được bước đã qua.")
    case.results.filter(status=ResultStatus.PROPOSED).update(status=ResultStatus.CANCELLED)
    before = case.steps.filter(key=target.key, by_account_id__isnull=False).order_by("-sequence").first()
    event = CaseReturned(
        case_id=case.pk, from_step=case.step_key, to_step=target.key, stage=case.step_kind, note=note.strip()
    )
    stay = leave_step(case, outcome=StepOutcome.RETURNED, actor=actor, at=at, note=note.strip())
    record(event, subject=case, actor=actor, at=at)
    assignee_id = before.by_account_id if before else None
    enter_step(case, package, target, after=stay, actor=actor, at=at, assignee_id=assignee_id)
    return case


@action
def propose_result(
    *, case_id: int, step: str, outcome: str, text: str, fields: Mapping[str, Any], actor: Actor, at: datetime
) -> Result:
    """Trình dự thảo kết quả (chấp thuận hoặc từ chối) and pass the case on for review or approval.

    `fields` answers the package's draft form (`queries.draft_form_of`); a refusal has reasons only, and keeps none.

    Raises:
        CaseMoved: somebody was first, or the case is not at appraisal.
        Invalid: no outcome, a refusal without reasons, or a wrong field (paths `fields.<key>`).
    """
    case = _lock_at_work(case_id, actor, step=step)
    require(permissions.can_complete_step(actor, case))
    if case.step_kind != StepKind.APPRAISAL:
        raise CaseMoved("Hồ sơ không ở bước thẩm định.")
    if outcome not in ResultOutcome.values:
        raise Invalid("Mời chọn chấp thuận hoặc từ chối.")
    if outcome == ResultOutcome.REFUSE and not text.strip():
        raise Invalid("Từ chối phải nêu rõ lý do.")
    package = package_of(case)
    kind = package.result_for(outcome)
    if kind is not None and outcome == ResultOutcome.GRANT:
        require_copy_scanned(case, kind, on=civil_date(at))
    written = check_draft(case, package, fields, on=civil_date(at)) if outcome == ResultOutcome.GRANT else {}
    result = Result.objects.create(
        case=case, key=kind.key if kind else "refusal", name=kind.name if kind else "Văn bản từ chối giải quyết",
        outcome=outcome, status=ResultStatus.PROPOSED, text=text.strip(), fields=written, proposed_by=actor.name,
        proposed_at=at, check_code=new_check_code(),
    )  # fmt: skip
    record(ResultProposed(case_id=case.pk, result_id=result.pk, outcome=outcome), subject=case, actor=actor, at=at)
    _move_on(case, outcome=StepOutcome.PROPOSED, note="", assignee_id=None, actor=actor, at=at)
    return result


@action
def approve_result(*, case_id: int, step: str, actor: Actor, at: datetime) -> Result:
    """Phê duyệt kết quả: the number is reserved in the book; signing and sealing follow at once in a job.

    Raises:
        CaseMoved: somebody was first, or there is nothing to approve.
    """
    case = _lock_at_work(case_id, actor, step=step)
    require(permissions.can_complete_step(actor, case))
    result = _DRAFT.first(case_id=case.pk)
    if case.step_kind != StepKind.APPROVAL or result is None:
        raise CaseMoved("Hồ sơ không có dự thảo chờ ký.")
    result.case = case
    approve(case, result, actor=actor, at=at)
    return result


def approve(case: Case, result: Result, *, actor: Actor, at: datetime) -> None:
    """Give a proposed result of a locked case its number and its approver; the signing job follows."""
    assert case.unit_id is not None  # noqa: S101 - a filed case has its unit
    require_sources_settled(case)
    package = package_of(case)
    decider = deciding_unit_id(case, package, on=civil_date(at))
    kind = next((known for known in package.results if known.key == result.key), None)
    refusal = get_letter("refusal")
    number_format = (kind.number_format if kind else "") or refusal.number_format
    entry = reserve_number(
        unit_id=decider, book=(kind.book if kind else "") or refusal.book, year=civil_date(at).year,
        subject=f"case:{case.pk}", actor=actor, at=at,
    )  # fmt: skip
    letters = rules.abbreviation(directory.get_unit(decider))
    result.book_entry_id, result.number = entry.id, number_format.format(number=f"{entry.number:02d}", unit=letters)
    result.status, result.approved_by_id, result.approved_by = ResultStatus.APPROVED, actor.account_id, actor.name
    result.approver_title = title_of(actor, case, decider, at)
    result.approved_at = at
    result.save()
    event = ResultApproved(case_id=case.pk, result_id=result.pk, number=result.number)
    record(event, subject=case, actor=actor, at=at)


def _move_on(
    case: Case, *, outcome: StepOutcome, note: str, assignee_id: int | None, actor: Actor, at: datetime
) -> None:
    require_settled(case)
    if case.step_kind == StepKind.RECEPTION and waits_for_competent(case, at):
        hand_to_competent(case, actor=actor, at=at)
        return
    package = package_of(case)
    require_heard(case, package)
    following = package.workflow.after(case.step_key)
    if following is None:
        raise CaseMoved("Quy trình của hồ sơ không còn bước nào phía sau.")
    stay = leave_step(case, outcome=outcome, actor=actor, at=at, note=note)
    case.status = CaseStatus.PROCESSING
    enter_step(case, package, following, after=stay, actor=actor, at=at, assignee_id=assignee_id, changed=("status",))


def _lock_at_work(case_id: int, actor: Actor, *, step: str | None = None) -> Case:
    """The case, locked; who may see it is told when somebody was first, anybody else nothing."""
    case = lock_case(case_id)
    require(permissions.can_view(actor, case) or _worked_on(case, actor, step))
    if case.status not in _AT_WORK:
        raise CaseMoved(f"Hồ sơ hiện ở trạng thái «{CaseStatus(case.status).label}».")
    if step is not None and case.step_key != step:
        latest = case.steps.filter(left_at__isnull=False).order_by("-sequence").first()
        who = f"{latest.by_name} đã xử lý trước" if latest else "Hồ sơ đã được xử lý trước"
        raise CaseMoved(f"{who}; hồ sơ đang ở bước «{case.step_name}».")
    return case


def _worked_on(case: Case, actor: Actor, step: str | None) -> bool:
    """Whether the case lay, at this step, where the actor does such steps (it may have left his unit meanwhile)."""
    stay = case.steps.filter(key=step).order_by("-sequence").first()
    permission = permissions.STEP_PERMISSION.get(stay.kind) if stay else None
    return stay is not None and permission is not None and actor.has(permission, unit_id=stay.unit_id, field=case.field)


def _require_able(case: Case, assignee_id: int, at: datetime) -> None:
    permission = permissions.STEP_PERMISSION[case.step_kind]
    candidate = accounts.get_actor(assignee_id, at=at)
    if not candidate.has(permission, unit_id=case.step_unit_id, field=case.field):
        raise Invalid("Người được chọn không phụ trách bước này ở đơn vị này.")


def title_of(actor: Actor, case: Case, unit_id: int, at: datetime) -> str:
    """The lines above the signature, as the directory states the signer's capacity."""
    staff_id = accounts.get_account(actor.account_id).staff_id if actor.account_id else None
    if staff_id is None:
        return ""
    lines = directory.signing_capacity(staff_id=staff_id, unit_id=unit_id, on=civil_date(at), field=case.field)
    return "\n".join(lines)
