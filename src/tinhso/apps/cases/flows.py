"""Making papers and signing results: typesetting and signatures happen with no transaction open."""

from datetime import datetime
from typing import Any

from django.conf import settings

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.actions._processing import new_check_code
from tinhso.apps.cases.enums import PaperKind, ResultStatus
from tinhso.apps.cases.models import Paper, Result
from tinhso.apps.documents.actions import store_file
from tinhso.apps.signatures import flows as signatures
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import DomainError
from tinhso.kernel.flows import flow
from tinhso.lib.typesetting import TypesettingError, typeset


@flow
def issue_paper(
    *, case_id: int, kind: PaperKind, subject_id: int = 0, officer: str, extra: dict[str, Any], at: datetime
) -> Paper:
    """Lập một giấy gửi người nộp (giấy tiếp nhận, phiếu bổ sung ...) once; asked again, the same paper is given.

    Raises:
        TypesettingError: the template does not compile with these values.
    """
    case = queries.case_as_filed(case_id)
    known = next((p for p in queries.list_papers(case) if p.kind == kind and p.subject_id == subject_id), None)
    if known is not None:
        return known
    check_code = new_check_code()
    letter = queries.letter_data(
        case, kind=kind, check_code=check_code, base_url=settings.BASE_URL, at=at, officer=officer, extra=extra
    )
    pdf = typeset(template=letter.template, data=dict(letter.values), sources=letter.sources)
    stored = store_file(content=pdf, name=f"{kind}-{case.code or case.pk}.pdf", actor=SYSTEM, at=at)
    return actions.record_paper(
        case_id=case_id, kind=kind, subject_id=subject_id, file_id=stored.id, check_code=check_code, actor=SYSTEM, at=at
    )


@flow
def sign_result(*, result_id: int, at: datetime) -> Result | None:
    """Ký số và đóng dấu một kết quả đã phê duyệt: typeset with number and date, person signs, agency seals.

    Idempotent: a result that no longer waits is left alone. A failure gives the number back to the book as cancelled
    and the proposal to the leader, with the reason.
    """
    result = Result.objects.select_related("case").get(pk=result_id)
    if result.status != ResultStatus.APPROVED:
        return None
    case = queries.case_as_filed(result.case_id)
    assert result.approved_by_id is not None and case.unit_id is not None  # noqa: S101, PT018 - approved, filed
    try:
        letter = queries.result_letter(case, result, base_url=settings.BASE_URL)
        pdf = typeset(template=letter.template, data=dict(letter.values), sources=letter.sources)
        signed = signatures.sign_and_seal(
            pdf=pdf, person_account_id=result.approved_by_id, unit_id=case.unit_id, reason=result.number, at=at
        )
    except (TypesettingError, DomainError) as error:
        return actions.record_result_failed(result_id=result_id, reason=str(error), actor=SYSTEM, at=at)
    name = f"{result.key}-{case.code}.pdf"
    stored = store_file(content=signed, name=name, actor=SYSTEM, at=at)
    return actions.record_result_signed(result_id=result_id, file_id=stored.id, actor=SYSTEM, at=at)
