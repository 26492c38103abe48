"""Supplements: asked once per stage, with everything that is missing in one notice; the clock stands still meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._common import civil_date, lock_case, package_of, require_undecided, save
from tinhso.apps.cases.actions._drafts import add_document
from tinhso.apps.cases.actions._filing import check_answers, check_asked
from tinhso.apps.cases.actions._linked_clock import supplement_until
from tinhso.apps.cases.actions._refresh import refresh_clock
from tinhso.apps.cases.actions._transfers import require_settled
from tinhso.apps.cases.data import (
    CaseNotAwaitingSupplement,
    CaseNotReceivable,
    DocumentInput,
    SupplementAlreadyRequested,
    SupplementNeedsHead,
)
from tinhso.apps.cases.enums import AWAITING_APPLICANT, CaseStatus, SupplementStage
from tinhso.apps.cases.events import (
    DocumentAttached,
    SupplementAnswered,
    SupplementProposalDecided,
    SupplementProposed,
    SupplementRequested,
)
from tinhso.apps.cases.models import Case, Supplement, SupplementProposal
from tinhso.apps.cases.queries import form_context
from tinhso.apps.cases.rules import SUPPLEMENT_BASIS
from tinhso.apps.procedures.data import Package
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid


@action
def request_supplement(
    *,
    case_id: int,
    items: Sequence[str],
    reason: str,
    documents: Sequence[str] = (),
    fields: Sequence[str] = (),
    basis: str = "",
    actor: Actor,
    at: datetime,
) -> Supplement:
    """Yêu cầu bổ sung, hoàn thiện hồ sơ: one notice with everything (Mẫu 02; Điều 17 Nghị định 118/2025/NĐ-CP).

    Before reception it holds the reception back; at appraisal it stops the clock. `documents` and `fields` are the keys
    of the components and questions that the applicant may then hand in or change; with none named, all are open.

    Raises:
        SupplementAlreadyRequested: this stage has had its one notice.
        SupplementNeedsHead: at appraisal the head signs the notice, and this is not the head.
        CaseNotReceivable: the case is in no state to be supplemented.
        CaseMoved: its result is approved and being signed.
        Invalid: nothing listed, no reason, or a key that the procedure does not know.
    """
    case = lock_case(case_id)
    require(permissions.can_request_supplement(actor, case))
    listed = _listed(items, reason)
    stage = _stage(case)
    package = package_of(case)
    by_head = stage == SupplementStage.APPRAISAL and package.policies.supplement_by_head
    if by_head and not permissions.can_let_supplement_go(actor, case):
        raise SupplementNeedsHead
    _require_first(case, stage)
    asked = _Asked(listed, reason.strip(), *_keys(package, documents, fields), basis.strip() or SUPPLEMENT_BASIS)
    return _send(case, package, stage, asked, approved_by=actor.name if by_head else "", actor=actor, at=at)


@action
def propose_supplement(
    *,
    case_id: int,
    items: Sequence[str],
    reason: str,
    documents: Sequence[str] = (),
    fields: Sequence[str] = (),
    actor: Actor,
    at: datetime,
) -> SupplementProposal:
    """Đề xuất yêu cầu bổ sung khi thẩm định, where the head signs the notice. The clock runs on until he does.

    Raises:
        SupplementAlreadyRequested: the stage has had its notice, or a proposal waits.
        CaseNotReceivable: the case is not in work.
        CaseMoved: its result is approved and being signed.
        Invalid: nothing listed, no reason, or a key that the procedure does not know.
    """
    case = lock_case(case_id)
    require(permissions.can_request_supplement(actor, case))
    listed = _listed(items, reason)
    if _stage(case) != SupplementStage.APPRAISAL:
        raise CaseNotReceivable("Trước khi tiếp nhận, Bộ phận Một cửa tự gửi phiếu yêu cầu bổ sung.")
    _require_first(case, SupplementStage.APPRAISAL)
    if case.supplement_proposals.filter(decided_at__isnull=True).exists():
        raise SupplementAlreadyRequested("Đã có một đề xuất bổ sung đang chờ lãnh đạo ký.")
    document_keys, field_keys = _keys(package_of(case), documents, fields)
    proposal = SupplementProposal.objects.create(
        case=case, items=listed, document_keys=document_keys, field_keys=field_keys, reason=reason.strip(),
        proposed_by=actor.name, proposed_at=at,
    )  # fmt: skip
    event = SupplementProposed(case_id=case.pk, proposal_id=proposal.pk, items=listed, reason=proposal.reason)
    record(event, subject=case, actor=actor, at=at)
    return proposal


@action
def decide_supplement(*, case_id: int, accept: bool, note: str = "", actor: Actor, at: datetime) -> SupplementProposal:
    """Lãnh đạo ký, hoặc không ký, phiếu yêu cầu bổ sung mà chuyên viên đề xuất.

    Raises:
        CaseNotAwaitingSupplement: nothing was proposed, or it was decided already.
        CaseNotReceivable: the case has left the work meanwhile.
        Invalid: refused without a word why.
    """
    case = lock_case(case_id)
    require(permissions.can_let_supplement_go(actor, case))
    proposal = case.supplement_proposals.filter(decided_at__isnull=True).first()
    if proposal is None:
        raise CaseNotAwaitingSupplement("Hồ sơ này không có đề xuất bổ sung nào đang chờ.")
    if not accept and not note.strip():
        raise Invalid("Mời ghi lý do không gửi phiếu yêu cầu bổ sung.")
    proposal.decided_at, proposal.decided_by, proposal.accepted, proposal.note = at, actor.name, accept, note.strip()
    proposal.save(update_fields=["decided_at", "decided_by", "accepted", "note"])
    event = SupplementProposalDecided(case_id=case.pk, proposal_id=proposal.pk, accepted=accept, note=proposal.note)
    record(event, subject=case, actor=actor, at=at)
    if accept:
        stage = _stage(case)
        _require_first(case, stage)
        asked = _Asked(
            list(proposal.items), proposal.reason, proposal.document_keys, proposal.field_keys, SUPPLEMENT_BASIS
        )
        _send(case, package_of(case), stage, asked, approved_by=actor.name, actor=actor, at=at)
    return proposal


@action
def answer_supplement(
    *,
    case_id: int,
    answers: Mapping[str, Any],
    documents: Sequence[DocumentInput],
    note: str,
    actor: Actor,
    at: datetime,
) -> Case:
    """Bổ sung hồ sơ: corrected answers and further papers; the clock goes on, or anew where the procedure says so.

    A document of the applicant's vault may stand for a paper, as on filing; that act sets its flags of reuse.

    Raises:
        VaultOutOfReach, DocumentNotFound, DocumentNotFitting, DocumentNotUsable: no such document for this component.
        CaseNotAwaitingSupplement: nothing was asked, or it was answered already.
        Invalid: a wrong answer, one that nobody asked for, or nothing at all handed in.
    """
    case = lock_case(case_id)
    require(permissions.can_record_supplement(actor, case))
    supplement = case.supplements.filter(answered_at__isnull=True).first()
    if case.status not in AWAITING_APPLICANT or supplement is None:
        raise CaseNotAwaitingSupplement
    if not documents and not answers and not note.strip():
        raise Invalid("Mời bổ sung ít nhất một giấy tờ, một nội dung hoặc một lời giải trình.")
    package = package_of(case)
    if answers:
        merged = {**case.answers, **answers}
        context = form_context(applicant=case.applicant, channel=case.channel, today=civil_date(at))
        checked = check_answers(package, merged, context=context)
        check_asked(case, package, supplement, checked, documents, context=context)
        case.answers = checked
    else:
        check_asked(case, package, supplement, case.answers, documents, context={})
    for given in documents:
        row = add_document(case, package, given, actor=actor, at=at)
        attached = DocumentAttached(case_id=case.pk, key=given.key, presence=given.presence, file_id=row.file_id)
        record(attached, subject=case, actor=actor, at=at)
    supplement.answered_at, supplement.answer = at, note.strip()
    supplement.save(update_fields=["answered_at", "answer"])
    _go_on(case, supplement, actor=actor, at=at)
    return case


class _Asked:
    """What one notice asks for."""

    def __init__(
        self, items: list[str], reason: str, document_keys: list[str], field_keys: list[str], basis: str
    ) -> None:
        self.items, self.reason, self.basis = items, reason, basis
        self.document_keys, self.field_keys = document_keys, field_keys


def _send(
    case: Case, package: Package, stage: SupplementStage, asked: _Asked, *, approved_by: str, actor: Actor, at: datetime
) -> Supplement:
    until = supplement_until(case, at) or at + timedelta(days=package.policies.supplement_days)
    supplement = Supplement.objects.create(
        case=case, stage=stage, items=asked.items, document_keys=asked.document_keys, field_keys=asked.field_keys,
        reason=asked.reason, basis=asked.basis, approved_by=approved_by, requested_at=at, requested_by=actor.name,
        answer_until=until,
    )  # fmt: skip
    case.status = CaseStatus.INTAKE_SUPPLEMENT if stage == SupplementStage.INTAKE else CaseStatus.SUPPLEMENT
    save(case, at, "status")
    event = SupplementRequested(
        case_id=case.pk, supplement_id=supplement.pk, stage=stage, requested_at=at, items=asked.items,
        reason=asked.reason, documents=asked.document_keys, fields=asked.field_keys, basis=asked.basis,
        approved_by=approved_by, answer_until=until,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    if stage == SupplementStage.APPRAISAL:
        refresh_clock(case, at=at)
    return supplement


def _listed(items: Sequence[str], reason: str) -> list[str]:
    listed = [" ".join(item.split()) for item in items if item.strip()]
    if not listed or not reason.strip():
        raise Invalid("Mời ghi rõ từng nội dung cần bổ sung và lý do, vì chỉ được yêu cầu một lần.")
    return listed


def _stage(case: Case) -> SupplementStage:
    if case.status == CaseStatus.SUBMITTED:
        return SupplementStage.INTAKE
    if case.status in {CaseStatus.RECEIVED, CaseStatus.PROCESSING}:
        return SupplementStage.APPRAISAL
    raise CaseNotReceivable(f"Hồ sơ đang «{CaseStatus(case.status).label}», không yêu cầu bổ sung được.")


def _require_first(case: Case, stage: SupplementStage) -> None:
    if case.supplements.filter(stage=stage).exists():
        raise SupplementAlreadyRequested
    require_undecided(case)
    require_settled(case)


def _keys(package: Package, documents: Sequence[str], fields: Sequence[str]) -> tuple[list[str], list[str]]:
    """The keys that the notice opens, in the procedure's order; a slip of the pen is refused, not dropped."""
    known_documents = [document.key for document in package.documents]
    known_fields = [field.key for field in package.form.fields if not field.computed]
    strange = (set(documents) - set(known_documents)) | (set(fields) - set(known_fields))
    if strange:
        raise Invalid(f"Thủ tục này không có mục «{', '.join(sorted(strange))}».")
    return [key for key in known_documents if key in documents], [key for key in known_fields if key in fields]


def _go_on(case: Case, supplement: Supplement, *, actor: Actor, at: datetime) -> None:
    answered = SupplementAnswered(case_id=case.pk, supplement_id=supplement.pk, stage=supplement.stage, answered_at=at)
    if supplement.stage == SupplementStage.INTAKE:
        case.status = CaseStatus.SUBMITTED
        save(case, at, "status", "answers")
        record(answered, subject=case, actor=actor, at=at)
        return
    case.status = CaseStatus.PROCESSING
    save(case, at, "status", "answers")
    record(answered, subject=case, actor=actor, at=at)
    refresh_clock(case, at=at)
