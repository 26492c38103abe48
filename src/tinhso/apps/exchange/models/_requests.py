"""Requests for access and windows of maintenance: what units and operators do with the registry."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.related import ForeignKey

from tinhso.apps.exchange.enums import RequestKind, RequestStatus
from tinhso.apps.exchange.models._registry import AccessRight, Service, Subsystem
from tinhso.kernel.models import Model

_KEPT = "ten years: who asked for data and who allowed it (Archives Law 33/2024/QH15)"


class AccessRequest(Model):
    """Đề nghị khai thác dữ liệu: a unit asks for a right, somebody else approves or refuses it with a reason."""

    client = ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="+")
    service = ForeignKey(Service, on_delete=models.PROTECT, related_name="requests")
    unit = ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=RequestKind.choices)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    purpose = models.CharField(max_length=300)
    document = models.CharField(max_length=120)
    article = models.CharField(max_length=120, blank=True)
    volume_per_day = models.PositiveIntegerField()
    safeguards = models.CharField(max_length=1_000, blank=True, help_text="how people stay unknown (special requests)")
    valid_from = models.DateField()
    valid_to = models.DateField()
    renews = ForeignKey(AccessRight, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=RequestStatus.choices)
    asked_by = models.BigIntegerField(help_text="account of the officer who asked")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    right = ForeignKey(AccessRight, on_delete=models.PROTECT, null=True, related_name="+")

    personal_data: ClassVar[dict[str, str]] = {
        "asked_by": _KEPT,
        "asked_by_name": _KEPT,
        "decided_by": _KEPT,
        "decided_by_name": _KEPT,
    }

    class Meta:
        indexes = [models.Index(fields=["status", "due_at"], name="exchange_request_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "service", "method", "path"], condition=Q(status="submitted"),
                name="exchange_request_once",
            ),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="exchange_request_period"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")) | Q(status="withdrawn"),
                name="exchange_request_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(right__isnull=False), name="exchange_request_granted"
            ),
            models.CheckConstraint(condition=~Q(status="refused") | ~Q(reason=""), name="exchange_request_refused"),
        ]  # fmt: skip


class Maintenance(Model):
    """Thời gian bảo trì của một dịch vụ, announced beforehand: the gateway answers for it, alarms stay silent."""

    service = ForeignKey(Service, on_delete=models.PROTECT, related_name="maintenance")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    announced_by_name = models.CharField(max_length=200)
    announced_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"announced_by_name": "two years: who announced it"}

    class Meta:
        indexes = [models.Index(fields=["service", "ends_at"], name="exchange_maintenance_ends")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="exchange_maintenance_period")
        ]
