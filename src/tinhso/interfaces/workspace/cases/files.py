"""Files of a case: every one is reached through the case, and its reading is written down before it is sent."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import flows, queries
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.enums import PaperKind, ResultStatus
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.access.previews import preview_context, send_sheet
from tinhso.interfaces.workspace.cases import history, presenter
from tinhso.interfaces.workspace.requests import actor_of, page, send_file, send_pdf
from tinhso.kernel import clock


@officer(CasePermission.VIEW)
@require_safe
def document(request: HttpRequest, code: str, document_id: int) -> HttpResponseBase:
    """A file the applicant handed in."""
    case, kept = _document(request, code, document_id)
    _record(request, case, f"documents.{kept.key}", "Mở giấy tờ trong hồ sơ")
    return send_file(kept.file.pk, kept.file.name.rpartition(".")[0] or kept.key)


@officer(CasePermission.VIEW)
@require_safe
def document_preview(request: HttpRequest, code: str, document_id: int) -> HttpResponse:
    """A file the applicant handed in, page by page, without opening its own bytes."""
    case, kept = _document(request, code, document_id)
    _record(request, case, f"documents.{kept.key}", "Xem giấy tờ trong hồ sơ")
    context = preview_context(kept.file.pk, route="workspace:cases:document", code=code, document_id=document_id)
    return page(request, "workspace/cases/file.html", context)


@officer(CasePermission.VIEW)
@require_safe
def document_sheet(request: HttpRequest, code: str, document_id: int, number: int) -> HttpResponse:
    """One page of it; its page of the preview has written the reading down."""
    _, kept = _document(request, code, document_id)
    return send_sheet(kept.file.pk, number)


def _document(request: HttpRequest, code: str, document_id: int) -> tuple[Any, Any]:
    """The case and the document with a file, when the officer may see them."""
    case = queries.get_case(actor=actor_of(request), code=code)
    kept = next((d for d in case.documents.all() if d.pk == document_id and d.file is not None), None)
    if kept is None:
        raise CaseNotFound("Hồ sơ này không có tệp đó.")
    return case, kept


@officer(CasePermission.VIEW)
@require_safe
def paper(request: HttpRequest, code: str, paper_id: int) -> HttpResponseBase:
    """A paper made for the applicant."""
    case = queries.get_case(actor=actor_of(request), code=code)
    kept = next((p for p in case.papers.all() if p.pk == paper_id and p.file_id is not None), None)
    if kept is None or kept.file_id is None:
        raise CaseNotFound("Hồ sơ này không có giấy tờ đó.")
    _record(request, case, f"papers.{kept.kind}", "Mở giấy gửi người nộp")
    return send_file(kept.file_id, f"{kept.kind.replace('_', '-')}-{case.code}", inline=True)


@officer(CasePermission.VIEW)
@require_safe
def acknowledgement(request: HttpRequest, code: str) -> HttpResponseBase:
    """Giấy tiếp nhận và hẹn trả, ready to print; made now if the job has not come to it yet."""
    case = queries.get_case(actor=actor_of(request), code=code)
    received = history.first_of(queries.timeline_of(case), "case.received")
    if received is None:
        raise CaseNotFound("Hồ sơ chưa được tiếp nhận nên chưa có giấy hẹn.")
    _record(request, case, "papers.acknowledgement", "In giấy tiếp nhận và hẹn trả")
    made = flows.issue_paper(
        case_id=case.pk, kind=PaperKind.ACKNOWLEDGEMENT, officer=received.actor, extra={}, at=received.at
    )
    assert made.file_id is not None  # noqa: S101 - issue_paper gives a finished paper or raises
    return send_file(made.file_id, f"giay-tiep-nhan-{case.code}", inline=True)


@officer(CasePermission.VIEW)
@require_safe
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """The proposed result as its reader will see it, without number and date (xem dự thảo)."""
    case = queries.get_case(actor=actor_of(request), code=code)
    waiting = {ResultStatus.PROPOSED, ResultStatus.APPROVED}
    result = next((r for r in case.results.all() if r.status in waiting), None)
    if result is None:
        raise CaseNotFound("Hồ sơ này không có dự thảo nào đang chờ.")
    _record(request, case, "results.draft", "Xem dự thảo kết quả")
    return send_pdf(queries.draft_pdf(case, result, base_url=settings.BASE_URL), f"du-thao-{case.code}")


@officer(CasePermission.VIEW)
@require_safe
def result(request: HttpRequest, code: str) -> HttpResponseBase:
    """The signed and sealed result."""
    found = queries.get_result_file(actor=actor_of(request), code=code)
    case = queries.get_case(actor=actor_of(request), code=code)
    _record(request, case, "results.signed", "Mở kết quả đã ký")
    assert found.file_id is not None  # noqa: S101 - a signed result has its file (database constraint)
    return send_file(found.file_id, f"ket-qua-{code}", inline=True)


@officer(CasePermission.VIEW)
@require_safe
def opinion(request: HttpRequest, code: str, consultation_id: int) -> HttpResponseBase:
    """The paper that came with another unit's opinion (văn bản ý kiến)."""
    actor = actor_of(request)
    found = queries.get_consultation_file(actor=actor, code=code, consultation_id=consultation_id)
    _record(request, found.case, "consultations.file", "Mở văn bản ý kiến")
    assert found.file_id is not None  # noqa: S101 - the query asks for one with a paper
    return send_file(found.file_id, f"y-kien-{code}")


@officer(CasePermission.VIEW)
@require_safe
def control_slip(request: HttpRequest, code: str) -> HttpResponse:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ (Mẫu 06), to print."""
    case = queries.get_case(actor=actor_of(request), code=code)
    _record(request, case, "steps", "In phiếu kiểm soát quá trình giải quyết")
    context = {
        "case": case,
        "title": queries.get_package(case).facts.title,
        "unit": directory.get_unit(case.unit_id) if case.unit_id else None,
        "handovers": presenter.handovers(case),
    }
    return page(request, "workspace/cases/control_slip.html", context)


@officer(CasePermission.VIEW)
@require_safe
def control_slip_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The same slip as a PDF, made from the stays at this moment."""
    case = queries.get_case(actor=actor_of(request), code=code)
    if case.received_at is None:
        raise CaseNotFound("Hồ sơ chưa được tiếp nhận nên chưa có phiếu kiểm soát.")
    _record(request, case, "steps", "In phiếu kiểm soát quá trình giải quyết")
    made = queries.control_slip_pdf(case, base_url=settings.BASE_URL, at=clock.now())
    return send_pdf(made, f"phieu-kiem-soat-{case.code}")


def _record(request: HttpRequest, case: Any, field: str, purpose: str) -> None:
    record_disclosure(
        subject=f"case:{case.pk}", purpose=purpose, fields=[field], actor=actor_of(request), at=clock.now()
    )
