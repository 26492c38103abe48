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
    key = models.CharField(max_length=60, blank=True, help_text="of the package's workflow; empty: the officer's own")
    question = models.TextField()
    basis = models.CharField(max_length=300, blank=True)
    limit = models.CharField(max_length=40, blank=True, help_text="what due_at was computed from")
    required = models.BooleanField(default=True, help_text="no result is proposed before the answer")
    silence = models.CharField(max_length=12, choices=SilenceRule.choices, default=SilenceRule.NONE)
    status = models.CharField(max_length=12, choices=ConsultationStatus.choices, default=ConsultationStatus.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True, help_text="when the asking unit was told that nobody had answered")
    opinion = models.CharField(max_length=12, choices=Opinion.choices, blank=True)
    answer = models.TextField(blank=True)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, help_text="why it was asked anew, or is no longer asked")
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="following", null=True, help_text="the answer this one redoes"
    )
    # Where the law lets the clock stand still while this answer is awaited; consultations under way share one pause.
    pause = models.ForeignKey("cases.Pause", on_delete=models.PROTECT, related_name="consultations", null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "question": _KEPT,
        "answer": _KEPT,
        "asked_by": _KEPT,
        "answered_by": _KEPT,
        "note": _KEPT,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "unit"], condition=Q(status="open"), name="case_one_open_consultation_per_unit"
            )
        ]
        indexes = [
            models.Index(fields=["unit", "due_at", "id"], name="case_consultation_open", condition=Q(status="open")),
            models.Index(fields=["due_at", "id"], name="case_consultation_due", condition=Q(status="open")),
        ]
