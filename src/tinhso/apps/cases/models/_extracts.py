"""Certified extracts of the book of results, and duplicates of lost papers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.cases.enums import ExtractKind, ExtractStatus
from tinhso.apps.cases.models._case import _KEPT, Paper, Result
from tinhso.kernel.models import Model


class Extract(Model):
    """A request for a certified extract or a duplicate of a result, and what became of it (trích lục, cấp lại)."""

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="extracts")
    kind = models.CharField(max_length=12, choices=ExtractKind.choices)
    status = models.CharField(max_length=10, choices=ExtractStatus.choices, default=ExtractStatus.REQUESTED)
    recipient = models.CharField(max_length=200)
    purpose = models.CharField(max_length=500)
    requested_by_id = models.BigIntegerField(null=True)
    requested_by = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    refusal = models.TextField(blank=True)
    signer_title = models.CharField(max_length=200, blank=True)
    paper = models.OneToOneField(Paper, on_delete=models.PROTECT, related_name="extract", null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "recipient": _KEPT,
        "purpose": _KEPT,
        "requested_by": _KEPT,
        "decided_by": _KEPT,
        "refusal": _KEPT,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["result", "kind"], condition=Q(status="requested"), name="case_one_open_extract"
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(paper__isnull=False), name="case_extract_has_paper"
            ),
        ]
