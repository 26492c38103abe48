"""Files that are kept, and the books that give papers their numbers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.documents.enums import BookEntryStatus, DisposalStatus, PreviewState, ScanState, UploadStatus
from tinhso.kernel.models import Model


class SealedBlob(Model):
    """A sealed content in a store, and the key that opens it, itself sealed with a key of the key folder.

    An empty `key_id` with a blob means content from before files were sealed; an empty blob means it is gone for good.
    """

    store = models.CharField(max_length=10, default="disk")
    blob = models.CharField(max_length=200, blank=True)
    wrapped_key = models.BinaryField(null=True)
    key_id = models.CharField(max_length=20, blank=True, db_index=True)
    size = models.PositiveBigIntegerField()

    class Meta:
        abstract = True

    @property
    def binding(self) -> str:
        """What the sealed key is bound to, so that no row opens with the key of another."""
        raise NotImplementedError


class Content(SealedBlob):
    """The content of files (nội dung tệp): kept once however many files have it. Its bytes never change."""

    sha256 = models.CharField(max_length=64, unique=True)
    scan = models.CharField(max_length=12, choices=ScanState.choices)
    finding = models.CharField(max_length=200, blank=True)
    scanned_at = models.DateTimeField(null=True)
    notes = models.JSONField(default=list)
    pages = models.PositiveIntegerField(null=True)
    preview = models.CharField(max_length=10, choices=PreviewState.choices, default=PreviewState.NONE)
    shredded_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "blob": "the papers people hand in, sealed; as long as the retention period of the files that have this content",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="documents_content_not_empty"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="documents_content_digest"),
            models.CheckConstraint(condition=Q(scan__in=ScanState.values), name="documents_content_scan"),
            models.CheckConstraint(condition=Q(preview__in=PreviewState.values), name="documents_content_preview"),
            models.CheckConstraint(
                condition=Q(shredded_at__isnull=True) | Q(wrapped_key__isnull=True, key_id=""),
                name="documents_shredded_has_no_key",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(shredded_at__isnull=False) & ~Q(blob=""), name="documents_to_clear")
        ]

    @property
    def binding(self) -> str:
        return f"content:{self.sha256}"


class Preview(SealedBlob):
    """The likeness of one page of a content (bản xem trước một trang); made anew whenever it is missing."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="previews")
    page = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    personal_data: ClassVar[dict[str, str]] = {"blob": "goes with the content it shows"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content", "page"], name="documents_one_preview_a_page")]

    @property
    def binding(self) -> str:
        return f"preview:{self.content_id}:{self.page}"


class StoredFile(Model):
    """A file as it was handed in or made (tệp): a name for a content, and how long it has to be kept."""

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="files")
    sha256 = models.CharField(max_length=64, db_index=True)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200)
    stored_at = models.DateTimeField()
    stored_by_id = models.BigIntegerField(null=True)
    retention = models.CharField(max_length=40, blank=True, help_text="key of content/retention/files.yaml")
    retain_from = models.DateField(null=True, help_text="civil date on which the retention period began")
    unit_id = models.BigIntegerField(null=True, help_text="unit whose records it belongs to")
    disposed_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "name": "as long as the case it belongs to; people name files after themselves; cleared on disposal",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="documents_file_not_empty"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="documents_file_digest"),
            models.CheckConstraint(
                condition=Q(retention="") ^ Q(retain_from__isnull=False), name="documents_retention_has_a_start"
            ),
        ]
        indexes = [
            models.Index(
                fields=["retention", "retain_from"],
                condition=Q(disposed_at__isnull=True, retain_from__isnull=False),
                name="documents_file_retained",
            ),
        ]


class Upload(Model):
    """A file that arrives in portions (tệp đang tải lên): a cut line costs only the portion that was on its way."""

    token = models.CharField(max_length=43, unique=True)
    account_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    length = models.PositiveBigIntegerField()
    status = models.CharField(max_length=10, choices=UploadStatus.choices, default=UploadStatus.OPEN)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True)

    personal_data: ClassVar[dict[str, str]] = {"name": "until the upload is used or expires, a day at most"}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=UploadStatus.values), name="documents_upload_status"),
            models.CheckConstraint(
                condition=Q(status=UploadStatus.COMPLETE) ^ Q(file__isnull=True),
                name="documents_upload_complete_has_file",
            ),
        ]
        indexes = [
            models.Index(fields=["account_id"], condition=Q(status=UploadStatus.OPEN), name="documents_upload_open"),
            models.Index(fields=["expires_at"], name="documents_upload_expiry"),
        ]


class UploadPart(SealedBlob):
    """One portion of an upload (phần đã tải lên)."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    start = models.PositiveBigIntegerField()

    personal_data: ClassVar[dict[str, str]] = {"blob": "until the upload is complete or expires, a day at most"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="documents_one_part_a_place")]

    @property
    def binding(self) -> str:
        return f"part:{self.upload_id}:{self.start}"


class DisposalList(Model):
    """A list of files whose retention period is over (danh mục tài liệu hết thời hạn lưu giữ), for approval by another."""

    unit_id = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=DisposalStatus.choices, default=DisposalStatus.PROPOSED)
    until = models.DateField()
    proposed_by_id = models.BigIntegerField()
    proposed_by_name = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "proposed_by_name": "for ever: who proposed and who approved a disposal is part of its record",
        "decided_by_name": "for ever, likewise",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DisposalStatus.values), name="documents_disposal_status"),
            models.CheckConstraint(
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=models.F("proposed_by_id")),
                name="documents_disposal_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(status=DisposalStatus.PROPOSED) ^ Q(decided_by_id__isnull=False),
                name="documents_disposal_decided",
            ),
            models.UniqueConstraint(
                fields=["unit_id"], condition=Q(status=DisposalStatus.PROPOSED), name="documents_one_proposal_a_unit"
            ),
        ]


class DisposalItem(Model):
    """One file of a disposal list (tài liệu trong danh mục)."""

    listing = models.ForeignKey(DisposalList, on_delete=models.CASCADE, related_name="items")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="disposals")
    retention = models.CharField(max_length=40)
    basis = models.CharField(max_length=300)
    over_on = models.DateField(help_text="first civil date after the retention period")
    is_left_out = models.BooleanField(default=False, help_text="kept all the same, by the one who decided")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listing", "file"], name="documents_file_once_a_list")]


class NumberBook(Model):
    """The book of one unit, kind and year (sổ văn bản): its latest number. Numbers start at 1 each year."""

    unit_id = models.BigIntegerField()
    book = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    latest = models.PositiveIntegerField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit_id", "book", "year"], name="documents_one_book_a_year")]


class BookEntry(Model):
    """One number of a book and the paper it went to (số văn bản). A failed paper keeps its number as cancelled."""

    book = models.ForeignKey(NumberBook, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=BookEntryStatus.choices)
    subject = models.CharField(max_length=100, help_text="stream of what the paper belongs to, such as case:17")
    reserved_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "number"], name="documents_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="documents_number_positive"),
            models.CheckConstraint(condition=Q(status__in=BookEntryStatus.values), name="documents_entry_status"),
            models.CheckConstraint(
                condition=Q(status=BookEntryStatus.RESERVED) ^ Q(settled_at__isnull=False),
                name="documents_entry_settled_when_not_reserved",
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="documents_entry_subject"),
            # Cancelled numbers, of a book and of all: one in hundreds, told on every page of a register.
            models.Index(
                fields=["book", "settled_at", "id"],
                name="documents_cancelled_of_book",
                condition=Q(status=BookEntryStatus.CANCELLED),
            ),
            models.Index(
                fields=["settled_at", "id"], name="documents_cancelled", condition=Q(status=BookEntryStatus.CANCELLED)
            ),
        ]
