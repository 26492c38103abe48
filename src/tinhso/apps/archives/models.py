"""Submission lists, archival files with their packages, and their use."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.archives.enums import AccessMode, FileStatus, ListStatus, Maintenance
from tinhso.kernel.models import Model

_FOR_EVER = "for ever: who submitted, approved and took over is part of the archive's record"


class SubmissionList(Model):
    """A list of closed cases a unit submits to the archive (danh mục hồ sơ nộp lưu)."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=ListStatus.choices, default=ListStatus.DRAFT)
    closed_before = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True, help_text="empty: the round of the month drew it up")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    submitted_by_id = models.BigIntegerField(null=True)
    submitted_at = models.DateTimeField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    accepted_by_id = models.BigIntegerField(null=True)
    accepted_by = models.CharField(max_length=200, blank=True)
    accepted_at = models.DateTimeField(null=True)
    receipt_entry = models.ForeignKey("documents.BookEntry", on_delete=models.PROTECT, related_name="+", null=True)
    receipt_number = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "created_by": _FOR_EVER,
        "approved_by": _FOR_EVER,
        "accepted_by": _FOR_EVER,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ListStatus.values), name="archives_list_status"),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(status=ListStatus.DRAFT), name="archives_one_draft_a_unit"
            ),
            # Who draws the list up neither approves it nor takes it over.
            models.CheckConstraint(
                condition=Q(approved_by_id__isnull=True) | ~Q(approved_by_id=models.F("submitted_by_id")),
                name="archives_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(status=ListStatus.ACCEPTED) | (Q(accepted_at__isnull=False) & ~Q(receipt_number="")),
                name="archives_accepted_with_receipt",
            ),
        ]
        indexes = [models.Index(fields=["unit", "-id"], name="archives_list_of_unit")]


class ArchivalFile(Model):
    """A closed case on its way to, or in, the archive (hồ sơ lưu trữ). A case is archived once."""

    listing = models.ForeignKey(SubmissionList, on_delete=models.CASCADE, related_name="files")
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    uuid = models.UUIDField(unique=True)
    file_code = models.CharField(max_length=60)
    title = models.CharField(max_length=900)
    maintenance = models.CharField(max_length=2, choices=Maintenance.choices)
    keep_until = models.DateField(null=True, help_text="empty: for ever")
    mode = models.CharField(max_length=2, choices=AccessMode.choices)
    retention_basis = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=FileStatus.choices, default=FileStatus.LISTED)
    problem = models.TextField(blank=True)
    sip = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    aip = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    documents = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    data_bytes = models.PositiveBigIntegerField(default=0)
    signatures = models.JSONField(default=dict, help_text="signed papers by level and outcome of the check")
    packed_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"title": "as long as the archived file is kept; it names the applicant"}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(maintenance__in=Maintenance.values), name="archives_retention_is_said"),
            models.CheckConstraint(condition=Q(status__in=FileStatus.values), name="archives_file_status"),
            models.CheckConstraint(
                condition=~Q(status__in=["packed", "accepted", "kept"]) | Q(sip__isnull=False),
                name="archives_packed_has_package",
            ),
            models.CheckConstraint(
                condition=~Q(status="kept") | Q(aip__isnull=False), name="archives_kept_has_package"
            ),
        ]
        indexes = [models.Index(fields=["listing", "status"], name="archives_file_progress")]


class Dissemination(Model):
    """A package made for use of an archived file (gói khai thác): who, for what."""

    archival_file = models.ForeignKey(ArchivalFile, on_delete=models.PROTECT, related_name="uses")
    uuid = models.UUIDField(unique=True)
    purpose = models.CharField(max_length=500)
    recipient = models.CharField(max_length=200)
    requested_by_id = models.BigIntegerField()
    requested_by = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "recipient": "as long as the archived file is kept: who has used it",
        "requested_by": "as long as the archived file is kept: who has used it",
    }
