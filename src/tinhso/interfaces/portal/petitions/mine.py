"""A citizen's own petitions: the list, one, and what she may do with it (phản ánh, kiến nghị của tôi)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.petitions import actions, queries
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.access.previews import preview_context, send_sheet
from tinhso.interfaces.portal.petitions.shared import (
    LONGEST_CODE,
    LONGEST_TEXT,
    SATISFACTIONS,
    errors_of,
    files_of,
    present,
    qr_picture,
)
from tinhso.interfaces.portal.requests import actor_of, send_file, text_of
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Forbidden, NotFound


@citizen(level=1)
@require_safe
def my_petitions(request: HttpRequest) -> HttpResponse:
    """Newest first."""
    page = queries.my_petitions(
        actor=actor_of(request), now=clock.now(), cursor=text_of(request.GET, "sau", 200) or None
    )
    context = {"section": "petitions", "items": page.items, "next": page.next}
    return render(request, "portal/petitions/mine.html", context)


@citizen(level=1)
@require_safe
def my_petition(request: HttpRequest, code: str) -> HttpResponse:
    """One petition: where it is, what is asked, the answer."""
    return _page(request, code)


@citizen(level=1)
@require_POST
def give(request: HttpRequest, code: str) -> HttpResponse:
    """Give what was asked (bổ sung thông tin)."""
    actor = actor_of(request)
    petition = queries.get_petition(actor=actor, code=code[:LONGEST_CODE])
    text = text_of(request.POST, "text", LONGEST_TEXT)
    try:
        actions.give_information(
            petition_id=petition.pk, text=text, files=files_of(request), actor=actor, at=clock.now()
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        return _page(request, code, refusal=refusal, text=text)
    messages.success(request, "Đã gửi thông tin bổ sung. Cơ quan tiếp tục xử lý.")
    return redirect("portal:my_petition", code=petition.code)


@citizen(level=1)
@require_POST
def rate(request: HttpRequest, code: str) -> HttpResponse:
    """Judge the answer (đánh giá)."""
    actor = actor_of(request)
    petition = queries.get_petition(actor=actor, code=code[:LONGEST_CODE])
    try:
        actions.rate_answer(
            petition_id=petition.pk, satisfaction=text_of(request.POST, "satisfaction", 20),
            comment=text_of(request.POST, "comment", 2000), actor=actor, at=clock.now(),
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        return _page(request, code, refusal=refusal)
    messages.success(request, "Cảm ơn bạn đã đánh giá.")
    return redirect("portal:my_petition", code=petition.code)


@citizen(level=1)
@require_safe
def file(request: HttpRequest, code: str, attachment_id: int) -> HttpResponse:
    """A file she attached."""
    petition = queries.get_petition(actor=actor_of(request), code=code[:LONGEST_CODE])
    return send_file(queries.attachment_file(petition, attachment_id), f"{petition.code}-{attachment_id}")


@citizen(level=1)
@require_safe
def file_preview(request: HttpRequest, code: str, attachment_id: int) -> HttpResponse:
    """A file she attached, page by page, with how far its search for malware is."""
    petition = queries.get_petition(actor=actor_of(request), code=code[:LONGEST_CODE])
    file_id = queries.attachment_file(petition, attachment_id)
    context = preview_context(file_id, route="portal:petition_file", code=petition.code, document_id=attachment_id)
    return render(request, "portal/petitions/file.html", {"section": "petitions", **context})


@citizen(level=1)
@require_safe
def file_sheet(request: HttpRequest, code: str, attachment_id: int, number: int) -> HttpResponse:
    """One page of it."""
    petition = queries.get_petition(actor=actor_of(request), code=code[:LONGEST_CODE])
    return send_sheet(queries.attachment_file(petition, attachment_id), number)


def _page(request: HttpRequest, code: str, *, refusal: DomainError | None = None, text: str = "") -> HttpResponse:
    petition = queries.get_petition(actor=actor_of(request), code=code[:LONGEST_CODE])
    context = {
        "section": "petitions", "petition": present(petition, words=True, now=clock.now()),
        "files": queries.attachments_of(petition), "satisfactions": SATISFACTIONS, "text": text,
        "errors": errors_of(refusal) if refusal else [], "just_sent": "vua-gui" in request.GET,
        "qr": qr_picture(petition.code),
    }  # fmt: skip
    return render(request, "portal/petitions/detail.html", context, status=refusal.status if refusal else 200)
