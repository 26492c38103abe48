"""Vocabularies of receipts."""

from django.db import models


class ReceiptStatus(models.TextChoices):
    """How far a receipt is (tình trạng biên lai)."""

    DRAFT = "draft", "Đang lập"
    ISSUED = "issued", "Đã lập"
    REPLACED = "replaced", "Đã bị thay thế"
    CANCELLED = "cancelled", "Đã hủy"


class EndingKind(models.TextChoices):
    """What is to become of an issued receipt (hình thức xử lý biên lai sai)."""

    CANCEL = "cancel", "Hủy biên lai"
    REPLACE = "replace", "Thay bằng biên lai mới"


class EndingReason(models.TextChoices):
    """Why an issued receipt is cancelled or replaced (lý do xử lý)."""

    WRONG_PAYER = "wrong_payer", "Sai thông tin người nộp"
    WRONG_ITEM = "wrong_item", "Sai tên khoản thu"
    ISSUED_TWICE = "issued_twice", "Lập trùng cho một khoản thu"
    REFUNDED = "refunded", "Đã hoàn trả phí, lệ phí"
    OTHER = "other", "Lý do khác"


class EndingStatus(models.TextChoices):
    """How far a proposal is (tình trạng đề nghị)."""

    PROPOSED = "proposed", "Chờ duyệt"
    APPROVED = "approved", "Đã duyệt"
    REFUSED = "refused", "Không duyệt"
