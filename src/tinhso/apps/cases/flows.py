"""Making papers and signing results: typesetting and signatures happen with no transaction open."""

from datetime import datetime
from typing import Any

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import PaperKind, ResultStatus
from tinhso.apps.cases.models import Paper, Recomputation, Result
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.data import PaperNotTypeset
from tinhso.apps.documents.enums import SignedBy
from tinhso.apps.documents.queries import get_letter
from tinhso.apps.signatures import flows as signatures
from tinhso.apps.signatures.data import PaperNotSignable, SigningKeyMissing
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.errors import Forbidden
from tinhso.kernel.flows import flow


@flow
def issue_paper(
    *, case_id: int, kind: PaperKind, subject_id: int = 0, officer: Actor, extra: dict[str, Any], at: datetime
) -> Paper:
    """Lập một giấy gửi người nộp (giấy tiếp nhận, phiếu bổ sung ...) once; asked again, the same paper is given.

    Raises:
        PaperNotTypeset: the template does not compile with these values.
    """
    paper = actions.begin_paper(
        case_id=case_id, kind=kind, subject_id=subject_id, officer=officer.name, officer_id=officer.account_id,
        actor=SYSTEM, at=at,
    )  # fmt: skip
    if paper.file_id is not None:
        return paper
    case = queries.case_as_filed(case_id)
    pdf = _signed_by_officer(queries.paper_pdf(case, paper, base_url=settings.BASE_URL, extra=extra), paper, at)
    stored = store_file(content=pdf, name=f"{kind.value}-{case.code or case.pk}.pdf", actor=SYSTEM, at=at)
    return actions.record_paper(paper_id=paper.pk, file_id=stored.id, actor=SYSTEM, at=at)


@flow
def sign_result(*, result_id: int, at: datetime) -> Result | None:
    """Ký số và đóng dấu một kết quả đã phê duyệt: typeset with number and date, the approver signs, the agency seals.

    Idempotent: a result that no longer waits is left alone. A paper that cannot be made or signed gives its number back
    to the book as cancelled and the proposal to the leader, with the reason; a store or key out of reach for now raises,
    so that the job is tried again.
    """
    result = Result.objects.select_related("case").get(pk=result_id)
    if result.status != ResultStatus.APPROVED:
        return None
    case = queries.case_as_filed(result.case_id)
    assert result.approved_by_id is not None and case.unit_id is not None  # noqa: S101, PT018 - approved, filed
    signer = accounts.get_actor(result.approved_by_id, at=at)
    unit = directory.get_unit(case.unit_id)
    parent = next((p.agency_name for p in directory.ancestors_of(unit.id) if p.kind.is_administrative), "")
    try:
        pdf = queries.result_pdf(case, result, base_url=settings.BASE_URL)
        signed = signatures.sign_pdf(pdf=pdf, actor=signer, organisation=unit.agency_name, at=at)
        sealed = signatures.seal_pdf(
            pdf=signed, unit_id=unit.id, organisation=unit.agency_name, parent=parent, actor=SYSTEM, at=at
        )
    except (PaperNotTypeset, PaperNotSignable, SigningKeyMissing, Forbidden) as error:
        return actions.record_result_failed(result_id=result_id, reason=error.message, actor=SYSTEM, at=at)
    stored = store_file(content=sealed, name=f"{result.key}-{case.code}.pdf", actor=SYSTEM, at=at)
    return actions.record_result_signed(result_id=result_id, file_id=stored.id, actor=SYSTEM, at=at)


@flow
def apply_incident_to_cases(*, incident_id: int, at: datetime) -> int:
    """Dừng hoặc tính tiếp thời hạn của mọi hồ sơ mà một sự cố chạm đến, and look for the cases it made late.

    Returns how many open cases were looked at. Interrupted, it may simply run again.
    """
    touched = queries.cases_of_incident(incident_id)
    for case_id in touched:
        actions.apply_incident(case_id=case_id, incident_id=incident_id, actor=SYSTEM, at=at)
    for case_id in queries.late_cases_of_incident(incident_id):
        actions.find_late_cause(case_id=case_id, actor=SYSTEM, at=at)
    return len(touched)


@flow
def recompute_open_deadlines(*, calendar_key: str, calendar_number: int, at: datetime) -> Recomputation | None:
    """Tính lại thời hạn của mọi hồ sơ đang giải quyết, batch by batch; an interrupted round goes on where it stopped.

    The first version of a calendar has nothing behind it to recompute: None.
    """
    if calendar_number == 1:
        return None
    work = actions.start_recomputation(calendar_key=calendar_key, calendar_number=calendar_number, actor=SYSTEM, at=at)
    while work.finished_at is None:
        work = actions.recompute_batch(recomputation_id=work.pk, actor=SYSTEM, at=at)
    return work


def _signed_by_officer(pdf: bytes, paper: Paper, at: datetime) -> bytes:
    """The letter with the receiving officer's own signature, where its form asks for one and the officer has a key.

    Without a key the printed letter is signed by hand, as before.
    """
    if get_letter(paper.kind).signed_by != SignedBy.OFFICER or paper.issued_by_id is None:
        return pdf
    signer = accounts.get_actor(paper.issued_by_id, at=at)
    if signer.kind is not ActorKind.OFFICER:
        return pdf
    try:
        return signatures.sign_pdf(pdf=pdf, actor=signer, reason=paper.number, at=at)
    except SigningKeyMissing:
        return pdf
