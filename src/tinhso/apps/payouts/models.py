"""Payees, monthly lists, batches sent to the bank, and what became of each line."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.payouts.enums import BatchStatus, LineStatus, PayeeStatus, RunStatus
from tinhso.kernel.models import Model

_ACCOUNTS = "ten years: a voucher of account (Luật Kế toán, NĐ 174/2016/NĐ-CP)"


class Payee(Model):
    """A person on a programme's list (người hưởng)."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(max_length=40)
    full_name = models.CharField(max_length=200)
    personal_id = models.CharField(max_length=20)
    amount_vnd = models.PositiveBigIntegerField()
    bank_bin = models.CharField(max_length=6, blank=True)
    account_number = models.CharField(max_length=19, blank=True)
    account_name = models.CharField(max_length=200, blank=True)
    since = models.DateField(help_text="first month paid for")
    status = models.CharField(max_length=10, choices=PayeeStatus.choices, default=PayeeStatus.ACTIVE)
    source = models.CharField(max_length=60, help_text="case:12, or import")
    note = models.CharField(max_length=300, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "full_name": _ACCOUNTS,
        "personal_id": _ACCOUNTS,
        "account_number": _ACCOUNTS,
        "account_name": _ACCOUNTS,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "programme", "personal_id"], name="payouts_payee_once"),
            models.CheckConstraint(condition=Q(amount_vnd__gt=0), name="payouts_payee_amount"),
            models.CheckConstraint(condition=Q(status__in=PayeeStatus.values), name="payouts_payee_status"),
        ]


class PayRun(Model):
    """The list of a programme for a month (kỳ chi trả), drawn up portion by portion: `cursor` is the last payee taken."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(max_length=40)
    month = models.DateField(help_text="first day of the month")
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.BUILDING)
    cursor = models.BigIntegerField(default=0)
    opened_by_id = models.BigIntegerField(null=True)
    opened_by = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"opened_by": _ACCOUNTS}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "programme", "month"], name="payouts_run_once_a_month"),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="payouts_run_status"),
        ]
        indexes = [models.Index(fields=["unit", "-id"], name="payouts_run_of_unit")]


class PayLine(Model):
    """What a payee gets for a month (dòng chi): once a run, however often it is tried."""

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="lines")
    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, related_name="lines")
    full_name = models.CharField(max_length=200)
    amount_vnd = models.PositiveBigIntegerField()
    bank_bin = models.CharField(max_length=6, blank=True)
    account_number = models.CharField(max_length=19, blank=True)
    account_name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=LineStatus.choices, default=LineStatus.PLANNED)
    is_booked = models.BooleanField(default=False, help_text="the debt to the payee is in the book")
    reason = models.CharField(max_length=300, blank=True)
    bank_reference = models.CharField(max_length=60, blank=True)
    receiver = models.CharField(max_length=200, blank=True, help_text="who took the cash and signed")
    settled_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "full_name": _ACCOUNTS,
        "account_number": _ACCOUNTS,
        "account_name": _ACCOUNTS,
        "receiver": _ACCOUNTS,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "payee"], name="payouts_line_once"),
            models.CheckConstraint(condition=Q(status__in=LineStatus.values), name="payouts_line_status"),
            models.CheckConstraint(
                condition=Q(status__in=["paid", "cash_paid"]) ^ Q(settled_at__isnull=True), name="payouts_settled_when"
            ),
        ]
        indexes = [models.Index(fields=["run", "status", "id"], name="payouts_line_progress")]


class PayBatch(Model):
    """Lines that are approved and sent together (đợt chi). Three people: who submits, who checks, who approves."""

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=BatchStatus.choices, default=BatchStatus.SUBMITTED)
    count = models.PositiveIntegerField()
    amount_vnd = models.PositiveBigIntegerField()
    submitted_by_id = models.BigIntegerField()
    submitted_by = models.CharField(max_length=200)
    submitted_at = models.DateTimeField()
    checked_by_id = models.BigIntegerField(null=True)
    checked_by = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    content = models.TextField(blank=True, help_text="the file to the bank, as it was approved")
    sha256 = models.CharField(max_length=64, blank=True)
    refusal = models.CharField(max_length=500, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "content": _ACCOUNTS,
        "submitted_by": _ACCOUNTS,
        "checked_by": _ACCOUNTS,
        "approved_by": _ACCOUNTS,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="payouts_batch_number"),
            models.CheckConstraint(condition=Q(status__in=BatchStatus.values), name="payouts_batch_status"),
            models.CheckConstraint(
                condition=Q(checked_by_id__isnull=True) | ~Q(checked_by_id=F("submitted_by_id")),
                name="payouts_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_by_id__isnull=True)
                | (~Q(approved_by_id=F("submitted_by_id")) & ~Q(approved_by_id=F("checked_by_id"))),
                name="payouts_approved_by_a_third",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "answered"]) | (Q(checked_at__isnull=False, approved_at__isnull=False)),
                name="payouts_approved_twice",
            ),
        ]  # fmt: skip


class BatchLine(Model):
    """One line of a batch as it was sent, and the bank's answer (dòng của đợt chi)."""

    batch = models.ForeignKey(PayBatch, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(PayLine, on_delete=models.PROTECT, related_name="tries")
    by_cash = models.BooleanField(default=False)
    is_paid = models.BooleanField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    bank_reference = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="payouts_line_once_a_batch")]
