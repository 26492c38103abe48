"""Money that goes back."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.payments.enums import RefundReason, RefundStatus
from tinhso.kernel.models import Model


class Refund(Model):
    """A refund (hoàn trả): checked by one officer, approved by another, then paid."""

    key = models.CharField(max_length=120, unique=True, help_text="why it exists; the same cause never proposes twice")
    order = models.ForeignKey("payments.PaymentOrder", on_delete=models.PROTECT, related_name="refunds", null=True)
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="refunds", null=True)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    account = models.CharField(max_length=60, blank=True)
    amount_vnd = models.BigIntegerField()
    reason = models.CharField(max_length=20, choices=RefundReason.choices)
    note = models.CharField(max_length=300, blank=True)
    to_name = models.CharField(max_length=200)
    to_account = models.CharField(max_length=60, blank=True)
    to_bank = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=RefundStatus.choices, default=RefundStatus.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=200)
    checked_by_id = models.BigIntegerField(null=True)
    checked_by = models.CharField(max_length=200, blank=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    method = models.CharField(max_length=12, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    shift = models.ForeignKey("payments.CashShift", on_delete=models.PROTECT, related_name="refunds", null=True)
    received_by = models.CharField(max_length=200, blank=True, help_text="who took the cash, and the paper he showed")

    personal_data: ClassVar[dict[str, str]] = {
        "to_name": "ten years: accounting documents (Accounting Law 88/2015/QH13 Art. 41)",
        "to_account": "ten years: accounting documents (Accounting Law 88/2015/QH13 Art. 41)",
        "received_by": "ten years: accounting documents (Accounting Law 88/2015/QH13 Art. 41)",
        "checked_by_id": "as long as the refund: who answered for it",
        "approved_by_id": "as long as the refund: who answered for it",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_vnd__gt=0), name="payments_refund_of_something"),
            models.CheckConstraint(
                condition=Q(approved_by_id__isnull=True) | ~Q(approved_by_id=F("checked_by_id")),
                name="payments_refund_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "paid"])
                | Q(checked_by_id__isnull=False, approved_by_id__isnull=False),
                name="payments_refund_approved_by_two",
            ),
        ]
        indexes = [models.Index(fields=["unit", "status", "-id"], name="payments_refund_list")]
