"""Linked procedures: one application, several legs with agencies, clocks and results of their own (liên thông)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.cases.enums import LegStatus
from tinhso.apps.cases.models._case import _KEPT, Case
from tinhso.kernel.models import Model


class Leg(Model):
    """One leg of a linked case: a case of ours (`child`), or one that a ministry's system runs (`system`)."""

    parent = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="legs")
    key = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=300)
    procedure_code = models.CharField(max_length=40)
    agency = models.CharField(max_length=300)
    after = models.JSONField(default=list, help_text="keys of the legs whose results this one waits for")
    status = models.CharField(max_length=12, choices=LegStatus.choices, default=LegStatus.WAITING)
    child = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="leg_of", null=True)
    system = models.CharField(
        max_length=60, blank=True, help_text="the ministry's system that runs this leg; empty: ours"
    )
    external_code = models.CharField(max_length=60, blank=True)
    national_status = models.PositiveSmallIntegerField(null=True)
    time_limit = models.CharField(max_length=40)
    started_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True, help_text="the latest word of the ministry's system")
    result_name = models.CharField(max_length=300, blank=True)
    result_number = models.CharField(max_length=100, blank=True)
    result_file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    result_fields = models.JSONField(default=dict, help_text="what the result says beside its number, for later legs")
    note = models.TextField(blank=True)
    alerted_at = models.DateTimeField(null=True, help_text="when it was recorded that nobody had taken the leg in time")

    personal_data: ClassVar[dict[str, str]] = {"note": _KEPT, "result_number": _KEPT, "result_fields": _KEPT}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "key"], name="case_leg_key"),
            models.UniqueConstraint(
                fields=["system", "external_code"], condition=~Q(external_code=""), name="case_leg_external_code"
            ),
        ]
        indexes = [
            models.Index(fields=["system", "status", "id"], name="case_leg_monitored", condition=~Q(system="")),
        ]
