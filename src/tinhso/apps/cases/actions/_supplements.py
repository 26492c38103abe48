"""Supplements: asked once per stage, with everything that is missing in one notice; the clock stands still meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._common import civil_date, lock_case, package_of, require_undecided, save
from tinhso.apps.cases.actions._drafts import add_document
from tinhso.apps.cases.actions._filing import check_answers
from tinhso.apps.cases.actions._linked_clock import supplement_until
from tinhso.apps.cases.actions._refresh import refresh_clock
from tinhso.apps.cases.data import (
    CaseNotAwaitingSupplement,
    CaseNotReceivable,
    DocumentInput,
    SupplementAlreadyRequested,
)
from tinhso.apps.cases.enums import AWAITING_APPLICANT, CaseStatus, SupplementStage
from tinhso.apps.cases.events import DocumentAttached, SupplementAnswered, SupplementRequested
from tinhso.apps.cases.models import Case, Supplement
from tinhso.apps.cases.queries import form_context
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid


@action
def request_supplement(*, case_id: int, items: Sequence[str], reason: str, actor: Actor, at: datetime) -> Supplement:
    """Yêu cầu bổ sung, hoàn thiện hồ sơ: one notice with everything (Mẫu 02; Điều 17 Nghị định 118/2025/NĐ-CP).

    Before reception it holds the reception back; at appraisal it stops the clock.

    Raises:
        SupplementAlreadyRequested: this stage has had its one notice.
        CaseNotReceivable: the case is in no state to be supplemented.
        CaseMoved: its result is approved and being signed.
        Invalid: nothing listed, or no reason.
    """
    case = lock_case(case_id)
    require(permissions.can_request_supplement(actor, case))
    listed = [" ".join(item.split()) for item in items if item.strip()]
    if not listed or not reason.strip():
        raise Invalid("Mời ghi rõ từng nội dung cần bổ sung và lý do, vì chỉ được yêu cầu một lần.")
    if case.status == CaseStatus.SUBMITTED:
        stage, status = SupplementStage.INTAKE, CaseStatus.INTAKE_SUPPLEMENT
    elif case.status in {CaseStatus.RECEIVED, CaseStatus.PROCESSING}:
        stage, status = SupplementStage.APPRAISAL, CaseStatus.SUPPLEMENT
    else:
        raise CaseNotReceivable(f"Hồ sơ đang «{CaseStatus(case.status).label}», không yêu cầu bổ sung được.")
    if case.supplements.filter(stage=stage).exists():
        raise SupplementAlreadyRequested
    require_undecided(case)
    days = package_of(case).policies.supplement_days
    supplement = Supplement.objects.create(
        case=case, stage=stage, items=listed, reason=reason.strip(), requested_at=at, requested_by=actor.name,
        answer_until=supplement_until(case, at) or at + timedelta(days=days),
    )  # fmt: skip
    case.status = status
    save(case, at, "status")
    event = SupplementRequested(
        case_id=case.pk, supplement_id=supplement.pk, stage=stage, requested_at=at, items=listed, reason=reason.strip()
    )
    record(event, subject=case, actor=actor, at=at)
    if stage == SupplementStage.APPRAISAL:
        refresh_clock(case, at=at)
    return supplement


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

    Raises:
        CaseNotAwaitingSupplement: nothing was asked, or it was answered already.
        Invalid: a wrong answer, or nothing at all handed in.
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
        case.answers = check_answers(package, merged, context=context)
    for given in documents:
        add_document(case, package, given, at=at)
        attached = DocumentAttached(case_id=case.pk, key=given.key, presence=given.presence, file_id=given.file_id)
        record(attached, subject=case, actor=actor, at=at)
    supplement.answered_at, supplement.answer = at, note.strip()
    supplement.save(update_fields=["answered_at", "answer"])
    _go_on(case, supplement, actor=actor, at=at)
    return case


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
