"""Results approved together with one consent (lượt ký duyệt)."""

import uuid
from typing import ClassVar

from django.db import models

from tinhso.apps.cases.models._case import Result
from tinhso.kernel.models import Model


class SigningBatch(Model):
    """What a leader consented to sign at once; a job works through it and says what became of each."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    consented_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}


class SigningBatchLine(Model):
    """One case of a batch: untouched, approved (then `result`), or refused with the reason."""

    batch = models.ForeignKey(SigningBatch, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    case_code = models.CharField(max_length=40)
    step = models.CharField(max_length=60)
    done_at = models.DateTimeField(null=True)
    result = models.ForeignKey(Result, null=True, on_delete=models.PROTECT, related_name="+")
    refusal = models.CharField(max_length=300, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["batch", "case_code"], name="cases_batch_once_a_case")]
