"""Extracts of the book of results and duplicates: asked for at the counter, decided by the head, made by a job."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, queries, rules
from tinhso.apps.cases.actions._common import civil_date, lock_case, new_check_code
from tinhso.apps.cases.actions._processing import title_of
from tinhso.apps.cases.data import ExtractMoved, ResultNotFound, ResultNotInBook
from tinhso.apps.cases.enums import ExtractKind, ExtractStatus, PaperKind, ResultStatus
from tinhso.apps.cases.events import ExtractApproved, ExtractDeclined, ExtractRequested
from tinhso.apps.cases.models import Case, Extract, Paper, Result
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import reserve_number
from tinhso.apps.documents.queries import get_letter
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid

PAPER_OF = {
    ExtractKind.EXTRACT: PaperKind.RESULT_EXTRACT,
    ExtractKind.DUPLICATE: PaperKind.RESULT_DUPLICATE,
}


@action
def request_extract(*, result_id: int, kind: str, recipient: str, purpose: str, actor: Actor, at: datetime) -> Extract:
    """Đề nghị cấp trích lục (bản sao từ sổ gốc) hoặc cấp lại bản bị mất, hỏng.

    An extract tells what stands in the book, corrections and revocations included. A duplicate takes the place of a paper
    that still holds, so only a result in force has one.

    The applicant may ask from the portal; it is made out to the one the case was for.

    Raises:
        ResultNotInBook: not issued, or (for a duplicate) no longer in force. ExtractMoved: one is asked for already.
        Invalid: no recipient, no purpose, or no such kind.
    """
    result, case = _lock(result_id)
    keeper_id = queries.book_keeper_id(case, result, on=civil_date(at))
    require(permissions.can_request_extract(actor, case, keeper_id=keeper_id))
    if kind not in ExtractKind.values:
        raise Invalid("Mời chọn trích lục hay cấp lại.")
    if result.signed_at is None or (kind == ExtractKind.DUPLICATE and result.status != ResultStatus.SIGNED):
        raise ResultNotInBook
    if actor.kind is ActorKind.CITIZEN:  # what is certified is hers; whom it is made out to is not hers to choose
        recipient = str(case.applicant.get("organisation_name") or case.applicant_name)
    if not recipient.strip() or not purpose.strip():
        raise Invalid("Mời ghi người được cấp và lý do.")
    if result.extracts.filter(kind=kind, status=ExtractStatus.REQUESTED).exists():
        raise ExtractMoved("Kết quả này đang có một đề nghị cùng loại chờ duyệt.")
    made = Extract.objects.create(
        result=result, kind=kind, recipient=recipient.strip()[:200], purpose=purpose.strip()[:500],
        requested_by_id=actor.account_id, requested_by=actor.name, requested_at=at,
    )  # fmt: skip
    event = ExtractRequested(case_id=case.pk, extract_id=made.pk, result_id=result.pk, kind=kind)
    record(event, subject=case, actor=actor, at=at)
    return made


@action
def approve_extract(*, extract_id: int, actor: Actor, at: datetime) -> Extract:
    """Đồng ý cấp trích lục hoặc bản cấp lại; it takes its own number, and a job typesets, signs and seals it.

    The head of the agency that keeps the book decides, also where another agency appraised the case.

    Raises:
        ResultNotFound: there is no such request. ExtractMoved: decided already, or the result ended meanwhile.
    """
    made, case = _open(extract_id)
    unit_id = _require_keeper(made, case, actor, at)
    _still_open(made)
    if made.kind == ExtractKind.DUPLICATE and made.result.status != ResultStatus.SIGNED:
        raise ExtractMoved("Kết quả không còn hiệu lực nên không cấp lại được.")
    letter_key = PAPER_OF[ExtractKind(made.kind)]
    letter = get_letter(letter_key)
    entry = reserve_number(
        unit_id=unit_id, book=letter.book, year=civil_date(at).year, subject=f"case:{case.pk}", actor=actor, at=at
    )
    number = letter.number(label=entry.label, unit=rules.abbreviation(directory.get_unit(unit_id)))
    made.paper = Paper.objects.create(
        case=case, kind=letter_key, subject_id=made.pk, book_entry_id=entry.id, number=number, issued_by=actor.name,
        issued_by_id=actor.account_id, check_code=new_check_code(), created_at=at,
    )  # fmt: skip
    made.status, made.decided_by, made.decided_at = ExtractStatus.APPROVED, actor.name, at
    made.signer_title = title_of(actor, case, unit_id, at)[:200]
    made.save()
    event = ExtractApproved(
        case_id=case.pk, extract_id=made.pk, result_id=made.result_id, kind=made.kind, number=number
    )
    record(event, subject=case, actor=actor, at=at)
    return made


@action
def decline_extract(*, extract_id: int, reason: str, actor: Actor, at: datetime) -> Extract:
    """Không cấp trích lục hoặc bản cấp lại, nêu lý do.

    Raises:
        ResultNotFound: there is no such request. ExtractMoved: decided already. Invalid: no reason.
    """
    made, case = _open(extract_id)
    _require_keeper(made, case, actor, at)
    _still_open(made)
    if not reason.strip():
        raise Invalid("Mời ghi lý do không cấp.")
    made.status, made.decided_by, made.decided_at = ExtractStatus.DECLINED, actor.name, at
    made.refusal = reason.strip()
    made.save()
    event = ExtractDeclined(case_id=case.pk, extract_id=made.pk, reason=made.refusal)
    record(event, subject=case, actor=actor, at=at)
    return made


def _lock(result_id: int) -> tuple[Result, Case]:
    case_id = Result.objects.filter(pk=result_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise ResultNotFound
    case = lock_case(case_id)
    return Result.objects.select_related("book_entry__book").get(pk=result_id), case


def _open(extract_id: int) -> tuple[Extract, Case]:
    case_id = Extract.objects.filter(pk=extract_id).values_list("result__case_id", flat=True).first()
    if case_id is None:
        raise ResultNotFound("Không có đề nghị trích lục, cấp lại này.")
    case = lock_case(case_id)
    return Extract.objects.select_related("result__book_entry__book").get(pk=extract_id), case


def _still_open(made: Extract) -> None:
    if made.status != ExtractStatus.REQUESTED:
        raise ExtractMoved


def _require_keeper(made: Extract, case: Case, actor: Actor, at: datetime) -> int:
    """The agency that keeps the book, whose head alone decides; anybody else hears whose word it is."""
    keeper_id = queries.book_keeper_id(case, made.result, on=civil_date(at))
    name = directory.get_unit(keeper_id).agency_name
    words = f"Sổ gốc do {name} giữ: chỉ người có thẩm quyền của cơ quan ấy ký trích lục, cấp lại."
    require(permissions.can_approve_extract(actor, case, keeper_id=keeper_id), words)
    return keeper_id
