"""Cash shifts of the counter."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.payments.enums import ShiftStatus
from tinhso.kernel.models import Model


class CashShift(Model):
    """A shift of an officer who takes money at a counter (ca thu tiền): drawer and card terminal."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    officer_id = models.BigIntegerField()
    officer_name = models.CharField(max_length=200)
    float_vnd = models.BigIntegerField(help_text="change in the drawer when it was opened")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    expected_vnd = models.BigIntegerField(null=True)
    counted_vnd = models.BigIntegerField(null=True)
    card_expected_vnd = models.BigIntegerField(null=True)
    card_counted_vnd = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=ShiftStatus.choices, default=ShiftStatus.OPEN)
    approved_by = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "officer_id": "ten years: who answered for the money (Accounting Law 88/2015/QH13 Art. 41)",
        "officer_name": "ten years: who answered for the money (Accounting Law 88/2015/QH13 Art. 41)",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["officer_id"], condition=Q(status="open"), name="payments_one_open_shift"),
            models.CheckConstraint(condition=Q(float_vnd__gte=0), name="payments_shift_float"),
        ]
        indexes = [models.Index(fields=["unit", "-id"], name="payments_shift_list")]
