"""Looking up and paying a line of a collection list by its code and one matching fact, without signing in (nộp học phí,
viện phí). Whoever has not both learns nothing; whoever has, gets an address that works for two hours.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.collections import flows, queries
from tinhso.apps.collections.data import NoSuchBill
from tinhso.apps.payments import queries as payments
from tinhso.apps.payments.data import ProviderUnavailable
from tinhso.apps.payments.enums import Provider
from tinhso.apps.receipts import queries as receipts
from tinhso.interfaces.access import limits
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.requests import send_file, text_of
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Invalid
from tinhso.lib.qr import qr_svg
from tinhso.lib.text import whole_number

_WAYS = (Provider.PLATFORM, Provider.VIETQR, Provider.DEMO)


@public
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """The code of the slip and the birth date or own number; both right lead to the bill, all else sounds the same."""
    given = request.POST if request.method == "POST" else request.GET
    code, fact, error, status = text_of(given, "ma", 60), text_of(request.POST, "doi-chieu", 60), "", 200
    if request.method == "POST":
        at, source, known = clock.now(), source_of(request), queries.printed_code(code)
        limits.BILLS.require(source, at=at)
        limits.BILLS_OF_CODE.require(known, at=at)
        try:
            return redirect("portal:bill", token=queries.find_bill(code=code, fact=fact))
        except NoSuchBill as refusal:
            limits.BILLS.spend(source, at=at)
            limits.BILLS_OF_CODE.spend(known, at=at)
            error, status = refusal.message, refusal.status
    context = {"section": "bills", "code": code, "error": error}
    return render(request, "portal/collections/search.html", context, status=status)


@public
@require_safe
def bill(request: HttpRequest, token: str) -> HttpResponse:
    """What is to be paid, for whom, how, and what the bank has said."""
    try:
        line = queries.bill_of(token)
    except NoSuchBill as refusal:
        context = {"section": "bills", "code": "", "error": refusal.message}
        return render(request, "portal/collections/search.html", context, status=refusal.status)
    subject = queries.subject_of(line)
    shown = next((one for one in payments.bills_of(subject) if one.order.id == line.order_id), None)
    transfer = shown.transfer if shown is not None and shown.shows_transfer else None
    fee = queries.fee_of(line.list.fee)
    shown_to: dict[str, Any] = {
        "section": "bills", "line": line, "body": queries.body_of(line.list.body), "fee": fee, "bill": shown, "token": token,
        # Our own drawing of our own text.
        "picture": mark_safe(qr_svg(transfer.qr_text)) if transfer else "",  # noqa: S308
        "exemption": queries.exemptions_for(fee).get(line.exemption), "receipts": receipts.receipts_of(subject),
        "parts": fee.part_from_vnd if shown and fee.part_from_vnd and shown.order.left_vnd > fee.part_from_vnd else None,
    }  # fmt: skip
    answer = render(request, "portal/collections/bill.html", shown_to)
    answer["Cache-Control"] = "private, no-store"
    return answer


@public
@require_POST
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """Begin to pay, all of it or a part: to the platform's page, or back with the code to scan."""
    provider = text_of(request.POST, "cach", 20)
    try:
        if provider not in _WAYS:
            raise Invalid("Mời chọn cách nộp.")
        url = flows.start_payment(
            token=token,
            provider=provider,
            part_vnd=_part(request),
            ip=source_of(request),
            at=clock.now(),
        )
    except NoSuchBill:
        return redirect("portal:bill_search")
    except (ProviderUnavailable, DomainError) as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:bill", token=token)
    return redirect(url) if url else redirect("portal:bill", token=token)


@public
@require_safe
def back(request: HttpRequest, token: str) -> HttpResponse:
    """The browser comes back from the platform. It is not asked how it went; the platform is."""
    try:
        flows.come_back(token=token, reference=text_of(request.GET, "ma", 60), at=clock.now())
    except NoSuchBill:
        return redirect("portal:bill_search")
    return redirect("portal:bill", token=token)


@public
@require_safe
def receipt(request: HttpRequest, token: str, receipt_id: int) -> HttpResponse:
    """The sealed receipt of what was paid in full (biên lai điện tử)."""
    one = receipts.receipt_of(receipt_id, subject=queries.subject_of(queries.bill_of(token)))
    assert one.file_id is not None  # noqa: S101 - only finished receipts are given
    return send_file(one.file_id, receipts.file_name(one), inline=True)


def _part(request: HttpRequest) -> int | None:
    """The part that was typed, whole đồng; None: all that is left."""
    typed = text_of(request.POST, "so-tien", 20).replace(".", "").replace(" ", "").removesuffix("đ")
    if not typed:
        return None
    part = whole_number(typed)
    if part is None:
        raise Invalid("Mời ghi số tiền bằng chữ số.")
    return part
