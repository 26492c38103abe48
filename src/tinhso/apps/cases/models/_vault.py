"""What a case hears when a document it uses is replaced or revoked."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.cases.enums import SourceSettlement
from tinhso.apps.cases.models._case import Case, CaseDocument
from tinhso.kernel.models import Model

_KEPT = "five years at the unit that resolved the case, then by the archive's list (Archives Law 33/2024/QH15)"


class SourceAlert(Model):
    """A component whose document no longer holds (thành phần dùng giấy tờ đã bị thay thế, thu hồi), until somebody says
    what follows: the mended document takes its place, or it still applies."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="source_alerts")
    document = models.ForeignKey(CaseDocument, on_delete=models.CASCADE, related_name="alerts")
    ended = models.ForeignKey("vault.Document", on_delete=models.PROTECT, related_name="+")
    replacement = models.ForeignKey("vault.Document", on_delete=models.PROTECT, related_name="+", null=True)
    how = models.CharField(max_length=12)
    reason = models.TextField(blank=True)
    raised_at = models.DateTimeField()
    settlement = models.CharField(max_length=12, choices=SourceSettlement.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {"settled_by": _KEPT, "note": _KEPT, "reason": _KEPT}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "ended"], name="case_source_told_once"),
            models.CheckConstraint(
                condition=Q(settlement="") ^ Q(settled_at__isnull=False), name="case_source_settled_has_its_time"
            ),
        ]
        indexes = [
            models.Index(fields=["case"], name="case_source_open", condition=Q(settled_at__isnull=True)),
        ]
