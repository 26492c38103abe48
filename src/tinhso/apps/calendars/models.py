"""Published calendars. A version is never changed: a correction is the next version."""

from typing import ClassVar

from django.db import models

from tinhso.kernel.models import Model


class CalendarVersion(Model):
    """Phiên bản lịch làm việc: the whole calendar as one JSON document (shape: `content/_document.py`)."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical document")
    title = models.CharField(max_length=200)
    document = models.JSONField()
    published_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="calendars_version_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="calendars_version_number_from_one"),
        ]
