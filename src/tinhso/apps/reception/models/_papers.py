"""The paper file of a case: where it lies, and what goes and comes by post."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.reception.enums import ParcelDirection
from tinhso.kernel.models import Model

_KEPT = "with the case, five years after its end"


class PaperMove(Model):
    """The paper file of a case came to somebody (luân chuyển hồ sơ giấy). The latest row says where it is."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    holder_id = models.BigIntegerField()
    place = models.CharField(max_length=120, blank=True)
    moved_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [models.Index(fields=["case", "-moved_at"], name="reception_paper_of_case")]


class Parcel(Model):
    """A letter or parcel of a case (bưu gửi)."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=3, choices=ParcelDirection.choices)
    carrier = models.CharField(max_length=80)
    tracking_code = models.CharField(max_length=60)
    contents = models.CharField(max_length=300)
    recipient = models.CharField(max_length=400, blank=True, help_text="name and address of who is to get it")
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"recipient": _KEPT}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["carrier", "tracking_code"], name="reception_parcel_once"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False) | Q(received_at__isnull=False),
                name="reception_parcel_sent_or_received",
            ),
        ]
        indexes = [models.Index(fields=["case"], name="reception_parcel_of_case")]
