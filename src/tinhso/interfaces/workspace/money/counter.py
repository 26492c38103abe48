"""The counter takes money: opening a shift, cash and card for a case, counting and closing (thu tiền tại quầy)."""

import uuid
from collections import defaultdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import actions, queries
from tinhso.apps.payments.enums import Occasion, Provider, ShiftStatus
from tinhso.apps.payments.permissions import PaymentPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.ui.formats import format_money
from tinhso.interfaces.workspace.requests import actor_of, page, send_pdf, typed_money
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, FieldError, Forbidden, Invalid, NotFound

_TONES = {ShiftStatus.OPEN: "info", ShiftStatus.CLOSED: "soon", ShiftStatus.APPROVED: "ok"}


@officer(PaymentPermission.COLLECT)
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest) -> HttpResponse:
    """One's shift: open it, see what was taken, count and close it."""
    actor, error, wrong, status = actor_of(request), "", dict[str, str](), 200
    if request.method == "POST":
        try:
            said = _act(request, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            if isinstance(refusal, Invalid):
                wrong = {one.path: one.message for one in refusal.errors}
            error, status = "" if wrong else refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:money:shift")
    found = queries.open_shift_of(actor)
    context = {
        "shift": found, "sheet": queries.sheet_of(found) if found else None, "error": error, "wrong": wrong,
        "given": defaultdict(str, request.POST.items()),
        "to_hand_back": queries.refunds_to_hand_back(actor),
        "past": [(one, _TONES[ShiftStatus(one.status)]) for one in queries.list_shifts(actor=actor) if one != found],
    }  # fmt: skip
    return page(request, "workspace/money/shift.html", context, place="shift", status=status)


@officer(PaymentPermission.COLLECT)
@require_POST
def collect(request: HttpRequest, order_id: int) -> HttpResponse:
    """Take what an order still owes, in cash or by card."""
    order = queries.get_order(order_id)
    try:
        actions.collect_at_counter(
            order_id=order_id, method=request.POST.get("method", ""), amount_vnd=typed_money(request.POST.get("amount", "")),
            slip=request.POST.get("slip", "")[:60], key=request.POST.get("key", "")[:60] or uuid.uuid4().hex,
            actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Đã thu {format_money(order.left_vnd)} của {order.payer_name}.")
    is_listed = order.occasion == Occasion.COLLECTION
    return redirect("workspace:collections:line" if is_listed else "workspace:cases:detail", code=order.case_code)


@officer(PaymentPermission.COLLECT)
@require_POST
def hand_back(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Give an approved refund back in cash, out of the drawer of one's shift."""
    try:
        actions.pay_refund(
            refund_id=refund_id, method=Provider.CASH, reference="", received_by=request.POST.get("received_by", "")[:200],
            actor=actor_of(request), at=clock.now(),
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Đã trả lại bằng tiền mặt.")
    return redirect("workspace:money:shift")


@officer()
@require_safe
def cash_list(request: HttpRequest, shift_id: int) -> HttpResponse:
    """The list of a shift on paper, to be signed by who hands the money in and who takes it."""
    sheet, now = queries.shift_sheet(actor=actor_of(request), shift_id=shift_id), clock.now()
    return send_pdf(queries.cash_list_pdf(sheet, at=now), f"bang-ke-ca-{sheet.shift.pk}")


def _act(request: HttpRequest, actor: Actor) -> str:
    if request.POST.get("do") == "open":
        unit_id = _desk_of(actor)
        actions.open_shift(unit_id=unit_id, float_vnd=_sum(request, "float", "0"), actor=actor, at=clock.now())
        return "Đã mở ca thu tiền."
    found = queries.open_shift_of(actor)
    if found is None:
        raise NotFound("Không có ca nào đang mở.")
    closed = actions.close_shift(
        shift_id=found.pk, counted_vnd=_sum(request, "counted"), card_counted_vnd=_sum(request, "card_counted", "0"),
        reason=request.POST.get("reason", "")[:300], actor=actor, at=clock.now(),
    )  # fmt: skip
    if closed.status == ShiftStatus.APPROVED:
        return "Đã chốt ca, khớp sổ."
    return "Đã chốt ca; chênh lệch chờ kế toán duyệt."


def _sum(request: HttpRequest, name: str, empty: str = "") -> int:
    """The sum typed into one field; what is wrong with it is told at that field."""
    try:
        return typed_money(request.POST.get(name, "") or empty)
    except Invalid as refusal:
        raise Invalid(errors=[FieldError(name, refusal.message)]) from None


def _desk_of(actor: Actor) -> int:
    """The agency at whose counter the officer takes money: the one whose office he sits in."""
    units = sorted(actor.unit_ids_for(PaymentPermission.COLLECT))
    if not units:
        raise Forbidden
    return directory.resolving_unit_of(actor.unit_id if actor.unit_id in units else units[0]).id
