"""What platform and bank state of a day, and where they differ from the book."""

from typing import ClassVar

from django.db import models

from tinhso.apps.payments.enums import DifferenceKind, DifferenceStatus
from tinhso.kernel.models import Model


class BankLine(Model):
    """A line of a bank's statement (dòng sao kê): money in above zero, out below. The same line twice is one line."""

    account = models.CharField(max_length=60)
    external_id = models.CharField(max_length=100)
    day = models.DateField()
    at = models.DateTimeField()
    amount_vnd = models.BigIntegerField()
    text = models.CharField(max_length=300, blank=True)
    counterparty = models.CharField(max_length=200, blank=True)
    counterparty_account = models.CharField(max_length=60, blank=True)
    used_as = models.CharField(
        max_length=20, blank=True, help_text="transfer, settlement, refund; empty: not explained"
    )

    personal_data: ClassVar[dict[str, str]] = {
        "text": "ten years: accounting documents (Accounting Law 88/2015/QH13 Art. 41)",
        "counterparty": "ten years: accounting documents (Accounting Law 88/2015/QH13 Art. 41)",
        "counterparty_account": "ten years: accounting documents (Accounting Law 88/2015/QH13 Art. 41)",
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="payments_bank_line_once")]
        indexes = [models.Index(fields=["account", "day"], name="payments_bank_line_day")]


class Reconciliation(Model):
    """The latest comparison of a day of a collecting account (đối soát)."""

    account = models.CharField(max_length=60)
    day = models.DateField()
    run_at = models.DateTimeField()
    platform_count = models.PositiveIntegerField(default=0)
    platform_vnd = models.BigIntegerField(default=0)
    bank_count = models.PositiveIntegerField(default=0)
    bank_vnd = models.BigIntegerField(default=0)
    book_count = models.PositiveIntegerField(default=0)
    book_vnd = models.BigIntegerField(default=0)
    is_complete = models.BooleanField(default=False, help_text="platform's report and the bank's statement were there")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="payments_reconciled_day")]


class Difference(Model):
    """One difference and what became of it (chênh lệch)."""

    account = models.CharField(max_length=60)
    day = models.DateField()
    kind = models.CharField(max_length=20, choices=DifferenceKind.choices)
    external_id = models.CharField(max_length=100)
    order = models.ForeignKey("payments.PaymentOrder", on_delete=models.PROTECT, related_name="+", null=True)
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="+", null=True)
    theirs_vnd = models.BigIntegerField()
    ours_vnd = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=DifferenceStatus.choices)
    explanation = models.CharField(max_length=300)
    found_at = models.DateTimeField()
    mended_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "external_id"], name="payments_difference_once")
        ]
        indexes = [models.Index(fields=["status", "-id"], name="payments_difference_list")]
