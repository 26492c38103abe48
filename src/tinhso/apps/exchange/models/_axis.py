"""The directory of the axis of documents as this installation has seen it: what changes ends, nothing is overwritten."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.kernel.models import Model


class AxisAgency(Model):
    """Cơ quan trên trục liên thông văn bản, trong một khoảng thời gian: one row as long as nothing of it changes."""

    code = models.TextField(help_text="identification code (QĐ 20/2020)")
    name = models.TextField()
    old_code = models.TextField(blank=True, help_text="the code of before QĐ 20/2020, if it had one")
    parent_code = models.TextField(blank=True)
    mail = models.TextField(blank=True, help_text="the agency's own address, not a person's")
    folded = models.TextField(help_text="code and name as they are searched")
    valid_from = models.DateTimeField(help_text="when we first saw it so")
    valid_to = models.DateTimeField(null=True, help_text="when we first saw it otherwise, or gone")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to__isnull=True), name="exchange_axis_agency_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="exchange_axis_agency_period",
            ),
        ]
        indexes = [
            models.Index(fields=["code", "valid_from"], name="exchange_axis_agency_code"),
            models.Index(fields=["old_code"], name="exchange_axis_agency_old", condition=~Q(old_code="")),
        ]


class AxisMark(Model):
    """Đã đồng bộ danh bạ của trục đến phiên bản nào; one row."""

    version = models.BigIntegerField(default=0)
    synchronised_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)
    failing_since = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}
