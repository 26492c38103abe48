"""Opinions asked of other units while a case is appraised."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.cases.enums import ConsultationStatus, Opinion, SilenceRule
from tinhso.apps.cases.models._case import _KEPT, Case
from tinhso.kernel.models import Model


class Consultation(Model):
    """One question to one unit, with its own deadline and what silence means (lấy ý kiến)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="consultations")
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    step_key = models.CharField(max_length=60)
    question = models.TextField()
    basis = models.CharField(max_length=300, blank=True)
    silence = models.CharField(max_length=12, choices=SilenceRule.choices, default=SilenceRule.NONE)
    status = models.CharField(max_length=12, choices=ConsultationStatus.choices, default=ConsultationStatus.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    opinion = models.CharField(max_length=12, choices=Opinion.choices, blank=True)
    answer = models.TextField(blank=True)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="following", null=True, help_text="the answer this one redoes"
    )

    personal_data: ClassVar[dict[str, str]] = {
        "question": _KEPT,
        "answer": _KEPT,
        "asked_by": _KEPT,
        "answered_by": _KEPT,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "unit"], condition=Q(status="open"), name="case_one_open_consultation_per_unit"
            )
        ]
        indexes = [
            models.Index(fields=["unit", "due_at", "id"], name="case_consultation_open", condition=Q(status="open"))
        ]
