"""What a data source answered for one case: kept with the case and nowhere else."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tinhso.apps.cases.models._case import Case
from tinhso.kernel.models import Model

_KEPT = "with the case: five years at the unit that resolved it; with a discarded draft it goes at once"


class CaseLookup(Model):
    """Một lượt hỏi dữ liệu của hồ sơ và câu trả lời (evidence that the state has it)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="lookups")
    lookup = models.OneToOneField("exchange.Lookup", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=60, help_text="the question in the procedure's package")
    source = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=20)
    is_own = models.BooleanField()
    by_account_id = models.BigIntegerField()
    by_name = models.CharField(max_length=200)
    by_unit = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=500)
    reason = models.CharField(max_length=500, blank=True, help_text="why a yes or no was not enough")
    consented_at = models.DateTimeField(null=True)
    answer = models.JSONField(default=list)
    filled = ArrayField(models.CharField(max_length=80), default=list)
    asked_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {
        "subject_id": _KEPT,
        "answer": _KEPT,
        "by_name": _KEPT,
        "reason": _KEPT,
    }

    class Meta:
        indexes = [models.Index(fields=["case", "key", "-id"], name="case_lookup_key")]
        constraints = [
            # The applicant has said yes to each of his; an officer asks by right and says why.
            models.CheckConstraint(
                condition=Q(is_own=True, consented_at__isnull=False) | Q(is_own=False, consented_at__isnull=True),
                name="case_lookup_consent",
            )
        ]
