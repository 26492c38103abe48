"""Vocabularies of documents."""

from django.db import models


class BookEntryStatus(models.TextChoices):
    """What became of a number in the book (tình trạng số văn bản)."""

    RESERVED = "reserved", "Đã lấy số"
    ISSUED = "issued", "Đã ban hành"
    CANCELLED = "cancelled", "Đã hủy"


class SignedBy(models.TextChoices):
    """Whose digital signature a letter carries (người ký)."""

    OFFICER = "officer", "Người tiếp nhận"
    AGENCY = "agency", "Người có thẩm quyền và cơ quan"
    NOBODY = "nobody", "Không ký, hệ thống lập"
