"""The accountant's pages: orders, money of nobody, refunds, shifts to approve, reconciliation (kế toán thu)."""

from collections import defaultdict
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tinhso.apps.payments import actions, flows, queries
from tinhso.apps.payments.data import ProviderUnavailable
from tinhso.apps.payments.enums import DifferenceStatus, OrderStatus, RefundReason, RefundStatus, ShiftStatus
from tinhso.apps.payments.permissions import PaymentPermission
from tinhso.interfaces.access.downloads import pdf_response
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day, typed_money
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from tinhso.lib.text import whole_number

_MOST_BYTES = 5_000_000
_TONES = {
    OrderStatus.DUE: "soon", OrderStatus.PARTLY_PAID: "soon", OrderStatus.PAID: "ok", OrderStatus.CANCELLED: "mute",
}  # fmt: skip
_REFUND_TONES = {
    RefundStatus.PROPOSED: "soon", RefundStatus.CHECKED: "soon", RefundStatus.APPROVED: "info", RefundStatus.PAID: "ok",
    RefundStatus.REFUSED: "mute",
}  # fmt: skip


@officer(PaymentPermission.VIEW)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """What is owed and paid, what waits for a decision: money of nobody, refunds, shifts."""
    actor, given = actor_of(request), request.GET
    words, status = given.get("tim", "")[:100].strip(), given.get("tinh-trang", "")
    status = status if status in OrderStatus.values else ""
    before = whole_number(given.get("truoc", ""))
    rows = queries.list_orders(actor=actor, search=words, status=status, before=before)
    context = {
        "rows": [(row, _TONES[OrderStatus(row.status)]) for row in rows[: queries.PAGE]],
        "older": rows[queries.PAGE - 1].pk if len(rows) > queries.PAGE else None,
        "words": words, "status": status, "statuses": OrderStatus.choices,
        "unmatched": queries.list_unmatched(actor=actor),
        "refunds": [(one, _REFUND_TONES[RefundStatus(one.status)]) for one in queries.list_refunds(actor=actor)],
        "shifts": [one for one in queries.list_shifts(actor=actor) if one.status == ShiftStatus.CLOSED],
        "may_match": actor.has(PaymentPermission.MATCH), "may_check": actor.has(PaymentPermission.CHECK_REFUND),
        "may_approve": actor.has(PaymentPermission.APPROVE_REFUND),
        "may_approve_shift": actor.has(PaymentPermission.APPROVE_SHIFT), "me": actor.account_id,
    }  # fmt: skip
    return page(request, "workspace/money/orders.html", context, place="money")


@officer(PaymentPermission.VIEW)
@require_http_methods(["GET", "POST"])
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """One order whole: how it was paid, what goes back, its entries in the book; the accountant proposes a refund."""
    actor, error, status = actor_of(request), "", 200
    queries.order_sheet(actor=actor, order_id=order_id)
    if request.method == "POST":
        try:
            actions.propose_refund(
                order_id=order_id, amount_vnd=typed_money(request.POST.get("amount", "")),
                reason=request.POST.get("reason", ""), note=request.POST.get("note", "")[:300], actor=actor, at=clock.now(),
            )  # fmt: skip
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, "Đã đề nghị hoàn trả; chờ lãnh đạo duyệt.")
            return redirect("workspace:money:order", order_id=order_id)
    sheet = queries.order_sheet(actor=actor, order_id=order_id)
    context = {
        "sheet": sheet, "tone": _TONES[OrderStatus(sheet.order.status)], "error": error,
        "given": defaultdict(str, request.POST.items()),
        "attempts": [(one, queries.has_bill(one)) for one in sheet.attempts],
        "refunds": [(one, _REFUND_TONES[RefundStatus(one.status)]) for one in sheet.refunds],
        "may_propose": actor.has(PaymentPermission.CHECK_REFUND) and sheet.refundable_vnd > 0,
        "reasons": [one for one in RefundReason.choices if one[0] != RefundReason.UNKNOWN_TRANSFER],
    }  # fmt: skip
    return page(request, "workspace/money/order.html", context, place="money", status=status)


@officer(PaymentPermission.VIEW)
@require_safe
def bill(request: HttpRequest, order_id: int, attempt_id: int) -> HttpResponse:
    """The platform's own paper about a payment, asked for now."""
    queries.order_sheet(actor=actor_of(request), order_id=order_id)
    try:
        return pdf_response(
            flows.fetch_bill(order_id=order_id, attempt_id=attempt_id, at=clock.now()), "chung-tu-nop-tien"
        )
    except ProviderUnavailable as silence:
        messages.error(request, silence.message)
        return redirect("workspace:money:order", order_id=order_id)


@officer(PaymentPermission.MATCH)
@require_POST
def settle(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Say whose money it is, or send it back."""

    def act(actor: Actor) -> str:
        if request.POST.get("do") == "return":
            actions.return_payment(
                payment_id=payment_id, note=request.POST.get("note", "")[:300], actor=actor, at=clock.now()
            )
            return "Đã đề nghị trả lại; chờ kiểm tra và duyệt."
        code = request.POST.get("code", "").strip()[:60]
        found = [one for one in queries.list_orders(actor=actor, search=code)[:5] if one.case_code == code]
        found = [one for one in found if one.status in {OrderStatus.DUE, OrderStatus.PARTLY_PAID}] or found
        if not code or not found:
            raise Invalid("Không có khoản phải nộp nào của mã hồ sơ này trong đơn vị bạn.")
        actions.match_payment(
            payment_id=payment_id, order_id=found[0].pk, reason=request.POST.get("note", "")[:300], actor=actor,
            at=clock.now(),
        )  # fmt: skip
        return f"Đã ghép với hồ sơ {code}."

    return _done(request, act)


@officer(PaymentPermission.VIEW)
@require_POST
def refund(request: HttpRequest, refund_id: int) -> HttpResponse:
    """One step of a refund: check, approve, refuse, or note that it has left."""

    def act(actor: Actor) -> str:
        verb, now = request.POST.get("do", ""), clock.now()
        if verb == "check":
            actions.check_refund(refund_id=refund_id, actor=actor, at=now)
            return "Đã kiểm tra, chờ lãnh đạo duyệt."
        if verb == "approve":
            actions.approve_refund(refund_id=refund_id, actor=actor, at=now)
            return "Đã duyệt hoàn trả."
        if verb == "refuse":
            reason = request.POST.get("reason", "")[:300]
            actions.refuse_refund(refund_id=refund_id, reason=reason, actor=actor, at=now)
            return "Đã trả lời không duyệt."
        reference = request.POST.get("reference", "").strip()[:100]
        if not reference:
            raise Invalid("Mời ghi số giao dịch của ngân hàng.")
        actions.pay_refund(refund_id=refund_id, method="bank", reference=reference, actor=actor, at=now)
        return "Đã ghi việc chi hoàn trả."

    return _done(request, act)


@officer(PaymentPermission.APPROVE_SHIFT)
@require_POST
def approve_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Accept the difference of somebody's shift."""

    def act(actor: Actor) -> str:
        actions.approve_shift(shift_id=shift_id, actor=actor, at=clock.now())
        return "Đã duyệt chênh lệch của ca."

    return _done(request, act)


@officer(PaymentPermission.RECONCILE)
@require_http_methods(["GET", "POST"])
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Days compared, what differs, and the statement to bring in."""
    actor, error, status = actor_of(request), "", 200
    if request.method == "POST":
        try:
            said = _compare(request, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:money:reconciliation")
    rows = queries.list_differences(actor=actor)
    context = {
        "days": queries.list_reconciliations(actor=actor), "error": error, "accounts": queries.collecting_accounts(),
        "differences": [(one, "late" if one.status == DifferenceStatus.OPEN else "soon") for one in rows],
        "today": clock.today(),
    }  # fmt: skip
    return page(request, "workspace/money/reconciliation.html", context, place="reconciliation", status=status)


def _compare(request: HttpRequest, actor: Actor) -> str:
    given, now = request.POST, clock.now()
    if given.get("do") == "close":
        number = whole_number(given.get("difference", ""))
        explanation = given.get("explanation", "").strip()[:300]
        if not explanation or number is None:
            raise Invalid("Mời ghi cách xử lý chênh lệch.")
        actions.close_difference(
            difference_id=number, explanation=explanation, undo=given.get("undo") == "1", actor=actor, at=now
        )
        return "Đã ghi cách xử lý."
    account = given.get("account", "")
    if given.get("do") == "statement":
        file = request.FILES.get("file")
        if file is None or isinstance(file, list) or not file.size or file.size > _MOST_BYTES:
            raise Invalid("Mời chọn tệp sao kê CSV, tối đa 5 MB.")
        counts = flows.take_statement_file(account_key=account, content=file.read(), at=now)
        return f"Đã đọc {sum(counts.values())} dòng sao kê, {counts.get('known', 0)} dòng đã có từ trước."
    try:
        day = parse_day(given.get("day", ""))
    except ValueError:
        raise Invalid("Ngày đối soát không đúng.") from None
    flows.reconcile(account_key=account, day=day, at=now)
    return f"Đã đối soát ngày {day:%d/%m/%Y}."


def _done(request: HttpRequest, act: Callable[[Actor], str]) -> HttpResponse:
    try:
        said = act(actor_of(request))
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("workspace:money:orders")
