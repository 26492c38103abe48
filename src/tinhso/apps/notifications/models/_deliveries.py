"""Messages on their way, one row a notice and channel, and what was sent a day."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.notifications.enums import Channel, DeliveryState
from tinhso.kernel.models import Model

WAITING = (DeliveryState.QUEUED, DeliveryState.SENDING)


class Delivery(Model):
    """Lượt gửi: one notice to one person by one channel, exactly one row. `key` is what the provider knows it by.

    A row that is being sent carries a lease in `next_at`: a process that dies leaves it to be claimed again.
    """

    notice = models.ForeignKey("notifications.Notice", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    contact = models.ForeignKey("notifications.Contact", on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    lane = models.PositiveSmallIntegerField(default=1, help_text="0: urgent, sent before all others")
    payer = models.BigIntegerField(default=0, help_text="the unit that tells, 0: the province; units take turns")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    provider = models.CharField(max_length=20, blank=True)
    provider_id = models.CharField(max_length=100, blank=True)
    cost_vnd = models.PositiveIntegerField(default=0)
    segments = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    counted_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"contact": "one year with the notice: that it was sent may be asked for"}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"], condition=~Q(channel=Channel.PUSH), name="delivery_once_a_channel"
            ),
            models.UniqueConstraint(fields=["notice", "channel", "contact"], name="delivery_once_an_address"),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state__in=WAITING), name="delivery_due"),
            models.Index(
                fields=["lane", "payer", "next_at", "id"], condition=Q(state__in=WAITING), name="delivery_turns"
            ),
            models.Index(fields=["contact", "-sent_at"], name="delivery_of_contact"),
            models.Index(fields=["provider", "provider_id"], condition=~Q(provider_id=""), name="delivery_by_provider"),
            models.Index(fields=["-id"], condition=Q(state=DeliveryState.FAILED), name="delivery_dead"),
            models.Index(fields=["created_at"], name="delivery_by_day"),
        ]


class QuotaUse(Model):
    """Đã gửi trong ngày: how many a scope (`unit:12`, `province`) has sent by a channel on a day; the row is the lock."""

    scope = models.CharField(max_length=24)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    day = models.DateField()
    used = models.PositiveIntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "channel", "day"], name="quota_once_a_day")]
