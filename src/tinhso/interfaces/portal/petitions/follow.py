"""Following a petition by its code; a sender without an account also adds and rates here (tra cứu phản ánh, kiến nghị)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.petitions import actions, queries
from tinhso.apps.petitions.data import PetitionNotFound
from tinhso.interfaces.access import limits
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.petitions.shared import (
    LONGEST_CODE,
    LONGEST_TEXT,
    SATISFACTIONS,
    errors_of,
    files_of,
    present,
    qr_picture,
)
from tinhso.interfaces.portal.requests import actor_of, text_of
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, NotFound


def _count(request: HttpRequest) -> None:
    """Whoever tries codes, or contacts for a code, in turn comes to an end soon."""
    source, at = source_of(request), clock.now()
    limits.FOLLOWED.require(source, at=at)
    limits.FOLLOWED.spend(source, at=at)


@public
@require_safe
def follow(request: HttpRequest) -> HttpResponse:
    """The box for the code, and how far the petition is."""
    code = text_of(request.GET, "ma", LONGEST_CODE)
    if not code:
        return render(request, "portal/petitions/follow.html", {"section": "petitions", "code": "", "errors": []})
    _count(request)
    try:
        petition = queries.follow(code)
    except PetitionNotFound as refusal:
        context = {"section": "petitions", "code": code, "error": refusal.message, "errors": []}
        return render(request, "portal/petitions/follow.html", context, status=404)
    return _page(request, petition)


@public
@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Give what was asked, with the code and the contact left at sending."""
    _count(request)
    petition = queries.follow(text_of(request.POST, "ma", LONGEST_CODE))
    text = text_of(request.POST, "text", LONGEST_TEXT)
    try:
        actions.give_information(
            petition_id=petition.pk, text=text, files=files_of(request), actor=actor_of(request), at=clock.now(),
            contact=text_of(request.POST, "contact", 254),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as refusal:
        return _page(request, petition, refusal=refusal, text=text)
    messages.success(request, "Đã gửi thông tin bổ sung. Cơ quan tiếp tục xử lý.")
    return redirect(f"{reverse('portal:petition_follow')}?ma={petition.code}")


@public
@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    """Judge the answer, with the code and the contact left at sending."""
    _count(request)
    petition = queries.follow(text_of(request.POST, "ma", LONGEST_CODE))
    try:
        actions.rate_answer(
            petition_id=petition.pk, satisfaction=text_of(request.POST, "satisfaction", 20),
            comment=text_of(request.POST, "comment", 2000), contact=text_of(request.POST, "contact", 254),
            actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as refusal:
        return _page(request, petition, refusal=refusal)
    messages.success(request, "Cảm ơn bạn đã đánh giá.")
    return redirect(f"{reverse('portal:petition_follow')}?ma={petition.code}")


def _page(request: HttpRequest, petition: Any, *, refusal: DomainError | None = None, text: str = "") -> HttpResponse:
    # Of a petition sent from an account, the code alone shows the course; its words are for whoever signs in.
    view = present(petition, words=petition.account_id is None, now=clock.now())
    context = {
        "section": "petitions", "code": petition.code, "petition": view, "satisfactions": SATISFACTIONS, "text": text,
        "errors": errors_of(refusal) if refusal else [], "just_sent": "vua-gui" in request.GET,
        "qr": qr_picture(petition.code),
    }  # fmt: skip
    return render(request, "portal/petitions/follow.html", context, status=refusal.status if refusal else 200)
