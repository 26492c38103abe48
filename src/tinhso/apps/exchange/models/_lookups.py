"""Who asked a source about whom, and how it ended. What was answered is not here: it lies with the case alone."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tinhso.apps.exchange.enums import Outcome, SubjectOf
from tinhso.kernel.models import Model

_KEPT_AS_LOG = "ten years: whom it concerns sees who asked for his data (Archives Law 33/2024/QH15)"


class Lookup(Model):
    """Một lượt hỏi dữ liệu qua nền tảng chia sẻ: made before the question leaves, ended by its answer or failure."""

    entry_id = models.BigIntegerField(unique=True, help_text="its row among the readings of personal data")
    message_id = models.CharField(max_length=60, unique=True, help_text="X-Road-Id")
    source = models.CharField(max_length=40)
    source_name = models.CharField(max_length=200)
    holder = models.CharField(max_length=200)
    service = models.CharField(max_length=600)
    about = models.CharField(max_length=12, choices=SubjectOf.choices)
    subject_id = models.CharField(max_length=20, help_text="personal id or tax code of whom it is about")
    fields = ArrayField(models.CharField(max_length=120), default=list)
    purpose = models.CharField(max_length=500)
    basis = models.CharField(max_length=200)
    issue = models.CharField(max_length=200, help_text="the case it was asked for")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.ASKED)
    error = models.CharField(max_length=120, blank=True)
    request_id = models.CharField(max_length=60, blank=True)
    request_hash = models.CharField(max_length=100, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"subject_id": _KEPT_AS_LOG}

    class Meta:
        indexes = [
            models.Index(fields=["about", "subject_id", "-entry_id"], name="exchange_lookup_subject"),
            models.Index(fields=["asked_at"], name="exchange_lookup_open", condition=Q(outcome=Outcome.ASKED)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ASKED, answered_at__isnull=True)
                | (~Q(outcome=Outcome.ASKED) & Q(answered_at__isnull=False)),
                name="exchange_lookup_answered",
            )
        ]
