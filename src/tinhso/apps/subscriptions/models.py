"""The feed that other systems follow, and who follows it how far."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from tinhso.apps.subscriptions.enums import Sink, SubscriptionStatus
from tinhso.kernel.models import Model


class FeedEvent(Model):
    """Sự kiện công bố: a row of the log as other systems may see it, at its place in the one order. Never changes."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    type = models.CharField(max_length=80)
    at = models.DateTimeField()
    subject = models.CharField(max_length=100)
    procedure = models.CharField(max_length=40, blank=True)
    unit_ids = ArrayField(models.BigIntegerField(), help_text="in one of these a reader needs a right; none: anybody's")
    data = models.JSONField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [
            models.Index(fields=["type", "position"], name="subscriptions_feed_type"),
            models.Index(fields=["subject", "position"], name="subscriptions_feed_subject"),
            GinIndex(fields=["unit_ids"], name="subscriptions_feed_units"),
        ]


class FeedMark(Model):
    """Đã công bố đến niêm phong nào: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    seal_number = models.PositiveBigIntegerField(default=0)
    position = models.BigIntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="subscriptions_one_mark")]


class Subscription(Model):
    """Đăng ký nhận sự kiện của một hệ thống: what it wants, how far it has got, how it fares."""

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    sink = models.CharField(max_length=12, choices=Sink.choices, default=Sink.WEBHOOK)
    url = models.CharField(max_length=500)
    types = ArrayField(models.CharField(max_length=80), default=list, help_text="none: all")
    procedures = ArrayField(models.CharField(max_length=40), default=list, help_text="none: all")
    unit_ids = ArrayField(models.BigIntegerField(), default=list, help_text="with all under them; none: all")
    status = models.CharField(max_length=8, choices=SubscriptionStatus.choices, default=SubscriptionStatus.ACTIVE)
    pause_reason = models.CharField(max_length=300, blank=True)
    position = models.BigIntegerField(help_text="everything up to here has been taken or was not for it")
    delivered = models.PositiveBigIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    failing_since = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    latest_error = models.CharField(max_length=300, blank=True)
    lease_until = models.DateTimeField(null=True, help_text="somebody is sending until then")
    created_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="subscriptions_due")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=SubscriptionStatus.PAUSED) | ~Q(pause_reason=""), name="subscriptions_paused_why"
            ),
            models.CheckConstraint(condition=Q(position__gte=0), name="subscriptions_position"),
        ]
