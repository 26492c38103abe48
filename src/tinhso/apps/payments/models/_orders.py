"""What is owed, the tries to pay it, the money that came, and the messages about it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.payments.enums import AttemptStatus, Occasion, OrderStatus, PaymentState, Provider, Verdict
from tinhso.kernel.models import Model

_ACCOUNTING = "ten years: accounting documents (Accounting Law 88/2015/QH13 Art. 41)"


class PaymentOrder(Model):
    """A sum somebody owes for a case (khoản phải nộp). `subject` is the stream of what it is for: `case:17`."""

    subject = models.CharField(max_length=60)
    case_code = models.CharField(max_length=40, help_text="stands in every transfer's text")
    match_code = models.CharField(max_length=40, default="", help_text="the code as banks leave it: letters and digits")
    occasion = models.CharField(max_length=10, choices=Occasion.choices)
    number = models.PositiveSmallIntegerField(help_text="of the orders of the same kind for the same subject")
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    desk = models.ForeignKey(
        "directory.Unit", on_delete=models.PROTECT, related_name="+", null=True, help_text="whose counter takes it too"
    )
    account = models.CharField(max_length=60, blank=True, help_text="key of the collecting account")
    procedure_code = models.CharField(max_length=40, blank=True)
    procedure_name = models.CharField(max_length=500, blank=True)
    lines = models.JSONField(default=list)
    amount_vnd = models.BigIntegerField()
    paid_vnd = models.BigIntegerField(default=0)
    refunded_vnd = models.BigIntegerField(default=0)
    status = models.CharField(max_length=12, choices=OrderStatus.choices, default=OrderStatus.DUE)
    payer_name = models.CharField(max_length=200)
    payer_personal_id = models.CharField(max_length=20, blank=True)
    payer_address = models.CharField(max_length=300, blank=True)
    account_id = models.BigIntegerField(null=True, help_text="the citizen's account, who may pay it on line")
    attempts_made = models.PositiveSmallIntegerField(default=0)
    raised_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, help_text="when it was first paid in full; told once")
    paid_by = models.CharField(max_length=12, choices=Provider.choices, blank=True)
    cancelled_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "payer_name": _ACCOUNTING,
        "payer_personal_id": _ACCOUNTING,
        "payer_address": _ACCOUNTING,
        "account_id": _ACCOUNTING,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "occasion", "number"], name="payments_order_raised_once"),
            models.CheckConstraint(condition=Q(amount_vnd__gt=0), name="payments_order_of_something"),
            models.CheckConstraint(condition=Q(paid_vnd__gte=0), name="payments_order_paid"),
            models.CheckConstraint(
                condition=Q(refunded_vnd__gte=0, refunded_vnd__lte=F("paid_vnd")), name="payments_order_refunded"
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="payments_order_subject"),
            models.Index(fields=["case_code"], name="payments_order_code"),
            models.Index(fields=["match_code"], name="payments_order_match"),
            models.Index(fields=["unit", "status", "-id"], name="payments_order_list"),
        ]


class PaymentAttempt(Model):
    """One try to pay an order through a provider (lượt thanh toán); `reference` is the provider's name for it."""

    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, related_name="attempts")
    provider = models.CharField(max_length=12, choices=Provider.choices)
    reference = models.CharField(max_length=60, unique=True)
    amount_vnd = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=AttemptStatus.choices, default=AttemptStatus.INTENDED)
    pay_url = models.CharField(max_length=600, blank=True)
    returned_at = models.DateTimeField(null=True, help_text="the browser came back; it says nothing about money")
    opened_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, help_text="when the provider was last asked")
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [
            models.Index(fields=["opened_at"], name="payments_attempt_waits", condition=Q(status__in=["intended", "pending"])),
        ]  # fmt: skip


class Payment(Model):
    """Money that came in (tiền đã về): one row for each transaction of a provider, whatever is said about it again."""

    provider = models.CharField(max_length=12, choices=Provider.choices)
    external_id = models.CharField(max_length=100, help_text="the provider's number of the transaction")
    account = models.CharField(max_length=60, blank=True)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, related_name="payments", null=True)
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="+", null=True)
    shift = models.ForeignKey("payments.CashShift", on_delete=models.PROTECT, related_name="payments", null=True)
    amount_vnd = models.BigIntegerField()
    paid_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    text = models.CharField(max_length=300, blank=True, help_text="what the payer's bank passed on")
    payer = models.CharField(max_length=200, blank=True)
    payer_account = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=PaymentState.choices)
    settled_day = models.DateField(null=True, help_text="when the bank had the platform's money")

    personal_data: ClassVar[dict[str, str]] = {
        "text": _ACCOUNTING,
        "payer": _ACCOUNTING,
        "payer_account": _ACCOUNTING,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="payments_money_once"),
            models.CheckConstraint(condition=Q(amount_vnd__gte=0), name="payments_money_sum"),
            models.CheckConstraint(
                condition=~Q(state="matched") | Q(order__isnull=False), name="payments_matched_has_order"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "paid_at"], name="payments_money_day"),
            models.Index(fields=["-id"], name="payments_money_open", condition=Q(state="unmatched")),
        ]


class ProviderMessage(Model):
    """A message that came from a provider (bản tin đã nhận): as it came, then with what was made of it. Append-only."""

    at = models.DateTimeField()
    provider = models.CharField(max_length=12, choices=Provider.choices)
    kind = models.CharField(max_length=12)
    reference = models.CharField(max_length=100, blank=True)
    external_id = models.CharField(max_length=100, blank=True)
    amount_vnd = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the message as it came")
    raw = models.TextField(blank=True, help_text="an authentic message as it came, before anything was decided")

    personal_data: ClassVar[dict[str, str]] = {"raw": _ACCOUNTING}

    class Meta:
        indexes = [
            models.Index(fields=["reference"], name="payments_message_reference"),
            models.Index(fields=["at"], name="payments_message_kept", condition=Q(verdict="received")),
            models.Index(fields=["digest"], name="payments_message_digest"),
        ]
