"""The book: entries and their postings, append-only; the database itself refuses an entry that does not balance."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.payments.enums import EntryKind
from tinhso.kernel.models import Model


class LedgerEntry(Model):
    """A bookkeeping entry (bút toán). `key` says of what it is the entry, so that nothing is booked twice."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16, choices=EntryKind.choices)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    day = models.DateField(help_text="the day in the province to which it belongs")
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [models.Index(fields=["day", "kind"], name="payments_entry_day")]


class LedgerPosting(Model):
    """One side of an entry (định khoản): debit above zero, credit below, whole đồng; an entry's postings sum to zero."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.CharField(max_length=80)
    order = models.ForeignKey("payments.PaymentOrder", on_delete=models.PROTECT, related_name="postings", null=True)
    amount_vnd = models.BigIntegerField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_vnd=0), name="payments_posting_of_something")]
        indexes = [
            models.Index(fields=["account", "entry"], name="payments_posting_account"),
            models.Index(fields=["order"], name="payments_posting_order", condition=Q(order__isnull=False)),
        ]
