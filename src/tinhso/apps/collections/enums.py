"""Vocabularies of collection lists."""

from django.db import models


class BodyKind(models.TextChoices):
    """Who collects (đơn vị thu)."""

    SCHOOL = "school", "Trường học"
    HOSPITAL = "hospital", "Cơ sở khám bệnh, chữa bệnh"
    OTHER = "other", "Đơn vị khác"


class ListStatus(models.TextChoices):
    """How far a list is (tình trạng đợt thu)."""

    DRAFT = "draft", "Đang lập"
    OPENING = "opening", "Đang mở thu"
    OPEN = "open", "Đang thu"
    CLOSING = "closing", "Đang khóa"
    CLOSED = "closed", "Đã khóa"


class LineStatus(models.TextChoices):
    """Where one line stands (tình trạng dòng thu)."""

    DRAFT = "draft", "Chưa mở thu"
    DUE = "due", "Chờ nộp"
    PARTLY_PAID = "partly_paid", "Đã nộp một phần"
    PAID = "paid", "Đã nộp đủ"
    EXEMPT = "exempt", "Được miễn"
    CANCELLED = "cancelled", "Không thu nữa"
    RETURNED = "returned", "Đã hoàn trả"
