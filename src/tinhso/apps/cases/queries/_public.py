"""What anybody may ask without signing in: how far a case is, and whether a paper is genuine. No personal data."""

import re
from datetime import datetime

from django.db.models import QuerySet

from tinhso.apps.cases.data import CaseNotFound, CheckedPaper, TrackedCase
from tinhso.apps.cases.enums import PUBLIC_STATE, CaseStatus, PaperKind, ResultOutcome, ResultStatus
from tinhso.apps.cases.models import Case, Extract, Paper, Result
from tinhso.apps.directory import queries as directory
from tinhso.apps.signatures import queries as signatures
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.text import fold


def track_case(code: str) -> TrackedCase:
    """How far a case is, by the code on its acknowledgement (tra cứu hồ sơ).

    Raises:
        CaseNotFound: no case has this code.
    """
    case = Case.objects.filter(code=code.strip().upper()).exclude(status=CaseStatus.DRAFT).first()
    if case is None:
        raise CaseNotFound("Không có hồ sơ nào mang mã này. Mời xem lại mã trên giấy tiếp nhận.")
    state = PUBLIC_STATE[case.status]
    steps = case.steps.order_by("sequence").values_list("name", "entered_at")
    return TrackedCase(
        code=case.code or "", procedure_code=case.procedure_code, procedure_name=case.procedure_name,
        unit_name=directory.get_unit(case.unit_id).agency_name if case.unit_id else "", state=str(state.label),
        state_key=state.value, submitted_at=case.submitted_at, received_at=case.received_at, due_at=case.due_at,
        resolved_at=case.resolved_at, delivered_at=case.delivered_at, lateness=case.lateness, steps=tuple(steps),
    )  # fmt: skip


def check_paper(check_code: str) -> CheckedPaper:
    """What the register says of the paper with this code (kiểm tra giấy tờ).

    Raises:
        CaseNotFound: no paper of ours has this code.
    """
    wanted = check_code.strip().lower().replace(" ", "").replace("-", "")
    result = (
        Result.objects.select_related("case", "file", "replaces", "replaced_by")
        .filter(check_code=wanted, signed_at__isnull=False)
        .first()
    )
    if result is not None:
        return _of_result(result)
    paper = Paper.objects.select_related("case", "file").filter(check_code=wanted, file__isnull=False).first()
    if paper is not None:
        return _of_paper(paper)
    raise CaseNotFound("Không có giấy tờ nào do tỉnh cấp mang mã này. Hãy coi giấy này là chưa xác thực.")


def _results() -> QuerySet[Result]:
    return Result.objects.select_related("case", "file", "replaces", "replaced_by")


def find_by_digest(sha256: str) -> CheckedPaper | None:
    """The paper whose stored file has exactly this content, or None."""
    result = (
        Result.objects.select_related("case", "file", "replaces", "replaced_by")
        .filter(file__sha256=sha256, signed_at__isnull=False)
        .first()
    )
    if result is not None:
        return _of_result(result)
    paper = Paper.objects.select_related("case", "file").filter(file__sha256=sha256).first()
    return _of_version(sha256) if paper is None else _of_paper(paper)


def _of_version(sha256: str) -> CheckedPaper | None:
    """The paper one of whose earlier files this is: as sealed, before time stamps and evidence were added."""
    kind, _, key = signatures.subject_of_digest(sha256).partition(":")
    if kind == "result":
        result = _results().filter(pk=int(key), signed_at__isnull=False).first()
        return None if result is None else _of_result(result)
    paper = Paper.objects.select_related("case", "file").filter(pk=int(key or 0)).first() if kind == "paper" else None
    return None if paper is None else _of_paper(paper)


def find_by_text(text: str) -> tuple[CheckedPaper, list[str]] | None:
    """The paper whose check code stands in a text, and where the text differs from the register, in sentences.

    Numbers, dates and the kind are compared; of the holder's name only whether it is there is told. None: no code of ours.
    """
    for code in dict.fromkeys(_CODE.findall(text.lower())):
        result = _results().filter(check_code=code, signed_at__isnull=False).first()
        if result is not None:
            assert result.approved_at is not None  # noqa: S101 - signed
            return _of_result(result), _differences(
                text, number=result.number, on=result.approved_at, name=result.case.applicant_name,
                title=result.name if result.outcome == ResultOutcome.GRANT else "",
            )  # fmt: skip
        paper = Paper.objects.select_related("case", "file").filter(check_code=code, file__isnull=False).first()
        if paper is not None:
            return _of_paper(paper), _differences(
                text, number=paper.number, on=paper.created_at, name=paper.case.applicant_name, title=""
            )
    return None


_CODE = re.compile(r"(?<![0-9a-z])[0-9a-z]{20}(?![0-9a-z])")


def _differences(text: str, *, number: str, on: datetime, name: str, title: str) -> list[str]:
    plain = _joined(text)
    day = on.astimezone(PROVINCE_TIME)
    spelled = [f"ngày {day:%d} tháng {month} năm {day.year}" for month in (f"{day.month:02d}", str(day.month))] + [
        f"{day:%d/%m/%Y}"
    ]
    told = []
    if number and _joined(number) not in plain:
        told.append(f"Số trên tệp không phải {number} như trong sổ.")
    if not any(_joined(one) in plain for one in spelled):
        told.append(f"Ngày trên tệp không phải {day:%d/%m/%Y} như trong sổ.")
    if name and _joined(name) not in plain:
        told.append("Họ tên trên tệp không phải họ tên trong sổ.")
    if title and _joined(title) not in plain:
        told.append(f"Tên văn bản trên tệp không phải “{title}” như trong sổ.")
    return told


def _joined(text: str) -> str:
    """Letters and digits without marks and spaces: lines break anywhere, and programs spell marks in two ways."""
    return "".join(one for one in fold(text) if one.isalnum())


def _of_result(result: Result) -> CheckedPaper:
    case = result.case
    assert result.file is not None and result.signed_at is not None  # noqa: S101, PT018 - signed (constraint)
    return CheckedPaper(
        check_code=result.check_code, kind=PaperKind.RESULT.label, number=result.number, title=result.name,
        case_code=case.code or "", unit_name=_agency(case), holder=mask_name(case.applicant_name),
        issued_at=result.signed_at, signer=result.approved_by, valid=result.status == ResultStatus.SIGNED,
        sha256=result.file.sha256,
        ended_at=result.ended_at, replaced_by=_successor(result), replaces=result.replaces.number if result.replaces else "",
        revoked_by=result.ended_by if result.status == ResultStatus.REVOKED else "", decision_code=_decision_code(result),
        approved_on=result.approved_at.astimezone(PROVINCE_TIME).date() if result.approved_at else None,
    )  # fmt: skip


def _decision_code(result: Result) -> str:
    """The check code of the decision that revoked a result; empty where that decision is none of ours, or not yet made."""
    if result.status != ResultStatus.REVOKED:
        return ""
    made = Paper.objects.filter(kind=PaperKind.REVOCATION_DECISION, subject_id=result.pk, file__isnull=False)
    return made.filter(case=result.case_id).values_list("check_code", flat=True).first() or ""


def _successor(result: Result) -> str:
    """The number that has taken a result's place; empty while none has."""
    later = getattr(result, "replaced_by", None)
    return later.number if result.status == ResultStatus.REPLACED and later is not None else ""


def _of_paper(paper: Paper) -> CheckedPaper:
    case = paper.case
    assert paper.file is not None  # noqa: S101 - the callers ask for finished papers
    made = Extract.objects.select_related("result__replaced_by").filter(paper=paper).first()
    if made is not None:
        return _of_extract(paper, made)
    return CheckedPaper(
        check_code=paper.check_code, kind=PaperKind(paper.kind).label, number=paper.number, title=PaperKind(paper.kind).label,
        case_code=case.code or "", unit_name=_agency(case), holder=mask_name(case.applicant_name),
        issued_at=paper.created_at, signer=paper.issued_by, valid=True, sha256=paper.file.sha256,
    )  # fmt: skip


def _of_extract(paper: Paper, made: Extract) -> CheckedPaper:
    """An extract or duplicate holds as long as the result it tells of: what ended that ends it too."""
    case, result = paper.case, made.result
    assert paper.file is not None  # noqa: S101 - the caller has looked
    return CheckedPaper(
        check_code=paper.check_code, kind=PaperKind(paper.kind).label, number=paper.number,
        title=f"{result.name} số {result.number}", case_code=case.code or "", unit_name=_agency(case),
        holder=mask_name(case.applicant_name), issued_at=paper.created_at, signer=paper.issued_by,
        valid=result.status == ResultStatus.SIGNED, sha256=paper.file.sha256, ended_at=result.ended_at,
        replaced_by=_successor(result), revoked_by=result.ended_by if result.status == ResultStatus.REVOKED else "",
        decision_code=_decision_code(result),
    )  # fmt: skip


def _agency(case: Case) -> str:
    return directory.get_unit(case.unit_id).agency_name if case.unit_id else ""


def mask_name(name: str) -> str:
    """The holder's name so that who has the paper recognises it and nobody else learns it: `N••• T•• Đào`."""
    words = name.split()
    return " ".join([word[0] + "•" * max(len(word) - 1, 1) for word in words[:-1]] + words[-1:])
