"""Rights over cases: role × unit subtree × procedure field. Every predicate takes the actor and the case."""

from typing import Any

from tinhso.apps.accounts.enums import SubjectKind
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.cases.models import Case
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class CasePermission(Permission):
    """Quyền đối với hồ sơ."""

    VIEW = "case.view"
    SUBMIT = "case.submit"
    RECEIVE = "case.receive"
    REFUSE_INTAKE = "case.refuse_intake"
    REQUEST_SUPPLEMENT = "case.request_supplement"
    FORWARD = "case.forward"
    ASSIGN = "case.assign"
    APPRAISE = "case.appraise"
    PROPOSE = "case.propose"
    APPROVE = "case.approve"
    ISSUE = "case.issue"
    DELIVER = "case.deliver"
    SUSPEND = "case.suspend"
    EXTEND = "case.extend"
    STOP = "case.stop"
    REOPEN = "case.reopen"
    TRANSFER = "case.transfer"
    CORRECT_RESULT = "case.correct_result"
    REVOKE_RESULT = "case.revoke_result"
    REQUEST_EXTRACT = "case.request_extract"
    APPROVE_EXTRACT = "case.approve_extract"
    PROPOSE_VERSION_MOVE = "case.propose_version_move"
    APPROVE_VERSION_MOVE = "case.approve_version_move"
    PROPOSE_REORGANISATION = "case.propose_reorganisation"
    APPROVE_REORGANISATION = "case.approve_reorganisation"
    VIEW_REGISTER = "case.view_register"
    CONSULT = "case.consult"
    LOOK_UP = "case.look_up"
    ANSWER_CONSULTATION = "case.answer_consultation"
    RECORD_INCIDENT = "case.record_incident"
    RECOMPUTE = "case.recompute"
    MANAGE_WORK = "case.manage_work"


# Which right moves a case on from a step of each kind.
STEP_PERMISSION: dict[str, CasePermission] = {
    StepKind.RECEPTION: CasePermission.RECEIVE,
    StepKind.ASSIGNMENT: CasePermission.ASSIGN,
    StepKind.APPRAISAL: CasePermission.PROPOSE,
    StepKind.EXAMINATION: CasePermission.APPRAISE,
    StepKind.CONSULTATION: CasePermission.APPRAISE,
    StepKind.REVIEW: CasePermission.FORWARD,
    StepKind.SUBMISSION: CasePermission.APPROVE,
    StepKind.APPROVAL: CasePermission.APPROVE,
    StepKind.DISPATCH: CasePermission.ISSUE,
    StepKind.ISSUE: CasePermission.ISSUE,
    StepKind.DELIVERY: CasePermission.DELIVER,
}
# Steps that end by passing the case on, without a proposal, an approval or a delivery.
FORWARDED_KINDS = frozenset(
    {
        StepKind.RECEPTION, StepKind.ASSIGNMENT, StepKind.EXAMINATION, StepKind.CONSULTATION, StepKind.REVIEW,
        StepKind.SUBMISSION, StepKind.DISPATCH,
    }
)  # fmt: skip
# Steps at which other units may be asked for their opinion.
CONSULTING_KINDS = frozenset({StepKind.EXAMINATION, StepKind.APPRAISAL, StepKind.CONSULTATION})


# Rights that are work on a case, as against looking at it.
WORKING = (*dict.fromkeys(STEP_PERMISSION.values()), CasePermission.REQUEST_SUPPLEMENT, CasePermission.MANAGE_WORK)


def is_applicant(actor: Actor, case: Case) -> bool:
    """Whether the actor is the person the case was filed for, or the representative who filed it.

    A representative is the applicant only until the mandate is revoked (chấm dứt đại diện: BLDS 2015 Điều 140); the
    principal always, but for drafts, which are the writer's alone.
    """
    if actor.kind is not ActorKind.CITIZEN or actor.account_id is None:
        return False
    if case.mandate is not None and case.status != CaseStatus.DRAFT and _gave(actor, case.mandate):
        return True
    if case.account_id != actor.account_id:
        return False
    return case.mandate is None or case.mandate.revoked_at is None


def _gave(actor: Actor, mandate: Any) -> bool:
    """Whether the actor is the person a mandate represents (người được đại diện)."""
    is_person = mandate.principal_subject == SubjectKind.PERSON
    return is_person and bool(actor.personal_id) and mandate.principal_id == actor.personal_id


def can_view(actor: Actor, case: Case) -> bool:
    """Whether the actor may see the case (xem hồ sơ): the rule of `queries.visible_to` for one case at hand."""
    if actor.kind is ActorKind.SYSTEM or is_applicant(actor, case):
        return True
    if actor.kind is ActorKind.CITIZEN or case.status == CaseStatus.DRAFT:
        return False
    places = (case.unit_id, *case.desk_unit_ids)
    return any(_holds(actor, CasePermission.VIEW, unit_id, case) for unit_id in places)


def can_edit_draft(actor: Actor, case: Case) -> bool:
    """Whether the actor may change a draft (soạn hồ sơ)."""
    return is_applicant(actor, case)


def can_submit(actor: Actor) -> bool:
    """Whether the actor may submit in his own name or another's: citizens at level 2, officers and machines by right."""
    if actor.kind is ActorKind.CITIZEN:
        return actor.assurance >= 2
    return actor.has(CasePermission.SUBMIT) or actor.has(CasePermission.RECEIVE)


def can_receive(actor: Actor, case: Case) -> bool:
    """Whether the actor may receive at the case's one-stop unit (tiếp nhận)."""
    return _holds(actor, CasePermission.RECEIVE, case.intake_unit_id, case)


def can_scan(actor: Actor, case: Case) -> bool:
    """Whether the actor digitises the papers of the case: the counter that took it in (số hóa giấy tờ)."""
    return case.status != CaseStatus.DRAFT and can_receive(actor, case)


def can_refuse_intake(actor: Actor, case: Case) -> bool:
    """Whether the actor may refuse at intake (từ chối tiếp nhận)."""
    return _holds(actor, CasePermission.REFUSE_INTAKE, case.intake_unit_id, case)


def can_request_supplement(actor: Actor, case: Case) -> bool:
    """Whether the actor may ask for a supplement, at intake or at his step (yêu cầu bổ sung)."""
    if case.step_unit_id is None:
        return _holds(actor, CasePermission.REQUEST_SUPPLEMENT, case.intake_unit_id, case)
    return _holds_step(actor, case, CasePermission.REQUEST_SUPPLEMENT)


def can_look_up(actor: Actor, case: Case) -> bool:
    """Whether the actor may ask data sources about the persons of the case, at intake or at his step (tra cứu dữ liệu)."""
    if case.status == CaseStatus.DRAFT:
        return False
    if case.step_unit_id is None:
        return _holds(actor, CasePermission.LOOK_UP, case.intake_unit_id, case)
    return _holds_step(actor, case, CasePermission.LOOK_UP)


def can_record_supplement(actor: Actor, case: Case) -> bool:
    """Whether the actor may hand in the supplement: the applicant, or the counter in her name (bổ sung hồ sơ)."""
    return is_applicant(actor, case) or can_receive(actor, case)


def can_complete_step(actor: Actor, case: Case) -> bool:
    """Whether the actor may finish the current step (xử lý bước hiện tại)."""
    permission = STEP_PERMISSION.get(case.step_kind)
    return permission is not None and _holds_step(actor, case, permission)


def can_return_step(actor: Actor, case: Case) -> bool:
    """Whether the actor may send the case back from the current step: from any but the first and the last (trả lại)."""
    outer = {StepKind.RECEPTION, StepKind.DELIVERY}
    return case.step_kind not in outer and can_complete_step(actor, case)


def can_consult(actor: Actor, case: Case) -> bool:
    """Whether the actor may ask other units about the case at his step (xin ý kiến)."""
    return _holds_step(actor, case, CasePermission.CONSULT)


def can_answer_consultation(actor: Actor, case: Case, unit_id: int) -> bool:
    """Whether the actor may answer for a unit that has been asked (trả lời ý kiến)."""
    return _holds(actor, CasePermission.ANSWER_CONSULTATION, unit_id, case)


def can_assign(actor: Actor, case: Case) -> bool:
    """Whether the actor may give the current step to somebody (phân công)."""
    return _holds(actor, CasePermission.ASSIGN, case.step_unit_id, case)


def can_deliver(actor: Actor, case: Case) -> bool:
    """Whether the actor may hand over the result (trả kết quả)."""
    return _holds(actor, CasePermission.DELIVER, case.intake_unit_id, case)


def can_suspend(actor: Actor, case: Case) -> bool:
    """Whether the actor may stop and restart the clock, financial duties included (tạm dừng, tính tiếp thời hạn)."""
    if case.status == CaseStatus.DRAFT:
        return False
    return _holds(actor, CasePermission.SUSPEND, case.step_unit_id or case.unit_id, case)


def can_extend(actor: Actor, case: Case) -> bool:
    """Whether the actor may put the date off with an apology (xin lỗi, hẹn lại: thủ trưởng cơ quan)."""
    return case.status != CaseStatus.DRAFT and _holds(actor, CasePermission.EXTEND, case.unit_id, case)


def can_stop(actor: Actor, case: Case) -> bool:
    """Whether the actor may stop the case with a reason (dừng giải quyết: thủ trưởng cơ quan)."""
    return _holds_agency(actor, CasePermission.STOP, case)


def can_reopen(actor: Actor, case: Case) -> bool:
    """Whether the actor may open an ended case again (mở lại hồ sơ: thủ trưởng cơ quan)."""
    return _holds_agency(actor, CasePermission.REOPEN, case)


def can_transfer(actor: Actor, case: Case) -> bool:
    """Whether the actor may send the case to another agency (chuyển hồ sơ).

    Who answers for the agency it lies at; the counter while the case is still at its desk.
    """
    if _holds_agency(actor, CasePermission.TRANSFER, case):
        return True
    at_counter = case.step_kind == StepKind.RECEPTION
    return at_counter and _holds(actor, CasePermission.RECEIVE, case.step_unit_id, case)


def can_take_over(actor: Actor, case: Case) -> bool:
    """Whether the actor may take, or decline, a case handed on to his desk (nhận hồ sơ chuyển đến)."""
    return _holds(actor, CasePermission.RECEIVE, case.step_unit_id, case)


def can_let_supplement_go(actor: Actor, case: Case) -> bool:
    """Whether the actor signs for the division that asks for a supplement (duyệt phiếu yêu cầu bổ sung)."""
    return _holds(actor, CasePermission.REQUEST_SUPPLEMENT, case.step_unit_id, case) and can_assign(actor, case)


def can_correct_result(actor: Actor, case: Case) -> bool:
    """Whether the actor may draft a correction of a signed result (dự thảo đính chính)."""
    return _holds_agency(actor, CasePermission.CORRECT_RESULT, case)


def can_approve_correction(actor: Actor, case: Case) -> bool:
    """Whether the actor may sign the correction, or drop it (ký đính chính: thủ trưởng cơ quan)."""
    return _holds_agency(actor, CasePermission.APPROVE, case)


def can_revoke_result(actor: Actor, case: Case) -> bool:
    """Whether the actor may revoke a signed result (hủy bỏ, thu hồi kết quả: thủ trưởng cơ quan)."""
    return _holds_agency(actor, CasePermission.REVOKE_RESULT, case)


def can_request_extract(actor: Actor, case: Case, *, keeper_id: int | None = None) -> bool:
    """Whether the actor may ask for an extract or a duplicate (trích lục, cấp lại): the keeper of the book, the agency
    that resolved the case, the counter, or the applicant herself under an identity of level 2."""
    if is_applicant(actor, case) and actor.assurance >= 2:
        return case.status != CaseStatus.DRAFT
    places = (case.unit_id, case.intake_unit_id, keeper_id) if case.status != CaseStatus.DRAFT else ()
    return any(_holds(actor, CasePermission.REQUEST_EXTRACT, unit_id, case) for unit_id in places)


def can_approve_extract(actor: Actor, case: Case, *, keeper_id: int) -> bool:
    """Whether the actor signs extracts and duplicates (ký trích lục: người có thẩm quyền của cơ quan giữ sổ).

    `keeper_id`: the agency that keeps the book, which is not the one that appraised where another one decided.
    """
    return case.status != CaseStatus.DRAFT and _holds(actor, CasePermission.APPROVE_EXTRACT, keeper_id, case)


def can_propose_version_move(actor: Actor) -> bool:
    """Whether the actor may propose to move running cases to another version (đề nghị chuyển phiên bản)."""
    return actor.has(CasePermission.PROPOSE_VERSION_MOVE)


def can_approve_version_move(actor: Actor) -> bool:
    """Whether the actor may approve such a proposal of another person (duyệt chuyển phiên bản)."""
    return actor.has(CasePermission.APPROVE_VERSION_MOVE)


def can_propose_reorganisation(actor: Actor, to_unit_id: int) -> bool:
    """Whether the actor may propose to hand cases to a unit that took another over (đề nghị bàn giao hồ sơ)."""
    return actor.has(CasePermission.PROPOSE_REORGANISATION, unit_id=to_unit_id)


def can_approve_reorganisation(actor: Actor, to_unit_id: int) -> bool:
    """Whether the actor may approve such a proposal of another person (duyệt bàn giao hồ sơ)."""
    return actor.has(CasePermission.APPROVE_REORGANISATION, unit_id=to_unit_id)


def can_withdraw(actor: Actor, case: Case) -> bool:
    """Whether the actor may withdraw: the applicant online, or the counter at her request (rút hồ sơ)."""
    return is_applicant(actor, case) or can_receive(actor, case)


def can_manage_work(actor: Actor, unit_id: int) -> bool:
    """Whether the actor arranges the work of a unit: teams, absences, labels, ready texts (tổ chức công việc)."""
    return actor.has(CasePermission.MANAGE_WORK, unit_id=unit_id)


def can_take(actor: Actor, case: Case) -> bool:
    """Whether the actor could do the current step if the case were his (nhận việc): whoever has it now is not asked."""
    permission = STEP_PERMISSION.get(case.step_kind)
    return permission is not None and _holds(actor, permission, case.step_unit_id, case)


def can_release(actor: Actor, case: Case) -> bool:
    """Whether the actor may give the case back to the whole unit: who has it, or who assigns (trả việc)."""
    if actor.kind is not ActorKind.OFFICER or case.assignee_id is None:
        return False
    return case.assignee_id == actor.account_id or can_assign(actor, case)


def works_on(actor: Actor, case: Case) -> bool:
    """Whether the actor works at any desk the case has reached: who may note, label and write to the applicant."""
    if actor.kind is not ActorKind.OFFICER or case.status == CaseStatus.DRAFT:
        return False
    places = {case.unit_id, case.intake_unit_id, case.step_unit_id, *case.desk_unit_ids}
    return any(_holds(actor, permission, place, case) for permission in WORKING for place in places)


def can_talk(actor: Actor, case: Case) -> bool:
    """Whether the actor may write in the thread of a filed case: the applicant, or who works on it (trao đổi)."""
    if case.status == CaseStatus.DRAFT:
        return False
    return is_applicant(actor, case) or works_on(actor, case)


def can_carry_messages(actor: Actor, case: Case) -> bool:
    """Whether a connected system may carry the applicant's messages: one that may submit at the agency (trao đổi hộ).

    That it is the system which submitted this very case is asked of the log (`queries.was_submitted_by`).
    """
    if actor.kind is not ActorKind.MACHINE or case.status == CaseStatus.DRAFT:
        return False
    return _holds(actor, CasePermission.SUBMIT, case.unit_id, case)


def can_rate(actor: Actor, case: Case) -> bool:
    """Whether the actor may rate the service (đánh giá)."""
    return is_applicant(actor, case)


def _holds(actor: Actor, permission: CasePermission, unit_id: int | None, case: Case) -> bool:
    # A draft lies at no unit: "no unit" must not read as "any unit".
    return unit_id is not None and actor.has(permission, unit_id=unit_id, field=case.field)


def _holds_agency(actor: Actor, permission: CasePermission, case: Case) -> bool:
    """Held at the agency that resolves the case. A draft names one, but lies nowhere yet."""
    return case.status != CaseStatus.DRAFT and _holds(actor, permission, case.unit_id, case)


def _holds_step(actor: Actor, case: Case, permission: CasePermission) -> bool:
    if not _holds(actor, permission, case.step_unit_id, case):
        return False
    # Work given to one person is not taken by a colleague; the head who may assign is the exception.
    return case.assignee_id in {None, actor.account_id} or can_assign(actor, case)
