"""The counter without a line: computers, their series of numbers, and the slips that came in."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.reception.enums import SlipStatus
from tinhso.kernel.models import Model

_UNTIL_CASE = "until the slip has become a case, which then keeps it; of a cancelled slip five years as proof"


class DeviceSeries(Model):
    """How many computers have been given a series under one organisation code: the latest ordinal."""

    prefix = models.CharField(max_length=40, unique=True)
    latest = models.PositiveIntegerField()

    personal_data: ClassVar[dict[str, str]] = {}


class CounterDevice(Model):
    """A computer prepared for days without a line, with a series of numbers of its own (máy tiếp nhận ngoại tuyến)."""

    series = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    granted_to = models.PositiveIntegerField(default=0)
    registered_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=300, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}


class OfflineSlip(Model):
    """A provisional slip that has come in, or a number that never will (phiếu tiếp nhận tạm)."""

    device = models.ForeignKey(CounterDevice, on_delete=models.PROTECT, related_name="slips")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=80, unique=True)
    status = models.CharField(max_length=10, choices=SlipStatus.choices)
    digest = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField(null=True)
    taken_by_id = models.BigIntegerField(null=True)
    taken_by = models.CharField(max_length=200, blank=True)
    prepared_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField()
    procedure_code = models.CharField(max_length=40, blank=True)
    version_id = models.BigIntegerField(null=True, help_text="the version the computer had at hand")
    content = models.JSONField(default=list, help_text="names and values as they were typed, in order")
    conflicts = models.JSONField(default=list)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", null=True)
    settled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    personal_data: ClassVar[dict[str, str]] = {"content": _UNTIL_CASE, "note": _UNTIL_CASE}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "number"], name="reception_slip_number_once"),
            models.CheckConstraint(condition=Q(status__in=SlipStatus.values), name="reception_slip_status"),
            models.CheckConstraint(
                condition=~Q(status__in=[SlipStatus.CASE, SlipStatus.LINKED]) | Q(case__isnull=False),
                name="reception_slip_leads_to_its_case",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[SlipStatus.STORED, SlipStatus.CONFLICT]) ^ Q(settled_at__isnull=False),
                name="reception_slip_settled_when_done",
            ),
        ]
        indexes = [
            models.Index(fields=["synced_at"], condition=Q(settled_at__isnull=True), name="reception_slip_open"),
            models.Index(fields=["case"], name="reception_slip_case"),
        ]
