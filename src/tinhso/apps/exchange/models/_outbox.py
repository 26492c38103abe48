"""Messages that go out to other systems: written with what caused them, in order for each key, never lost."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.fields.related import ForeignKey

from tinhso.apps.exchange.enums import OutboxStatus
from tinhso.kernel.models import Model

_KEPT = "until ninety days after the other side acknowledged it, for resending; then only its digest stays"
OPEN = (OutboxStatus.WAITING, OutboxStatus.SENDING, OutboxStatus.DEAD)


class OutboxMessage(Model):
    """Thông điệp gửi đi. Of one key (a case) only the oldest open one may be sent: a dead one stops its own key."""

    position = models.BigAutoField(primary_key=True)
    destination = models.CharField(max_length=60, help_text="which system it goes to")
    key = models.CharField(max_length=120, help_text="what is kept in order: the code of a case")
    kind = models.CharField(max_length=60, help_text="the other system's service")
    once = models.CharField(max_length=200, help_text="names the cause: told twice, it is one message")
    subject = models.CharField(max_length=100, help_text="stream of what it is about: case:17")
    unit = ForeignKey("directory.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    summary = models.CharField(max_length=300, help_text="what it says, in words for a clerk")
    body = models.JSONField(null=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body as canonical JSON")
    status = models.CharField(max_length=12, choices=OutboxStatus.choices, default=OutboxStatus.WAITING)
    caused_at = models.DateTimeField(help_text="when that which it tells of happened")
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="not before")
    attempts = models.PositiveIntegerField(default=0, help_text="also the fencing token of the try under way")
    refusals = models.PositiveIntegerField(default=0, help_text="how often the other side found fault with it")
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)
    failing_since = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)
    settled_by = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {"body": _KEPT, "settled_by": _KEPT}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["destination", "once"], name="exchange_outbox_once"),
            models.CheckConstraint(
                condition=~Q(status__in=OPEN) | Q(body__isnull=False), name="exchange_outbox_open_has_body"
            ),
            models.CheckConstraint(
                condition=~Q(status=OutboxStatus.SKIPPED) | ~Q(reason=""), name="exchange_outbox_skipped_has_reason"
            ),
        ]
        indexes = [
            # The head of a key, and whether anything open stands before a message.
            models.Index(
                fields=["destination", "key", "position"], name="exchange_outbox_open_key",
                condition=Q(status__in=OPEN),
            ),
            models.Index(
                fields=["destination", "due_at", "position"], name="exchange_outbox_due",
                condition=Q(status__in=[OutboxStatus.WAITING, OutboxStatus.SENDING]),
            ),
            models.Index(fields=["subject", "position"], name="exchange_outbox_subject"),
            models.Index(fields=["-position"], name="exchange_outbox_dead", condition=Q(status=OutboxStatus.DEAD)),
        ]  # fmt: skip
