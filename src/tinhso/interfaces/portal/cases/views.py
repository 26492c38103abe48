"""A citizen's own cases: the list, one case, and what she may do with it (hồ sơ của tôi)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.enums import CaseStatus, Satisfaction, ServiceFault
from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import queries as payments
from tinhso.apps.receipts import queries as receipts
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.access.previews import preview_context, send_sheet
from tinhso.interfaces.portal.cases.papers import paper_moments
from tinhso.interfaces.portal.cases.presenter import present
from tinhso.interfaces.portal.cases.thread import thread_for
from tinhso.interfaces.portal.requests import actor_of, send_file, text_of
from tinhso.interfaces.ui.formats import format_datetime
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor


@citizen(level=1)
@require_safe
def my_cases(request: HttpRequest) -> HttpResponse:
    """Drafts and cases, newest first."""
    page = queries.my_cases(actor=actor_of(request), now=clock.now(), cursor=text_of(request.GET, "sau", 200) or None)
    context = {"section": "my_cases", "items": page.items, "next": page.next}
    return render(request, "portal/cases/list.html", context)


@citizen(level=1)
@require_safe
def case(request: HttpRequest, code: str) -> HttpResponse:
    """One case: where it is, what is asked of her, the papers, the result."""
    now = clock.now()
    found = queries.get_case(actor=actor_of(request), code=code)
    view, package = present(found, paper_moments(found.pk)), queries.get_package(found)
    is_linked = found.parent_id is not None or package.group is not None
    context = {
        "section": "my_cases",
        "view": view,
        "case": found,
        "title": package.facts.title,
        "linked": queries.linked_of(actor=actor_of(request), case=found, now=now) if is_linked else None,
        "unit": directory.get_unit(found.unit_id) if found.unit_id else None,
        "bar": queries.time_bar_of(found, now),
        "explained": queries.explain_deadline(found, now),
        "sections": queries.answers_in_words(found),
        "received_words": f"Tiếp nhận {format_datetime(found.received_at)}" if found.received_at else "",
        "due_words": f"Hẹn trả {format_datetime(found.due_at)}" if found.due_at else "",
        "satisfactions": Satisfaction.choices,
        "faults": ServiceFault.choices,
        **thread_for(actor_of(request), found, at=now),
        "bills": payments.bills_of(f"case:{found.pk}"),
        "receipts": [(one, receipts.label(one)) for one in receipts.receipts_of(f"case:{found.pk}")],
        "just_submitted": "vua-nop" in request.GET and found.status == CaseStatus.SUBMITTED,
    }
    return render(request, "portal/cases/detail.html", context)


@citizen(level=1)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Ask why, then withdraw (rút hồ sơ)."""
    found = queries.get_case(actor=actor_of(request), code=code)
    if request.method == "POST":
        reason = text_of(request.POST, "reason", 2000)
        actions.withdraw_case(
            case_id=found.pk, reason=reason or "Người nộp không nêu lý do", actor=actor_of(request), at=clock.now()
        )
        messages.success(request, "Đã rút hồ sơ. Thông báo dừng giải quyết sẽ có trong mục giấy tờ.")
        return redirect("portal:case", code=found.code)
    return render(
        request,
        "portal/cases/withdraw.html",
        {"section": "my_cases", "case": found, "title": queries.get_package(found).facts.title},
    )


@citizen(level=1)
@require_POST
def take_result(request: HttpRequest, code: str) -> HttpResponse:
    """Hand the signed result over online; the download is the delivery (nhận kết quả trực tuyến)."""
    actor = actor_of(request)
    file_id = _result_file(actor, code)
    found = queries.get_case(actor=actor, code=code)
    if found.status == CaseStatus.RESOLVED:
        actions.deliver_result(case_id=found.pk, to_name=actor.name, method="online", actor=actor, at=clock.now())
    return send_file(file_id, f"ket-qua-{found.code}")


@citizen(level=1)
@require_safe
def result(request: HttpRequest, code: str) -> HttpResponse:
    """The signed result again, once it has been taken."""
    return send_file(_result_file(actor_of(request), code), f"ket-qua-{code}")


def _result_file(actor: Actor, code: str) -> int:
    file_id = queries.get_result_file(actor=actor, code=code).file_id
    assert file_id is not None  # noqa: S101 - a signed result has its file (database constraint)
    return file_id


@citizen(level=1)
@require_safe
def paper(request: HttpRequest, code: str, paper_id: int) -> HttpResponse:
    """A letter made for the applicant: acknowledgement, supplement request, refusal."""
    found = queries.get_case(actor=actor_of(request), code=code)
    kept = next((p for p in found.papers.all() if p.pk == paper_id), None)
    if kept is None or kept.file_id is None:
        raise CaseNotFound("Hồ sơ này không có giấy tờ đó.")
    return send_file(kept.file_id, f"{kept.kind.replace('_', '-')}-{code}", inline=True)


@citizen(level=1)
@require_safe
def receipt(request: HttpRequest, code: str, receipt_id: int, kind: str) -> HttpResponse:
    """A receipt of what she has paid: the sealed paper, or its XML (biên lai điện tử)."""
    found = queries.get_case(actor=actor_of(request), code=code)
    one = receipts.receipt_of(receipt_id, subject=f"case:{found.pk}")
    if kind == "pdf" and one.file_id is not None:
        return send_file(one.file_id, receipts.file_name(one), inline=True)
    if kind != "xml":
        raise CaseNotFound("Không có tệp ấy.")
    response = HttpResponse(one.xml.encode(), content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{receipts.file_name(one)}.xml"'
    response["Cache-Control"] = "private, no-store"
    return response


@citizen(level=1)
@require_safe
def document(request: HttpRequest, code: str, document_id: int) -> HttpResponse:
    """A file she handed in herself."""
    kept = _document(request, code, document_id)
    return send_file(kept.file.pk, kept.file.name.rpartition(".")[0] or kept.key)


@citizen(level=1)
@require_safe
def document_preview(request: HttpRequest, code: str, document_id: int) -> HttpResponse:
    """A file she handed in, page by page, and whether it was scanned."""
    kept = _document(request, code, document_id)
    context = preview_context(kept.file.pk, route="portal:document", code=code, document_id=document_id)
    return render(request, "portal/cases/file.html", {"section": "my_cases", **context})


@citizen(level=1)
@require_safe
def document_sheet(request: HttpRequest, code: str, document_id: int, number: int) -> HttpResponse:
    """One page of it."""
    return send_sheet(_document(request, code, document_id).file.pk, number)


def _document(request: HttpRequest, code: str, document_id: int) -> Any:
    """A document of her case that has a file."""
    found = queries.get_case(actor=actor_of(request), code=code)
    kept = next((d for d in found.documents.all() if d.pk == document_id), None)
    if kept is None or kept.file is None:
        raise CaseNotFound("Hồ sơ này không có tệp đó.")
    return kept


@citizen(level=1)
@require_POST
def rate(request: HttpRequest, code: str) -> HttpResponse:
    """What she thought of the service (đánh giá mức độ hài lòng)."""
    found = queries.get_case(actor=actor_of(request), code=code)
    actions.rate_service(
        case_id=found.pk,
        satisfaction=request.POST.get("satisfaction", ""),
        faults=request.POST.getlist("faults"),
        comment=text_of(request.POST, "comment", 2000),
        actor=actor_of(request),
        at=clock.now(),
    )
    messages.success(request, "Cảm ơn bạn đã đánh giá.")
    return redirect("portal:case", code=found.code)
