"""Files that are kept, and the books that give papers their numbers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.documents.enums import BookEntryStatus
from tinhso.kernel.models import Model


class StoredFile(Model):
    """A file as it was handed in or made (tệp). The content lies on disk under its digest; a row is never changed."""

    sha256 = models.CharField(max_length=64, db_index=True)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200)
    stored_at = models.DateTimeField()
    stored_by_id = models.BigIntegerField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "name": "as long as the case it belongs to; people name files after themselves",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="documents_file_not_empty"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="documents_file_digest"),
        ]


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
        indexes = [models.Index(fields=["subject"], name="documents_entry_subject")]
