"""Lists of payers, their lines, and the money that came for each."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.collections.enums import LineStatus, ListStatus
from tinhso.kernel.models import Model

_ACCOUNTS = "ten years: accounting documents (Luật Kế toán 88/2015/QH13, Điều 41)"


class CollectionList(Model):
    """One round of collecting by one body (đợt thu). `cursor` is the last line worked on while it opens or closes."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    body = models.CharField(max_length=40, help_text="key of content/collections")
    fee = models.CharField(max_length=40, help_text="key of content/collections")
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    status = models.CharField(max_length=8, choices=ListStatus.choices, default=ListStatus.DRAFT)
    cursor = models.BigIntegerField(default=0)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    opened_by = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=300, blank=True)
    reminded_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"created_by": _ACCOUNTS, "opened_by": _ACCOUNTS}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ListStatus.values), name="collections_list_status"),
            models.CheckConstraint(
                condition=Q(status="draft") ^ Q(opened_at__isnull=False), name="collections_list_opened_when"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-id"], name="collections_list_of_unit"),
            models.Index(
                fields=["id"], name="collections_list_at_work", condition=Q(status__in=["opening", "closing"])
            ),
            models.Index(fields=["due_on"], name="collections_list_due", condition=Q(status="open")),
        ]


class CollectionLine(Model):
    """What one pupil or patient owes in a round (dòng thu). `code` stands on the slip, in the QR and in the transfer.

    `paid_vnd` and what follows repeat the order of payments, which is what counts.
    """

    list = models.ForeignKey(CollectionList, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=20, unique=True)
    full_name = models.CharField(max_length=200)
    birth_date = models.DateField(null=True)
    own_number = models.CharField(
        max_length=30, blank=True, help_text="the school's or hospital's number of the person"
    )
    group_name = models.CharField(max_length=60, blank=True, help_text="class or ward")
    words = models.CharField(max_length=200, help_text="what for")
    amount_vnd = models.PositiveBigIntegerField()
    due_vnd = models.PositiveBigIntegerField()
    exemption = models.CharField(max_length=40, blank=True)
    evidence = models.CharField(max_length=200, blank=True)
    payer_personal_id = models.CharField(max_length=20, blank=True, help_text="who is reminded here")
    order_id = models.BigIntegerField(null=True, unique=True, help_text="the order of payments that counts now")
    orders_raised = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=12, choices=LineStatus.choices, default=LineStatus.DRAFT)
    paid_vnd = models.PositiveBigIntegerField(default=0)
    refunded_vnd = models.PositiveBigIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "full_name": _ACCOUNTS,
        "birth_date": _ACCOUNTS,
        "own_number": _ACCOUNTS,
        "evidence": _ACCOUNTS,
        "payer_personal_id": _ACCOUNTS,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "number"], name="collections_line_number"),
            models.CheckConstraint(condition=Q(status__in=LineStatus.values), name="collections_line_status"),
            models.CheckConstraint(condition=Q(due_vnd__lte=F("amount_vnd")), name="collections_line_due"),
            models.CheckConstraint(
                condition=Q(birth_date__isnull=False) | ~Q(own_number=""), name="collections_line_can_be_matched"
            ),
            models.CheckConstraint(condition=~Q(exemption="") | Q(due_vnd=F("amount_vnd")), name="collections_exempt_why"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["list", "status", "id"], name="collections_line_progress")]


class LinePayment(Model):
    """Money that came for a line, as payments has it (tiền về của dòng thu); what the cashless share is counted from."""

    line = models.ForeignKey(CollectionLine, on_delete=models.PROTECT, related_name="money")
    payment_id = models.BigIntegerField(unique=True)
    provider = models.CharField(max_length=12)
    amount_vnd = models.BigIntegerField()
    paid_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [models.Index(fields=["paid_at"], name="collections_money_by_month")]
