"""Receipts and the proposals to end them."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from tinhso.apps.receipts.enums import EndingKind, EndingReason, EndingStatus, ReceiptStatus
from tinhso.kernel.models import Model

_ACCOUNTS = "ten years: a voucher of account (Luật Kế toán, NĐ 174/2016/NĐ-CP)"


class Receipt(Model):
    """A receipt of fees and charges (biên lai thu phí, lệ phí). It is never deleted; what ends it is written on it."""

    uuid = models.UUIDField(unique=True, default=uuid4)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    payment_key = models.CharField(max_length=60, help_text="what was paid, such as order:17")
    subject = models.CharField(max_length=100, blank=True, help_text="stream of what it was paid for, such as case:17")
    case_code = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=ReceiptStatus.choices, default=ReceiptStatus.DRAFT)
    provider = models.CharField(max_length=20)
    provider_reference = models.CharField(max_length=80, blank=True)
    template_code = models.CharField(max_length=20)
    series = models.CharField(max_length=12, blank=True)
    number = models.PositiveIntegerField(null=True, help_text="empty until an outside provider gives one")
    book_entry = models.ForeignKey("documents.BookEntry", on_delete=models.PROTECT, related_name="+", null=True)
    check_code = models.CharField(max_length=40, unique=True)
    payer_name = models.CharField(max_length=200)
    payer_id = models.CharField(max_length=20, blank=True)
    payer_address = models.CharField(max_length=300, blank=True)
    lines = models.JSONField()
    amount_vnd = models.PositiveBigIntegerField()
    method = models.CharField(max_length=60)
    paid_at = models.DateTimeField()
    begun_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    xml = models.TextField(blank=True, help_text="the receipt for programs, as it was when it was sealed")
    xml_sha256 = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=500, blank=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, related_name="replaced_by", null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "payer_name": _ACCOUNTS,
        "payer_id": _ACCOUNTS,
        "payer_address": _ACCOUNTS,
        "xml": _ACCOUNTS,
        "ended_by": _ACCOUNTS,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ReceiptStatus.values), name="receipts_status"),
            models.CheckConstraint(condition=Q(amount_vnd__gt=0), name="receipts_amount_positive"),
            # One payment, one receipt: every later one stands in the place of the one before it.
            models.UniqueConstraint(
                fields=["payment_key"], condition=Q(replaces__isnull=True), name="receipts_one_a_payment"
            ),
            models.UniqueConstraint(
                fields=["unit", "template_code", "series", "number"], name="receipts_number_once",
                condition=Q(number__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | (Q(number__isnull=False, issued_at__isnull=False, file__isnull=False)),
                name="receipts_issued_has_number",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "issued"]) ^ Q(ended_at__isnull=False), name="receipts_ended_when"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["unit", "-id"], name="receipts_of_unit"),
            models.Index(fields=["subject"], name="receipts_of_subject"),
            models.Index(fields=["xml_sha256"], condition=~Q(xml_sha256=""), name="receipts_of_digest"),
            models.Index(fields=["id"], condition=Q(status="draft"), name="receipts_to_make"),
        ]


class ReceiptEnding(Model):
    """A proposal to cancel or replace an issued receipt (đề nghị hủy, thay thế biên lai), decided by another person."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="endings")
    kind = models.CharField(max_length=10, choices=EndingKind.choices)
    reason_code = models.CharField(max_length=20, choices=EndingReason.choices)
    reason = models.CharField(max_length=500)
    corrections = models.JSONField(default=dict, help_text="payer_name, payer_id, payer_address, lines of the new one")
    status = models.CharField(max_length=10, choices=EndingStatus.choices, default=EndingStatus.PROPOSED)
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_by = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "corrections": _ACCOUNTS,
        "proposed_by": _ACCOUNTS,
        "decided_by": _ACCOUNTS,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=EndingStatus.values), name="receipts_ending_status"),
            models.UniqueConstraint(
                fields=["receipt"], condition=Q(status="proposed"), name="receipts_one_proposal_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=F("proposed_by_id")),
                name="receipts_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed") ^ Q(decided_at__isnull=False), name="receipts_ending_decided"
            ),
        ]
