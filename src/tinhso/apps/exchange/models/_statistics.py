"""What is counted from the log, the alarms it raises, and what contract checks have found."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.fields.related import ForeignKey

from tinhso.apps.exchange.enums import AlarmKind, Grain
from tinhso.apps.exchange.models._registry import Service
from tinhso.kernel.models import Model


class Traffic(Model):
    """Lưu lượng của một dịch vụ trong một khoảng thời gian; `client` empty: of all clients together.

    Counted from the log by a job, so that no page ever counts lines.
    """

    grain = models.CharField(max_length=4, choices=Grain.choices)
    start = models.DateTimeField()
    service = models.CharField(max_length=600)
    client = models.CharField(max_length=500, blank=True)
    calls = models.BigIntegerField()
    errors = models.BigIntegerField(help_text="calls that the exchange itself could not carry through")
    refused = models.BigIntegerField(help_text="answers of the provider with status 500 and above")
    histogram = ArrayField(models.BigIntegerField(), help_text="durations, by the bounds of lib.histogram")
    error_types = models.JSONField(default=dict)
    bytes_in = models.BigIntegerField()
    bytes_out = models.BigIntegerField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grain", "client", "service", "start"], name="exchange_traffic_once")
        ]
        indexes = [
            models.Index(fields=["grain", "client", "start"], name="exchange_traffic_when"),
            models.Index(fields=["grain", "service", "start"], name="exchange_traffic_of"),
        ]


class TrafficMark(Model):
    """Đã đếm đến dòng nhật ký nào; one row."""

    last_id = models.BigIntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {}


class Alarm(Model):
    """Cảnh báo vận hành: one open at a time for one thing; it closes by itself when the thing is well again."""

    kind = models.CharField(max_length=12, choices=AlarmKind.choices)
    subject = models.CharField(max_length=600)
    words = models.CharField(max_length=400)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    acknowledged_by_name = models.CharField(max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"acknowledged_by_name": "two years: who looked after it"}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(closed_at__isnull=True), name="exchange_alarm_once"
            )
        ]


class ContractCheck(Model):
    """Kết quả đối chiếu trả lời của bên cung cấp với mô tả OpenAPI; places and kinds only, never a value of an answer."""

    service = ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()
    origin = models.CharField(max_length=10)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField(null=True)
    differences = models.JSONField(default=list)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [models.Index(fields=["service", "-checked_at"], name="exchange_contract_of")]
