"""A citizen pays what her case costs; the platform and the bank tell what they have taken (thanh toán trực tuyến)."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases import queries as cases
from tinhso.apps.payments import actions, flows, queries
from tinhso.apps.payments.data import OrderNotFound, ProviderUnavailable
from tinhso.apps.payments.enums import Provider
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.access.downloads import pdf_response
from tinhso.interfaces.access.policy import citizen, public
from tinhso.interfaces.portal.requests import actor_of, text_of
from tinhso.kernel import clock
from tinhso.kernel.errors import Forbidden, Invalid
from tinhso.lib.qr import qr_svg
from tinhso.lib.text import whole_number

_MOST_BYTES = 65_536


@citizen(level=1)
@require_safe
def pay(request: HttpRequest, code: str) -> HttpResponse:
    """What the case costs, how to pay it, and what the bank has said (nộp phí, lệ phí)."""
    found = cases.get_case(actor=actor_of(request), code=code)
    bills = queries.bills_of(f"case:{found.pk}")
    # Our own drawing of our own text.
    pictures = [
        mark_safe(qr_svg(bill.transfer.qr_text)) if bill.transfer and bill.shows_transfer else ""  # noqa: S308
        for bill in bills
    ]
    context = {
        "section": "my_cases", "case": found, "title": found.procedure_name,
        "bills": list(zip(bills, pictures, strict=True)),
    }  # fmt: skip
    return render(request, "portal/payments/pay.html", context)


@citizen(level=1)
@require_POST
def start(request: HttpRequest, code: str, order_id: int) -> HttpResponse:
    """Begin to pay one order by the way chosen: to the platform's page, or back with the code to scan."""
    actor = actor_of(request)
    found = cases.get_case(actor=actor, code=code)
    if queries.get_order(order_id).subject != f"case:{found.pk}":
        raise OrderNotFound
    provider = text_of(request.POST, "cach", 20)
    if provider not in {Provider.PLATFORM, Provider.VIETQR, Provider.DEMO}:
        raise Invalid("Mời chọn cách thanh toán.")
    try:
        url = flows.start_payment(
            order_id=order_id,
            provider=provider,
            ip=source_of(request),
            actor=actor,
            at=clock.now(),
        )
    except ProviderUnavailable as unavailable:
        messages.error(request, unavailable.message)
        return redirect("portal:pay", code=found.code)
    return redirect(url) if url else redirect("portal:pay", code=found.code)


@citizen(level=1)
@require_safe
def bill(request: HttpRequest, code: str, order_id: int, attempt_id: int) -> HttpResponse:
    """The platform's own paper about what she has paid, asked for now (chứng từ của nền tảng thanh toán)."""
    found = cases.get_case(actor=actor_of(request), code=code)
    if queries.get_order(order_id).subject != f"case:{found.pk}":
        raise OrderNotFound
    try:
        paper = flows.fetch_bill(order_id=order_id, attempt_id=attempt_id, at=clock.now())
    except ProviderUnavailable as unavailable:
        messages.error(request, unavailable.message)
        return redirect("portal:pay", code=found.code)
    return pdf_response(paper, f"chung-tu-{found.code}")


@citizen(level=1)
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """The browser comes back from the platform. It is not asked how it went; the platform is."""
    reference = text_of(request.GET, "ma", 60)
    order_id = actions.note_return(reference=reference, actor=actor_of(request), at=clock.now())
    return redirect("portal:pay", code=queries.get_order(order_id).case_code)


@csrf_exempt
@public
@require_POST
def notified(request: HttpRequest) -> HttpResponse:
    """NOTIFY of the national payment platform; the check code is the whole right."""
    raw = _body(request)
    return _json(flows.take_platform_notice(raw=raw, at=clock.now()))


@csrf_exempt
@public
@require_POST
def bank_told(request: HttpRequest) -> HttpResponse:
    """The bank tells of one transfer; `X-Signature` over the body is the whole right."""
    raw = _body(request)
    try:
        told = flows.take_bank_message(raw=raw, signature=request.headers.get("X-Signature", ""), at=clock.now())
    except (Forbidden, Invalid) as refusal:
        return _json({"error": refusal.message}, status=refusal.status)
    return _json({"result": told})


def _body(request: HttpRequest) -> bytes:
    length = whole_number(request.META.get("CONTENT_LENGTH") or "0")
    if length is None or length > _MOST_BYTES:
        raise Invalid("Bản tin quá dài.")
    return bytes(request.body)


def _json(value: dict[str, Any], status: int = 200) -> HttpResponse:
    answer = HttpResponse(json.dumps(value, ensure_ascii=False), content_type="application/json", status=status)
    answer["Cache-Control"] = "no-store"
    return answer
