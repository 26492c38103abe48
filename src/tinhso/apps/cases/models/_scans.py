"""Papers digitised at the counter: from the scanner to the case."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from tinhso.apps.cases.enums import ScanPurpose, ScanStatus
from tinhso.apps.cases.models._case import _KEPT, Case, CaseDocument
from tinhso.kernel.models import Model


class Scan(Model):
    """One paper on its way from the scanner into the case (lượt số hóa). A discarded one stays as a trace."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="scans")
    key = models.CharField(max_length=80, help_text="of the component")
    name = models.CharField(max_length=1000)
    purpose = models.CharField(max_length=10, choices=ScanPurpose.choices)
    status = models.CharField(max_length=10, choices=ScanStatus.choices, default=ScanStatus.TAKEN)
    declared_pages = models.PositiveIntegerField(null=True)
    # A page each: file, page of that file, figures of the measurement, problems in words.
    report = models.JSONField(default=list)
    problems = models.JSONField(default=list, help_text="of the whole: pages missing, a file that cannot be read")
    taken_at = models.DateTimeField()
    by_id = models.BigIntegerField()
    by_name = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True, help_text="why it was taken as it is, problems and all")
    code = models.CharField(max_length=60, unique=True, null=True)  # noqa: DJ001 - unique among those that have one
    metadata = models.JSONField(default=dict)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    document = models.OneToOneField(CaseDocument, on_delete=models.SET_NULL, related_name="scan", null=True)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True, help_text="recognised letters, for search only")
    text_vector = SearchVectorField(null=True)
    recognised_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "by_name": _KEPT,
        "note": _KEPT,
        "text": "goes with the scan it was read from; for search by officers who see the case",
        "metadata": _KEPT,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ScanStatus.values), name="case_scan_status"),
            models.CheckConstraint(condition=Q(purpose__in=ScanPurpose.values), name="case_scan_purpose"),
            models.CheckConstraint(
                condition=~Q(status=ScanStatus.DONE, purpose=ScanPurpose.COMPONENT)
                | Q(code__isnull=False, file__isnull=False),
                name="case_scan_done_has_file",
            ),
            # Two scans of one component at a time would be two versions of one paper.
            models.UniqueConstraint(
                fields=["case", "key"],
                condition=Q(status__in=["taken", "checked", "confirmed"]),
                name="case_scan_open_once",
            ),
        ]
        indexes = [GinIndex(fields=["text_vector"], name="case_scan_text")]


class ScanSource(Model):
    """A file as the scanner or the camera gave it (tệp quét gốc), in order; it is kept beside what is made of it."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField()
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scan", "position"], name="case_scan_source_place")]
