"""What accountants look at: orders, money of nobody, refunds, shifts, differences."""

from datetime import date

from django.db.models import Q

from tinhso.apps.payments import permissions
from tinhso.apps.payments.enums import DifferenceStatus, PaymentState, RefundStatus, ShiftStatus
from tinhso.apps.payments.models import CashShift, Difference, Payment, PaymentOrder, Reconciliation, Refund
from tinhso.apps.payments.permissions import PaymentPermission
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor

PAGE = 50


def list_orders(*, actor: Actor, search: str = "", status: str = "", before: int | None = None) -> list[PaymentOrder]:
    """Orders of the actor's units, newest first, one more than a page holds (các khoản phải nộp)."""
    units = permissions.units_held(actor, PaymentPermission.VIEW)
    rows = PaymentOrder.objects.filter(unit_id__in=units)
    if search:
        rows = rows.filter(Q(case_code__istartswith=search) | Q(payer_name__icontains=search))
    if status:
        rows = rows.filter(status=status)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: PAGE + 1])


def list_unmatched(*, actor: Actor) -> list[Payment]:
    """Money nobody knows yet, oldest first (tiền chưa rõ)."""
    require(permissions.can_match(actor, None) or permissions.can_view(actor))
    return list(Payment.objects.filter(state=PaymentState.UNMATCHED).order_by("pk")[:PAGE])


def list_refunds(*, actor: Actor) -> list[Refund]:
    """Refunds of the actor's units that wait for somebody, and the latest that ended (hoàn trả)."""
    units = permissions.units_held(actor, PaymentPermission.VIEW)
    rows = Refund.objects.filter(unit_id__in=units).select_related("order", "payment")
    waiting = rows.exclude(status__in=[RefundStatus.PAID, RefundStatus.REFUSED]).order_by("pk")[:PAGE]
    ended = rows.filter(status__in=[RefundStatus.PAID, RefundStatus.REFUSED]).order_by("-pk")[:10]
    return [*waiting, *ended]


def open_shift_of(actor: Actor) -> CashShift | None:
    """The shift the actor takes money in now (ca đang mở)."""
    return CashShift.objects.filter(officer_id=actor.account_id or 0, status=ShiftStatus.OPEN).first()


def list_shifts(*, actor: Actor) -> list[CashShift]:
    """Latest shifts: the actor's own, and those of units whose differences he approves (ca thu tiền)."""
    units = permissions.units_held(actor, PaymentPermission.APPROVE_SHIFT)
    mine = Q(officer_id=actor.account_id or 0)
    return list(CashShift.objects.filter(mine | Q(unit_id__in=units)).order_by("-pk")[:20])


def differences_of(account: str, day: date) -> list[Difference]:
    """Differences of one day of one account (chênh lệch). For operators."""
    return list(Difference.objects.filter(account=account, day=day).order_by("pk"))


def list_differences(*, actor: Actor) -> list[Difference]:
    """Differences that are not mended yet, newest first (chênh lệch chưa xử lý)."""
    require(permissions.can_reconcile(actor) or permissions.can_view(actor))
    rows = Difference.objects.exclude(status=DifferenceStatus.MENDED).select_related("order")
    return list(rows.order_by("status", "-pk")[:PAGE])


def list_reconciliations(*, actor: Actor) -> list[Reconciliation]:
    """The latest compared days (đối soát)."""
    require(permissions.can_reconcile(actor) or permissions.can_view(actor))
    return list(Reconciliation.objects.order_by("-day", "account")[:14])
